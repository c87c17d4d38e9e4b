// Two runs on the same samples: by id and not by place, with signs, and with warnings where figures cannot be compared.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { points } from '../../src/base/format.ts';
import { compareCommand } from '../../src/cli/compareCommand.ts';
import type { Context } from '../../src/cli/context.ts';
import { compareHeads, differingSamples } from '../../src/evaluation/compareHeads.ts';
import { type ComparedSide, compareRecords } from '../../src/evaluation/compareRecords.ts';
import { compareRuns } from '../../src/evaluation/compareRuns.ts';
import { importPredictions } from '../../src/evaluation/importPredictions.ts';
import { unpackCells } from '../../src/protocol/matrixCells.ts';

/** "id truth predicted" by class names. */
function sideOf(classes: string, ...records: string[]): ComparedSide {
  const names = classes.split(' ');
  const judged = records.map((record) => {
    const [sample, truth, predicted] = record.split(' ') as [string, string, string];
    return {
      sample,
      truth: names.indexOf(truth),
      ranked: [names.indexOf(predicted)],
      confidence: null,
      truthProbability: null,
    };
  });
  return { records: { judged, missing: [] }, classes: names };
}

describe('records', () => {
  const first = sideOf('a b c', '1 a a', '2 b b', '3 c a', '4 a a', '5 b b');
  it.each<[string, ComparedSide, object]>([
    [
      'the same',
      first,
      { common: 5, difference: 0, interval: [0, 0], rightInFirst: 0, rightInSecond: 0, p: 1, relabelled: 0 },
    ],
    [
      'in another order, of samples and classes',
      sideOf('c a b', '5 b b', '4 a a', '3 c a', '2 b b', '1 a a'),
      { common: 5, difference: 0, relabelled: 0 },
    ],
    [
      'worse',
      sideOf('a b c', '1 a b', '2 b a', '3 c a', '4 a a', '5 b b'),
      { difference: -2 / 5, rightInFirst: 2, rightInSecond: 0, p: 0.5 },
    ],
    [
      'better on one, worse on one',
      sideOf('a b c', '1 a b', '2 b b', '3 c c', '4 a a', '5 b b'),
      { difference: 0, rightInFirst: 1, rightInSecond: 1, p: 1 },
    ],
    [
      'on other samples too',
      sideOf('a b c', '1 a a', '3 c c', '9 a b'),
      { common: 2, onlyInFirst: 3, onlyInSecond: 1, firstTop1: 0.5, secondTop1: 1, difference: 0.5 },
    ],
    [
      'on none of them',
      sideOf('a b c', '8 a a'),
      { common: 0, difference: null, interval: null, firstTop1: null, p: 1 },
    ],
    ['of other labels', sideOf('a b c', '1 b b', '2 b b'), { common: 2, relabelled: 1, difference: 0 }],
  ])('%s', (_, second, expected) => expect(compareRecords(first, second)).toMatchObject(expected));
});

it.each<[number | null, number | null, string]>([
  [0.712, 0.7, '+1.2'],
  [0.7, 0.712, '−1.2'],
  [0.7, 0.7001, '±0.0'],
  [null, 0.7, '–'],
])('%s against %s is %s points', (share, other, expected) => expect(points(share, other)).toBe(expected));

