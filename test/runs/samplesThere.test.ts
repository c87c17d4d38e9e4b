// Whether a run's samples are where they were, by the folders they lie in.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { requireThere } from '../../src/runs/samplesThere.ts';
import { tree } from '../data/tree.ts';

test.each([
  ['all that they were', ['there/train/a/0.png', 'there/train/ab/1.png'], undefined],
  ['some of which were removed', ['there/train/a/0.png', 'there/train/c/0.png'], undefined],
  ['in a folder that is gone', ['gone/train/a/0.png', 'gone/train/ab/1.png'], 'gone/train does not exist'],
  ['on a disk that is not mounted', ['mount/point/0.png', 'mount/point/1.png'], 'mount/point is an empty folder'],
  ['in several folders', ['one.png', 'gone/0.png'], undefined],
  ['none', [], undefined],
])('samples: %s', async (_, paths, why) => {
  const folder = tree({ 'there/train/a/0.png': '', 'there/train/ab/1.png': '', 'one.png': '' });
  mkdirSync(join(folder, 'mount', 'point'), { recursive: true });
  const samples = paths.map((path) => ({
    ...({ id: path, dataset: 'clips', split: 'train', label: 'a', kind: 'image', start: null, end: null } as const),
    file: join(folder, path),
  }));
  const asked = requireThere(samples);
  if (why === undefined) await expect(asked).resolves.toBeUndefined();
  else await expect(asked).rejects.toMatchObject({ code: 'dataset-away', message: expect.stringContaining(why) });
});
