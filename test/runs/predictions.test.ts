import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withDatabase } from '../../src/data/duckdb.ts';
import { type ParquetType, queryParquet, writeParquet } from '../../src/data/parquet.ts';
import type { Sample } from '../../src/protocol/datasets.ts';
import type { PredictionRecord } from '../../src/runs/predictionsFile.ts';
import { createRun, type RunFolder } from '../../src/runs/runFolder.ts';
import { sampleColumns } from '../../src/runs/samplesFile.ts';

let root: string;
let run: RunFolder;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "cover's predictions-"));
  run = await createRun(root, 'quick', {});
  await run.setState({ state: 'done' });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const classes = { moves: ['a', 'b, "c"', 'd', 'e', 'f', 'g'], Moves: ['x', 'y'] };

function sample(id: string, dataset: string, label: string): Sample {
  return {
    id: `${dataset}/${id}`,
    dataset,
    split: 'val',
    label,
    file: `/data/${id}.mp4`,
    kind: 'video',
    start: null,
    end: id === 'c' ? 2.5 : null,
  };
}
function judged(id: string, truth: number, top: number[], other: number[]): PredictionRecord {
  const probabilities = top.map((_, index) => 2 ** -(index + 1));
  return {
    sample: sample(id, 'moves', classes.moves[truth]!),
    truth,
    truthProbability: 0.125,
    heads: { Moves: { top: other, probabilities: [0.75, 0.25] }, moves: { top, probabilities } },
  };
}
const records: PredictionRecord[] = [
  judged('d', 1, [0, 1, 2, 3, 4, 5], [1, 0]),
  judged('c', 1, [0, 2, 1, 3, 4, 5], [0, 1]),
  judged('a', 0, [0, 1, 2, 3, 4, 5], [0, 1]),
  judged('b', 1, [0, 5, 4, 3, 2, 1], [1, 0]),
  { sample: sample('lost', 'moves', 'a'), truth: 0, missing: 'The file "lost.mp4" could not be read.' },
  {
    sample: sample('p', 'Moves', 'y'),
    truth: 1,
    truthProbability: 0.25,
    heads: { moves: { top: [3], probabilities: [1] }, Moves: { top: [0, 1], probabilities: [0.75, 0.25] } },
  },
];

describe('predictions', () => {
  beforeAll(() => run.writePredictions(records, classes));

  it('of one head on its own dataset, in the order written, with what is missing', async () => {
    const { judged, missing } = await run.readPredictions('moves');
    expect(judged.map(({ sample, truth, ranked }) => [sample, truth, ranked])).toEqual([
      ['moves/d', 1, [0, 1, 2, 3, 4]],
      ['moves/c', 1, [0, 2, 1, 3, 4]],
      ['moves/a', 0, [0, 1, 2, 3, 4]],
      ['moves/b', 1, [0, 5, 4, 3, 2]],
    ]);
    expect(judged[0]?.truthProbability).toBe(0.125);
    expect(missing).toEqual([
      { sample: 'moves/lost', file: '/data/lost.mp4', reason: 'The file "lost.mp4" could not be read.' },
    ]);
    // Names that differ only in case are two heads.
    expect((await run.readPredictions('Moves')).judged).toMatchObject([{ sample: 'Moves/p', ranked: [0, 1] }]);
    expect(await run.readPredictions('nothing')).toEqual({ judged: [], missing: [] });
  });

  it.each([
    ['a cell', 1, 0, 0, 10, ['moves/b', 'moves/c', 'moves/d']],
    ['its first page', 1, 0, 0, 2, ['moves/b', 'moves/c']],
    ['its second page', 1, 0, 2, 2, ['moves/d']],
    ['past its end', 1, 0, 4, 2, []],
    ['the diagonal, without the missing', 0, 0, 0, 10, ['moves/a']],
    ['an empty cell', 0, 1, 0, 10, []],
  ])('the samples of %s', async (_, truth, predicted, offset, limit, expected) => {
    const samples = await run.cellPredictions('moves', truth, predicted, offset, limit);
    expect(samples.map(({ sample }) => sample.id)).toEqual(expected);
  });

  it('a sample of a cell has what every head says, by name', async () => {
    const [, found] = await run.cellPredictions('moves', 1, 0, 0, 2);
    expect(found).toEqual({
      sample: sample('c', 'moves', 'b, "c"'),
      predicted: 'a',
      probability: 0.5,
      heads: {
        moves: [
          { label: 'a', probability: 0.5 },
          { label: 'd', probability: 0.25 },
          { label: 'b, "c"', probability: 0.125 },
          { label: 'e', probability: 0.0625 },
          { label: 'f', probability: 0.03125 },
        ],
        Moves: [
          { label: 'x', probability: 0.75 },
          { label: 'y', probability: 0.25 },
        ],
      },
    });
  });

  it('can be asked with plain SQL', async () => {
    const rows = await queryParquet(
      run.file('predictions.parquet'),
      'SELECT head, count(*) AS n FROM data WHERE own GROUP BY head ORDER BY head',
    );
    expect(rows).toEqual([
      { head: 'Moves', n: 1 },
      { head: 'moves', n: 5 },
    ]);
  });

  it('a class that the head does not have is a defect, and the file stays', async () => {
    await expect(run.writePredictions([judged('z', 0, [6], [0])], classes)).rejects.toThrow(/no class 6/);
    expect((await run.readPredictions('moves')).judged).toHaveLength(4);
  });
});

