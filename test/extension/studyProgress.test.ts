// How a study's runs are told to whoever follows trainings: each begins, and has come to rest before the next or with the study.
import { expect, test } from 'vitest';
import { CancelledError } from '../../src/base/errors.ts';
import { StudyProgress } from '../../src/extension/studyProgress.ts';
import type { JobEvent } from '../../src/protocol/events.ts';

const arm = (number: number): JobEvent => ({
  event: 'arm',
  title: 'a',
  seed: 1,
  number,
  of: 2,
  resumed: false,
  eta: null,
  later: number === 2 ? 40 : null,
});
const started = (run: string): JobEvent => ({
  event: 'started',
  run: `/w/.cover/runs/${run}`,
  device: 'cpu',
  parameters: 1,
  stages: [],
  heads: {},
});
const done: JobEvent = { event: 'done', run: 'r', heads: {}, protocol: '', seconds: 1 };

test.each([
  ['done', undefined, [arm(1), started('s-1'), done], [{ state: 'done', run: 's-1', heads: {} }]],
  ['stopped', new CancelledError(), [arm(1), started('s-1')], [{ state: 'cancelled', run: 's-1' }]],
  ['failed', new Error('no disk'), [arm(1), started('s-1')], [{ state: 'failed', run: 's-1', message: 'no disk' }]],
  ['stopped before its first run', new CancelledError(), [arm(1)], []],
  [
    'stopped in its second run',
    new CancelledError(),
    [arm(1), started('s-1'), done, arm(2), started('s-2')],
    [
      { state: 'done', run: 's-1', heads: {} },
      { state: 'cancelled', run: 's-2' },
    ],
  ],
])('one that is %s', (_, error, events, expected) => {
  const begun: string[] = [];
  const stopping: string[] = [];
  const ended: object[] = [];
  const progress = new StudyProgress('/w', 's', {
    beginOfStudy: (_workspace, run, place) => {
      begun.push(run);
      expect(place).toEqual({ study: 's', number: begun.length, of: 2, later: begun.length === 2 ? 40 : null });
    },
    stopsOfStudy: (run) => void stopping.push(run),
    endOfStudy: (outcome) => void ended.push(outcome),
  });
  for (const event of events) progress.hear(event);
  if (error) progress.stopping();
  progress.ended(error);
  expect(stopping).toEqual(error && begun.length > 0 ? [begun.at(-1)] : []);
  expect(ended).toEqual(expected);
  expect(begun).toEqual(expected.map(({ run }) => run));
});
