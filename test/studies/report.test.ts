// A study's tables from outcomes that were made up, and how they read.
import { expect, test } from 'vitest';
import { experimentSchema, studySchema } from '../../src/config/experiment.ts';
import { armKey } from '../../src/studies/plan.ts';
import { type Outcome, statistic, tablesOf } from '../../src/studies/statistics.ts';
import { markdownOf } from '../../src/studies/studyReport.ts';

const datasets = [
  { name: 'a', kind: 'video' },
  { name: 'b', kind: 'image' },
] as const;
const study = studySchema.parse({ compare: ['coTraining'], seeds: [1, 2] });
const outcome = (top1: Record<string, number | null>, drawn: Record<string, number>, steps: number): Outcome => ({
  run: 'run',
  heads: Object.fromEntries(
    Object.entries(top1).map(([head, share]) => [head, { top1: share, top5: 1, samples: 40, missing: 2, classes: 6 }]),
  ),
  stages: { coTraining: drawn },
  steps,
});
const outcomes = (bAlone: number | null) =>
  new Map([
    [armKey.coTrained(1), outcome({ a: 0.5, b: 0.9 }, { a: 1600, b: 800 }, 75)],
    [armKey.coTrained(2), outcome({ a: 0.7, b: 0.8 }, { a: 1608, b: 792 }, 75)],
    [armKey.alone('a', 1), outcome({ a: 0.4 }, { a: 1600 }, 50)],
    [armKey.alone('a', 2), outcome({ a: 0.4 }, { a: 1608 }, 51)],
    [armKey.alone('b', 1), outcome({ b: bAlone }, { b: 800 }, 25)],
    [armKey.alone('b', 2), outcome({ b: 0.95 }, { b: 792 }, 25)],
  ]);

test.each([
  [[3], 3, null],
  [[1, 2, 3, 4], 2.5, Math.sqrt(5 / 3)],
  [[0.2, 0.2], 0.2, 0],
])('%j: mean %d, deviation %d', (values, mean, deviation) => {
  expect(statistic(values)).toEqual({ mean, deviation, values });
});

test('differences are taken seed by seed, negative ones too', () => {
  const [table] = tablesOf(study, datasets, outcomes(0.95));
  const [a, b] = table!.rows;
  expect(a!.differences.alone!.values.map((value) => value.toFixed(2))).toEqual(['0.10', '0.30']);
  expect(b!.differences.alone!.mean).toBeCloseTo(-0.1, 10);
  expect(table!.mean.differences.alone!.mean).toBeCloseTo(0.05, 10);
});

const text = (bAlone: number | null) => {
  const runs = Object.fromEntries(
    [...outcomes(bAlone)].map(([key, { run, ...rest }]) => [
      key,
      { run, outcome: { ...rest, protocol: '1 clip | 1 crop', device: 'cpu', seconds: 30 } },
    ]),
  );
  const experiment = { name: 'cover', config: experimentSchema.parse({}) };
  const stored = { version: 1 as const, name: 'mine', study, experiment, datasets: [...datasets], runs };
  return markdownOf(stored, tablesOf(study, datasets, outcomes(bAlone)));
};

test('reads with deviations, signs, samples seen, steps and what is missing', () => {
  const lines = text(0.95).split('\n');
  expect(lines).toContain('Protocol: 1 clip \\| 1 crop.');
  expect(lines).toContain('| a | 60.0 ± 14.1 | 40.0 ± 0.0 | +20.0 ± 14.1 | 40 | 2 | 1,600–1,608 each | 75 / 50–51 |');
  expect(lines).toContain('| b | 85.0 ± 7.1 | 95.0 ± 0.0 | −10.0 ± 7.1 | 40 | 2 | 792–800 each | 75 / 25 |');
  expect(lines).toContain('| mean | 72.5 ± 3.5 | 67.5 ± 0.0 | +5.0 ± 3.5 |  |  |  |  |');
});

test('a transfer table has a mean over the pairs there are, and what sources were trained on', () => {
  const transfer = studySchema.parse({ compare: ['transfer'], seeds: [1] });
  const tuned = (top1: number, dataset: string) => outcome({ [dataset]: top1 }, { [dataset]: 100 }, 7);
  const made = new Map<string, Outcome>([[armKey.coTrained(1), outcome({ a: 0.5, b: 0.9 }, { a: 1600, b: 800 }, 75)]]);
  for (const [target, other, drawn] of [
    ['a', 'b', 800],
    ['b', 'a', 1600],
  ] as const) {
    const [without, alone] = [armKey.sourceWithout(target, 1), armKey.alone(other, 1)];
    made.set(without, outcome({}, { [other]: drawn }, 9)).set(alone, outcome({}, { [other]: drawn }, 9));
    made.set(armKey.fineTuned(target, null, 1), tuned(0.2, target));
    made.set(armKey.fineTuned(target, alone, 1), tuned(0.3, target));
    made.set(armKey.fineTuned(target, without, 1), tuned(0.6, target));
  }
  const [table] = tablesOf(transfer, datasets, made);
  expect(table!.over).toEqual({ scratch: 2, 'a alone': 1, 'b alone': 1 });
  expect(table!.mean.differences['a alone']!.mean).toBeCloseTo(0.3, 10);
  expect(table!.mean.arms['a alone']).toBeNull();
  expect(table!.rows[0]!.sources).toEqual({ 'co-trained': [800], scratch: [0], 'b alone': [800] });
});

test('what could not be judged is no number', () => {
  const lines = text(null).split('\n');
  expect(lines.find((line) => line.startsWith('| b |'))).toContain('| 85.0 ± 7.1 | – | – | 40 |');
  expect(lines.find((line) => line.startsWith('| mean |'))).toContain('| 72.5 ± 3.5 | – | +20.0 ± 14.1 (of 1) |');
});