it('probabilities of all classes come back where they were kept, and of older files nothing is missing', async () => {
  const all = Float32Array.from([0.5, 0.25, 0.125, 0.0625, 0.03125, 0.03125]);
  const kept = { ...judged('k', 1, [0, 1, 2, 3, 4, 5], [0, 1]), probabilities: all.subarray(0, 6) };
  const unknown: PredictionRecord = {
    sample: sample('u', 'moves', 'a'),
    truth: 0,
    truthProbability: null,
    heads: { moves: { top: [2], probabilities: [] } },
  };
  await run.writePredictions([kept, records[1]!, unknown], classes);
  const { judged: found } = await run.readPredictions('moves');
  expect(found).toEqual([
    {
      sample: 'moves/k',
      truth: 1,
      ranked: [0, 1, 2, 3, 4],
      confidence: 0.5,
      truthProbability: 0.125,
      probabilities: all,
    },
    { sample: 'moves/c', truth: 1, ranked: [0, 2, 1, 3, 4], confidence: 0.5, truthProbability: 0.125 },
    { sample: 'moves/u', truth: 0, ranked: [2], confidence: null, truthProbability: null },
  ]);
  const rows = await queryParquet(run.file('predictions.parquet'), 'SELECT * EXCLUDE (all_probabilities) FROM data');
  const column = (name: string) => rows.map((row) => row[name] as string | number | boolean | null | number[]);
  const types: Record<string, ParquetType> = {
    ...{ sample: 'VARCHAR', file: 'VARCHAR', head: 'VARCHAR', own: 'BOOLEAN', truth: 'INTEGER', top: 'INTEGER[]' },
    ...{ probabilities: 'FLOAT[]', truth_probability: 'FLOAT', missing: 'VARCHAR' },
  };
  const old = await createRun(root, 'old', {});
  await writeParquet(
    old.file('predictions.parquet'),
    Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type, values: column(name) }])),
  );
  expect((await old.readPredictions('moves')).judged).toEqual(found.map(({ probabilities: _, ...record }) => record));
});

describe('samples that are folders of frames', () => {
  const frames = { pattern: '%05d.jpg', first: 1, count: 37, rate: 25 };
  const folder = { ...sample('20', 'moves', 'a'), file: '/data/20', frames };
  const heads = { moves: { top: [0], probabilities: [1] }, Moves: { top: [1], probabilities: [1] } };
  const records: PredictionRecord[] = [
    { sample: folder, truth: 0, truthProbability: 1, heads },
    { sample: sample('a', 'moves', 'a'), truth: 0, truthProbability: 1, heads },
  ];
  const both = [folder, sample('a', 'moves', 'a')];

  async function judgedOf(other: RunFolder) {
    const page = await other.cellPredictions('moves', 0, 0, 0, 9);
    const byId = await other.samplePredictions(both.map(({ id }) => id));
    expect(byId).toEqual(page);
    return page.map(({ sample }) => sample);
  }

  it('come back with their frames', async () => {
    const other = await createRun(root, 'frames', {});
    await other.writePredictions(records, classes);
    expect(await judgedOf(other)).toEqual(both);
  });

  it.each([
    ['the samples of the run tell them', both, both],
    ['a run without samples has none', undefined, [{ ...folder, frames: undefined }, both[1]]],
    ['samples that cannot be read tell none', 'text', [{ ...folder, frames: undefined }, both[1]]],
  ])('of a file from before frames were kept in it: %s', async (_, stored, expected) => {
    const other = await createRun(root, 'frames-old', {});
    await other.writePredictions(records, classes);
    const file = other.file('predictions.parquet');
    await withDatabase(':memory:', 'write', (database) =>
      database.run(`COPY (SELECT * EXCLUDE (frames) FROM read_parquet($file)) TO $file (FORMAT parquet)`, { file }),
    );
    if (typeof stored === 'string') writeFileSync(other.file('samples.parquet'), stored);
    else if (stored) await other.writeSamples(stored);
    expect(await judgedOf(other)).toEqual(expected);
  });
});

it('samples come back as they were', async () => {
  const frames = { pattern: 'img_%05d.jpg', first: 3, count: 40 };
  const samples = [sample('c', 'moves', 'b, "c"'), { ...sample('a', 'moves', 'a'), frames }];
  await run.writeSamples(samples);
  expect(await run.readSamples()).toEqual(samples);
  await run.writeSamples([]);
  expect(await run.readSamples()).toEqual([]);
});

it('samples of a run from before there were folders of frames come back, in their order', async () => {
  const samples = Array.from({ length: 5000 }, (_, i) => sample(`s${(i * 7919) % 5000}`, 'moves', 'a'));
  const { frames: _, ...columns } = sampleColumns(samples);
  await writeParquet(run.file('samples.parquet'), columns);
  expect(await run.readSamples()).toEqual(samples);
});

it.each([
  ['missing', 'no-report', undefined],
  ['no Parquet', 'file-unreadable', 'text'],
  ['of other columns', 'run-damaged', { a: { type: 'INTEGER' as const, values: [1] } }],
])('a predictions file that is %s is one clear sentence', async (_, code, content) => {
  const other = await createRun(root, 'damaged', {});
  await other.setState({ state: 'done' });
  const file = other.file('predictions.parquet');
  if (typeof content === 'string') writeFileSync(file, content);
  else if (content) await writeParquet(file, content);
  const about = code === 'no-report' ? other.folder : file;
  await expect(other.readPredictions('moves')).rejects.toMatchObject({ code, file: about });
  await expect(other.cellPredictions('moves', 0, 0, 0, 1)).rejects.toMatchObject({ code, file: about });
});
