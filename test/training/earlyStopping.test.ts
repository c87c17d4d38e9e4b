// A stage that learns no more ends, and the run's weights are then those of its best epoch, wherever they are taken from.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CancelledError } from '../../src/base/errors.ts';
import { resolvedExperimentSchema } from '../../src/config/resolved.ts';
import type { JobEvent } from '../../src/protocol/events.ts';
import { openRun } from '../../src/runs/runFolder.ts';
import { accuracyOf, verdictOn } from '../../src/training/earlyStopping.ts';
import { train } from '../../src/training/train.ts';
import { readSafetensors } from '../../src/weights/safetensors.ts';
import { results, writeKillableWorkspace } from './killing.ts';

const table: [string, (number | null)[], { patience: number; minimumGain: number }, (number | undefined)[]][] = [
  // accuracies of steps 1, 2, …; settings; best step, epochs waited, 1 where it stops
  ['nothing judged yet', [], { patience: 1, minimumGain: 0 }, [undefined, 0, 0]],
  ['growing', [0.1, 0.2, 0.3], { patience: 1, minimumGain: 0 }, [3, 0, 0]],
  ['equal is no gain', [0.5, 0.5], { patience: 2, minimumGain: 0 }, [1, 1, 0]],
  ['patience at its end', [0.5, 0.4, 0.5], { patience: 2, minimumGain: 0 }, [1, 2, 1]],
  ['a gain starts the waiting anew', [0.5, 0.4, 0.6, 0.5], { patience: 2, minimumGain: 0 }, [3, 1, 0]],
  ['too small a gain', [0.5, 0.505, 0.509], { patience: 2, minimumGain: 0.01 }, [1, 2, 1]],
  ['small gains add up', [0.5, 0.505, 0.511], { patience: 2, minimumGain: 0.01 }, [3, 0, 0]],
  ['an epoch that could not be judged', [0.5, null, null], { patience: 2, minimumGain: 0 }, [1, 2, 1]],
  ['zero is better than nothing', [0, 0], { patience: 5, minimumGain: 0 }, [1, 1, 0]],
  ['never judged', [null, null], { patience: 2, minimumGain: 0 }, [undefined, 2, 1]],
];
test.each(table)('%s', (_, accuracies, settings, [best, waited, stops]) => {
  const verdict = verdictOn(
    accuracies.map((accuracy, i) => ({ step: i + 1, accuracy })),
    settings,
  );
  expect([verdict.best?.step, verdict.waited, Number(verdict.stop)]).toEqual([best, waited, stops]);
});

test('the accuracy is the mean over the heads that could be judged', () => {
  const head = (top1: number | null) => ({ top1, top5: null, samples: 1, missing: 0, classes: 2 });
  expect(accuracyOf({ a: head(0.5), b: head(1), c: head(null) })).toBe(0.75);
  expect(accuracyOf({ a: head(null) })).toBe(null);
});