describe('runs', () => {
  let root: string;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "cover's compare-"));
    const add = async (folder: string, protocol: string, ...lines: string[]) => {
      const file = join(root, `${folder}.csv`);
      writeFileSync(file, ['sample,label,predicted', ...lines].join('\n'));
      // One name for the head, as of one dataset.
      await importPredictions({ workspace: root, file, protocol, name: 'moves', onEvent: () => undefined });
    };
    await add('one', '1 clip', '1,a,a', '2,b,b', '3,c,a', '4,a,a');
    await add('two', '3 clips', '4,a,a', '3,c,a', '2,b,a', '1,a,b', '7,c,c');
    await add('more', '1 clip', '1,a,d', '2,b,b', '3,d,d');
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('are set side by side, with what is not the same', async () => {
    const { heads, means } = await compareRuns(root, ['moves-1', 'moves-2']);
    expect(heads).toHaveLength(1);
    expect(heads[0]).toMatchObject({
      head: 'moves',
      runs: [
        { run: 'moves-1', protocol: '1 clip', samples: 4, top1: 3 / 4 },
        { run: 'moves-2', protocol: '3 clips', samples: 5, top1: 2 / 5 },
      ],
      differences: [{ first: 'moves-1', second: 'moves-2', common: 4, difference: -2 / 4 }],
      warnings: [
        expect.stringContaining('protocols of moves-1 and moves-2 differ: "1 clip" and "3 clips"'),
        expect.stringContaining('4 samples in both, 0 only in moves-1, 1 only in moves-2'),
      ],
    });
    expect(means).toEqual([
      { run: 'moves-1', top1: 3 / 4 },
      { run: 'moves-2', top1: 2 / 5 },
    ]);
  });

  const atBoth = {
    'a a': ['1 left true a', '4 stayed true a'],
    'a b': ['1 came true a'],
    'b a': ['2 came true b'],
    'b b': ['2 left true b'],
    'c a': ['3 stayed false a'],
  };
  const withAnotherClass = {
    'a a': ['1 came false d'],
    'a (another class)': ['1 left false d'],
    'b b': ['2 stayed true b'],
    'c a': ['3 came true d'],
    '(another class) (another class)': ['3 left true d'],
  };
  it.each([
    ['moves-2', 'moves-1', 4, atBoth],
    ['moves-1', 'moves-3', 3, withAnotherClass],
  ])(
    'a cell lists the samples of both, %s less %s: what came less what left is the difference',
    async (run, other, all, listed) => {
      const pair = { workspace: root, run, other, head: 'moves' };
      const { classes, cells, otherCells } = await compareHeads(pair);
      const n = classes.length;
      const [after, before] = [unpackCells(cells!, n), unpackCells(otherCells!, n)];
      const told: Record<string, string[]> = {};
      for (let truth = 0; truth < n; truth++)
        for (let predicted = 0; predicted < n; predicted++) {
          const found = await differingSamples(pair, { truth, predicted, offset: 0, limit: 9 });
          const at = truth * n + predicted;
          expect(found.came - found.left).toBe(after[at]! - before[at]!);
          expect([found.came + found.stayed, found.left + found.stayed]).toEqual([after[at], before[at]]);
          expect(found.samples).toHaveLength(found.came + found.left + found.stayed);
          if (found.samples.length > 0)
            told[`${classes[truth]} ${classes[predicted]}`] = found.samples.map(
              ({ sample, change, wasRight, other }) =>
                `${sample.id.split('/').at(-1)} ${change} ${wasRight} ${other.label}`,
            );
        }
      expect(told).toEqual(listed);
      const every = { truth: undefined, predicted: [...classes.keys()], offset: 1, limit: 2 };
      expect(await differingSamples(pair, every)).toMatchObject({ came: 0, left: 0, stayed: all, samples: [{}, {}] });
    },
  );

  it('as a person sees them: protocol beside the accuracy, the sign, the warnings', async () => {
    const [results, notes]: [string[], string[]] = [[], []];
    const output = {
      event: () => {},
      result: (text: string) => void results.push(text),
      note: (text: string) => void notes.push(text),
      settle: () => {},
    };
    const context: Context = {
      workspace: root,
      device: undefined,
      ffmpeg: undefined,
      output,
      colour: false,
      signal: new AbortController().signal,
    };
    expect(await compareCommand(context, ['moves-1', 'moves-2'])).toBe(0);
    const text = results.join('\n');
    expect(text).toMatch(/moves-1 +test, 1 clip +75\.0 %/);
    expect(text).toMatch(/moves-2 − moves-1 on 4 common samples: −50\.0 \(95 %: −100\.0 … ±0\.0\)/);
    expect(notes).toHaveLength(2);
    await expect(compareCommand(context, ['moves-1'])).rejects.toMatchObject({ code: 'usage' });
    await expect(compareCommand(context, ['moves-1', 'none-1'])).rejects.toMatchObject({ code: 'no-run' });
  });
});
