import { expect, test } from 'vitest';
import type { LabelPlace } from '../../src/inline/mention.ts';
import { writtenLabel } from '../../src/inline/writeLabel.ts';

const place = (more: Partial<LabelPlace>): LabelPlace => ({
  line: 0,
  start: 0,
  end: 1,
  text: 'x',
  writing: 'csv',
  ...more,
});

test.each<[Partial<LabelPlace>, string, string, string | undefined]>([
  [{}, 'x', 'riding a bike', 'riding a bike'],
  [{}, '"x"', 'archery', '"archery"'],
  [{}, 'x', 'riding, fast', '"riding, fast"'],
  [{}, 'x', 'a "b"', '"a ""b"""'],
  [{ delimiter: ';' }, 'x', 'a, b', 'a, b'],
  [{ delimiter: ';' }, 'x', 'a; b', '"a; b"'],
  [{ delimiter: '\t' }, 'x', ' a', '" a"'],
  [{ writing: 'json' }, '"x"', 'a "b" \\ é', '"a \\"b\\" \\\\ é"'],
  [{ writing: 'word' }, 'x', 'riding a bike', 'riding a bike'],
  [{}, 'x', 'a\nb', undefined],
  [{ writing: 'json' }, 'x', 'a\nb', '"a\\nb"'],
])('%j %s → %s', (more, before, label, expected) => expect(writtenLabel(place(more), before, label)).toBe(expected));
