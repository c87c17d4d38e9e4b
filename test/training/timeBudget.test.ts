// A stage given in minutes: what fits is measured, frozen with the run, and the same when it is resumed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CancelledError } from '../../src/base/errors.ts';
import { type ResolvedStage, resolvedExperimentSchema } from '../../src/config/resolved.ts';
import { stepsOf } from '../../src/config/stages.ts';
import type { JobEvent } from '../../src/protocol/events.ts';
import { openRun } from '../../src/runs/runFolder.ts';
import { stepsWithin } from '../../src/training/timeBudget.ts';
import { train } from '../../src/training/train.ts';
import { writeKillableWorkspace } from './killing.ts';

let workspace: string;
beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'cover-minutes-'));
  await writeKillableWorkspace(workspace);
  const file = join(workspace, 'cover.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  const { model } = config.experiments.killed;
  const coTraining = { minutes: 0.02, batchSize: 4 };
  config.experiments = { timed: { model, imagePretraining: { epochs: 1, batchSize: 6 }, coTraining } };
  writeFileSync(file, JSON.stringify(config));
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

test.each([
  // minutes, seconds a step and of judging an epoch, steps an epoch; steps that fit
  [1, 1, 0, 10, 60],
  [1, 1, 10, 10, 30],
  [0.5, 0.7, 0, 3, 42],
  [0.001, 5, 5, 1, 1],
  // A part of an epoch is judged in full.
  [60, 1, 1800, 100_000, 1800],
  [60, 1, 1800, 3000, 1800],
  [60, 1, 1200, 1000, 1200],
  [60, 1, 300, 1000, 2700],
  [60, 1, 3600, 36_000, 1],
  [60, 1, 7200, 36_000, 1],
])(
  '%d minutes with %d s a step and %d s an epoch of %d steps: %d steps',
  (minutes, secondsPerStep, secondsPerEpoch, stepsPerEpoch, steps) => {
    const stage = { minutes, stepsPerEpoch } as ResolvedStage;
    expect(stepsWithin({ stage, secondsPerStep, secondsPerEpoch })).toBe(steps);
  },
);

test('a stage in which not even one step fits with its judging makes that step, and says so', async () => {
  const told: string[] = [];
  const onEvent = (event: JobEvent) => {
    if (event.event === 'problem') told.push(event.problem.message);
  };
  const file = join(workspace, 'cover.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  const { model } = config.experiments.timed;
  const short = { model, datasets: ['colours'], coTraining: { minutes: 1e-6, batchSize: 4 } };
  writeFileSync(file, JSON.stringify({ ...config, experiments: { ...config.experiments, short } }));
  await train({ workspace, choice: { experiment: 'short' }, onEvent });
  expect(told).toContainEqual(expect.stringMatching(/^coTraining has .* one step and the judging after it take about/));
  const { stages } = await (await openRun(workspace, 'short-1')).readExperiment(resolvedExperimentSchema);
  expect(stages.map(stepsOf)).toEqual([1]);
}, 60_000);

test('its steps are measured, frozen, and kept by a resumed run', async () => {
  const stop = new AbortController();
  const events: JobEvent[] = [];
  const onEvent = (event: JobEvent) => {
    events.push(event);
    if (event.event === 'epoch' && event.stage === 'coTraining') stop.abort();
  };
  await expect(train({ workspace, choice: {}, signal: stop.signal, onEvent })).rejects.toThrow(CancelledError);
  const frozen = await (await openRun(workspace, 'timed-1')).readExperiment(resolvedExperimentSchema);
  const [first, timed] = frozen.stages as [ResolvedStage, ResolvedStage];
  expect(first.minutes).toBeUndefined();
  expect(timed.minutes).toBe(0.02);
  // Tens of milliseconds are a lot for a step of this model: more than one fits in more than a second.
  expect(stepsOf(timed)).toBeGreaterThan(1);
  expect(timed.samples).toBe(stepsOf(timed) * timed.batchSize);
  expect(timed.epochs).toBe(Math.ceil(stepsOf(timed) / timed.stepsPerEpoch));
  expect(events.filter((event) => event.event === 'progress' && event.task === 'measure').length).toBeGreaterThan(0);
  expect(events.filter((event) => event.event === 'problem').map(({ problem }) => problem.message)).not.toContainEqual(
    expect.stringContaining('one step and the judging'),
  );
  const resumed: JobEvent[] = [];
  await train({ workspace, resume: 'timed-1', choice: {}, signal: undefined, onEvent: (event) => resumed.push(event) });
  const planned = [events, resumed].map((told) => told.find((event) => event.event === 'started')?.stages);
  expect(planned[1]).toEqual(planned[0]);
  const last = resumed.findLast((event) => event.event === 'step');
  expect(last?.step).toBe(stepsOf(first) + stepsOf(timed));
}, 60_000);
