// What "Run Study…" offers, what may be typed, and the line of progress.
import { expect, test } from 'vitest';
import {
  type Arm,
  nameOf,
  planLine,
  seedsOf,
  studyArguments,
  studyLine,
  studyRows,
} from '../../src/extension/studyRows.ts';
import type { JobEvent } from '../../src/protocol/events.ts';
import type { StudyChoices } from '../../src/protocol/studies.ts';

const of = { experiment: 'quick', compare: ['coTraining' as const], seeds: [1, 2] };
const choices: StudyChoices = {
  written: [
    { name: 'fresh', ...of },
    { name: 'half', ...of },
    { name: 'whole', ...of, seeds: [7] },
  ],
  begun: [
    { name: 'half', ...of, finished: 3, runs: 6 },
    { name: 'odd $(x)', ...of, finished: 0, runs: 6 },
    { name: 'whole', ...of, seeds: [7], finished: 3, runs: 3 },
  ],
  experiments: ['quick'],
  comparisons: [{ name: 'coTraining', title: 'Co-trained against each dataset alone' }],
  usual: { compare: ['coTraining'], seeds: [1, 2, 3] },
};

test('what was begun first, what is finished opens, and a new one last', () => {
  const rows = studyRows(choices, (name) => name === 'odd $(x)');
  expect(rows.map(({ group, label, detail, pick }) => [group, label, detail, pick])).toEqual([
    ['Begun and not finished', 'half', '3 of 6 runs finished: goes on with the rest', { does: 'goOn', name: 'half' }],
    [
      'Begun and not finished',
      'odd $\u2060(x)', // no icon
      '0 of 6 runs finished, running now',
      { does: 'open', name: 'odd $(x)' },
    ],
    ['Of cover.json', 'fresh', undefined, { does: 'start', name: 'fresh' }],
    ['Of cover.json', 'whole', 'finished: opens its tables', { does: 'open', name: 'whole' }],
    ['Another', 'New comparison…', undefined, { does: 'new' }],
  ]);
  expect(rows.map(({ description }) => description)).toEqual([
    ...Array(3).fill('quick: coTraining · seeds 1, 2'),
    'quick: coTraining · seed 7',
    '',
  ]);
});

test.each([
  ['1, 2;3 4', [1, 2, 3, 4]],
  [' 7 ', [7]],
  ['1,1,2', [1, 2]],
  ['', 'At least one seed is needed, for example 1.'],
  ['1, -2', '"-2" is no whole number from 0 on.'],
  ['1.5', '"1.5" is no whole number from 0 on.'],
  ['99999999999999999999', '"99999999999999999999" is no whole number from 0 on.'],
])('seeds typed as %j', (typed, expected) => {
  expect(seedsOf(typed)).toEqual(expected);
});

test.each([
  [[], 'coTraining-images'],
  [['CoTraining-images'], 'coTraining-images-2'],
  [['coTraining-images', 'coTraining-images-2'], 'coTraining-images-3'],
])('a new comparison beside %j', (taken, expected) => {
  const begun = taken.map((name) => ({ name, ...of, finished: 0, runs: 1 }));
  expect(nameOf(['coTraining', 'images'], { written: [], begun })).toBe(expected);
});

test('how many runs it comes to', () => {
  expect([
    planLine({ finished: 0, runs: 1 }),
    planLine({ finished: 0, runs: 9 }),
    planLine({ finished: 5, runs: 9 }),
  ]).toEqual(['1 run to train', '9 runs to train', '4 of 9 runs left to train']);
});

const arm = (number: number, eta: number | null, later: number | null = null): Arm => ({
  event: 'arm',
  title: 'moves alone',
  seed: 2,
  number,
  of: 3,
  resumed: false,
  eta,
  later,
});
const step: JobEvent = {
  event: 'step',
  stage: 'coTraining',
  step: 5,
  steps: 20,
  epoch: 1,
  loss: 1,
  heads: {},
  learningRate: 0.1,
  clipsPerSecond: 1,
  waiting: 0,
  eta: 30,
  drawn: {},
};
const index: JobEvent = { event: 'progress', task: 'index', done: 1, total: 4, rate: 1, eta: null };

test.each([
  [undefined, index, 0, 'Indexing: 1 of 4'],
  [arm(1, null), arm(1, null), 0, 'Run 1 of 3: moves alone, seed 2'],
  [arm(1, null), step, 9, 'Run 1 of 3: moves alone, seed 2 · step 5 of 20 · 1.0 clips/s · 30 s left of this run'],
  [arm(3, null, 0), step, 9, 'Run 3 of 3: moves alone, seed 2 · step 5 of 20 · 1.0 clips/s · 30 s left'],
  [arm(2, 80, 40), step, 20, 'Run 2 of 3: moves alone, seed 2 · step 5 of 20 · 1.0 clips/s · 70 s left'],
  [arm(2, 80, 40), index, 200, 'Run 2 of 3: moves alone, seed 2 · Indexing: 1 of 4 · 1 s left'],
  [arm(2, 80, 40), { event: 'done', run: 'r', heads: {}, protocol: '', seconds: 1 } as const, 20, undefined],
])('progress %#', (newest, event, seconds, expected) => {
  expect(studyLine(newest, event, seconds)).toBe(expected);
});

test('the same in a terminal', () => {
  expect(studyArguments('half', undefined)).toEqual(['study', 'half']);
  const study = { compare: ['coTraining' as const, 'images' as const], experiment: 'quick', seeds: [1, 2] };
  expect(studyArguments('new', study).join(' ')).toBe(
    'study new --compare coTraining,images --experiment quick --seeds 1,2',
  );
});