/** Of an experiment that learns slowly, so that its last epoch may be its best. */
const slowEpochs = 6;
let workspace: string;
beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'cover-early-'));
  await writeKillableWorkspace(workspace);
  const file = join(workspace, 'cover.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  const { model } = config.experiments.killed;
  const stage = { epochs: 40, batchSize: 8, earlyStopping: { patience: 2 }, optimizer: { learningRate: 0.003 } };
  const slow = {
    epochs: slowEpochs,
    batchSize: 3,
    warmUp: 0,
    schedule: { name: 'step', gamma: 1 },
    earlyStopping: { patience: 10 },
    optimizer: { learningRate: 5e-5 },
  };
  const after = { epochs: 1, batchSize: 8, datasets: ['moves'], optimizer: { learningRate: 1e-9 }, train: 'heads' };
  config.experiments = {
    early: { model, imagePretraining: false, coTraining: stage },
    probed: { model, imagePretraining: false, coTraining: stage, fineTuning: after },
    slow: { model, datasets: ['colours'], imagePretraining: false, coTraining: slow },
    blind: { model, datasets: ['moves'], imagePretraining: false, coTraining: stage },
  };
  config.datasets.moves.holdOut = 0.2;
  config.datasets.colours.holdOut = 0.5;
  writeFileSync(file, JSON.stringify(config));
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

test('a stage ends early with its best weights', async () => {
  const events: JobEvent[] = [];
  const { run } = await train({
    workspace,
    choice: { experiment: 'early' },
    signal: undefined,
    onEvent: (e) => events.push(e),
  });
  const epochs = events.filter((event) => event.event === 'epoch');
  const last = epochs.at(-1)!;
  expect(epochs.length).toBeLessThan(40);
  expect(last.ended).toMatch(/^No gain for 2 epochs: the stage ends with the weights of step \d+/);
  expect(epochs.slice(0, -1).every(({ ended }) => ended === undefined)).toBe(true);
  // What was drawn since the last report is told too, though the stage was not planned to end here.
  const told = events.filter((event) => event.event === 'step').at(-1)!;
  const { stages } = await (await openRun(workspace, run)).readExperiment(resolvedExperimentSchema);
  expect(told.step).toBe(last.step);
  expect(Object.values(told.drawn).reduce((sum, drawn) => sum + drawn, 0)).toBe(last.step * stages[0]!.batchSize);
  const best = epochs.find(({ step }) => step === last.best)!;
  expect(accuracyOf(best.heads)).toBe(Math.max(...epochs.map(({ heads }) => accuracyOf(heads)!)));
  // What the run is judged by, exports and hands on are that epoch's weights.
  const done = events.find((event) => event.event === 'done')!;
  expect(done.heads).toEqual(best.heads);
  expect(done.protocol).toMatch(/, best epoch chosen on these samples$/);
  const folder = await openRun(workspace, run);
  const kept = readSafetensors(folder.bestFile);
  expect(kept.metadata.step).toBe(String(best.step));
  const newest = readSafetensors(folder.checkpointFile((await folder.checkpoints()).at(-1)!));
  expect(newest.metadata.step).toBe(String(last.step));
  for (const [name, { data }] of kept.tensors) expect(newest.tensors.get(name)?.data).toEqual(data);
}, 60_000);

test('the stage after it starts from them, and its steps are counted on from where it ended', async () => {
  const events: JobEvent[] = [];
  await train({ workspace, choice: { experiment: 'probed' }, signal: undefined, onEvent: (e) => events.push(e) });
  const epochs = events.filter((event) => event.event === 'epoch');
  const first = epochs.filter(({ stage }) => stage === 'coTraining');
  const then = epochs.filter(({ stage }) => stage === 'fineTuning');
  const best = first.find(({ step }) => step === first.at(-1)!.best)!;
  const { stages } = await (await openRun(workspace, 'probed-1')).readExperiment(resolvedExperimentSchema);
  expect(then.map(({ step }) => step)).toEqual([first.at(-1)!.step + stages[1]!.stepsPerEpoch]);
  // Nothing was learnt at such a rate: it says what the best epoch said.
  expect(then[0]!.heads.moves).toEqual(best.heads.moves);
}, 60_000);

test('stopped before its last epoch is judged, it comes to the same as if it had not been', async () => {
  /** Trains the slow one, or the rest of it, stopping at a moment; what it told. */
  const trained = async (resume?: string, isMoment?: (event: JobEvent) => boolean): Promise<JobEvent[]> => {
    const [events, stop] = [[] as JobEvent[], new AbortController()];
    const onEvent = (event: JobEvent) => {
      events.push(event);
      if (isMoment?.(event)) stop.abort();
    };
    const choice = resume === undefined ? { experiment: 'slow' } : {};
    const training = train({ workspace, choice, resume, signal: stop.signal, onEvent });
    if (isMoment) await expect(training).rejects.toThrow(CancelledError);
    else await training;
    return events;
  };
  const clear = () => rmSync(join(workspace, '.cover'), { recursive: true, force: true });
  const epochs = (events: readonly JobEvent[]) => events.filter((event) => event.event === 'epoch');
  clear();
  const [last] = epochs(await trained()).slice(-1);
  expect(last!.epoch).toBe(slowEpochs);
  const whole = await results(workspace);
  clear();
  const before = await trained(undefined, (event) => event.event === 'step' && event.step === event.steps);
  expect(epochs(before)).toHaveLength(slowEpochs - 1);
  // Once more, when nothing is left to do but to judge it.
  const isDecoded = (event: JobEvent) =>
    event.event === 'progress' && event.task === 'decode' && event.done === event.total;
  expect(epochs(await trained('slow-1', isDecoded))).toEqual([]);
  const { heads, best } = last!;
  expect(epochs(await trained('slow-1'))).toMatchObject([{ heads, best }]);
  const { checkpoint, model, judged } = await results(workspace);
  expect([checkpoint.equals(whole.checkpoint), model.equals(whole.model)]).toEqual([true, true]);
  expect(judged).toEqual(whole.judged);
}, 60_000);

test('without a held-out sample it cannot be', async () => {
  const file = join(workspace, 'cover.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  config.datasets.moves.holdOut = 0;
  writeFileSync(file, JSON.stringify(config));
  const blind = train({ workspace, choice: { experiment: 'blind' }, signal: undefined, onEvent: () => undefined });
  await expect(blind).rejects.toThrow(/none of moves holds any out/);
}, 60_000);
