// Judges a finished run again, from its model.onnx and the samples it froze.
import { UserError } from '../base/errors.ts';
import { paced } from '../base/paced.ts';
import { centreStore, frameCacheOf } from '../clips/frameStore.ts';
import { FrameThread } from '../clips/frameThread.ts';
import { resolvedExperimentSchema } from '../config/resolved.ts';
import { chooseDevice } from '../engine/devices.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { HeadResult, JobEvent, Problem } from '../protocol/events.ts';
import { newestRun } from '../runs/listRuns.ts';
import { headResultsOf } from '../runs/report.ts';
import { openRun } from '../runs/runFolder.ts';
import { requireThere } from '../runs/samplesThere.ts';
import type { Classifier } from './classifier.ts';
import { judge, type KeptProbabilities } from './judge.ts';
import { openClassifier } from './openClassifier.ts';
import { protocolLine, reportOf } from './report.ts';

export interface EvaluateRequest {
  readonly workspace: string;
  /** Absent: the newest finished run. */
  readonly run?: string | undefined;
  /** Whose probabilities are stored; default `auto`. */
  readonly keep?: KeptProbabilities | undefined;
  readonly device?: string | undefined;
  readonly ffmpeg?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  onEvent(event: JobEvent): void;
}

/** Replaces the run's predictions and report, and returns the results of every head. */
export async function evaluateRun(
  request: EvaluateRequest,
): Promise<{ run: string; heads: Record<string, HeadResult> }> {
  const { workspace, signal, ffmpeg, onEvent } = request;
  const started = performance.now();
  const run = request.run === undefined ? await newestRun(workspace) : await openRun(workspace, request.run);
  const experiment = await run.readExperiment(resolvedExperimentSchema);
  const held = new Map(experiment.datasets.map(({ name, heldOut }) => [name, heldOut]));
  const samples = (await run.readSamples()).filter(({ dataset, split }) => held.get(dataset) === split);
  if (samples.length === 0)
    throw new UserError(
      'nothing-held-out',
      `The run "${run.id}" holds no samples out. Give a dataset a val split or a holdOut share in cover.json, and train again.`,
    );
  await requireThere(samples);
  const cache = frameCacheOf(workspace, experiment);
  const source = await FrameThread.open({ decoder: { ffmpeg }, cache });
  if (cache && source.cacheProblem !== undefined) {
    const message = `Decoded frames cannot be kept in ${cache.folder}: ${source.cacheProblem}. Evaluation goes on without.`;
    onEvent({ event: 'problem', problem: { severity: 'warning', file: cache.folder, message } });
  }
  let classifier: Classifier | undefined;
  try {
    classifier = await openClassifier(run, experiment, await chooseDevice(request.device ?? 'auto'));
    const count = paced((_, counted) => onEvent({ event: 'progress', task: 'evaluate', ...counted }));
    const onProgress = (done: number, total: number) => count('evaluate', done, total);
    const tell = ({ file, dataset }: Sample, severity: Problem['severity'], message: string) =>
      onEvent({ event: 'problem', problem: { severity, file, dataset, message } });
    const records = await judge({
      classifier,
      experiment,
      store: centreStore(source, experiment, (sample, warning) => tell(sample, 'warning', warning)),
      samples,
      keep: request.keep,
      signal,
      onProgress,
    });
    for (const record of records) {
      if ('missing' in record) tell(record.sample, 'error', record.missing);
    }
    const report = reportOf(run.id, experiment, records);
    await run.writePredictions(
      records,
      Object.fromEntries(experiment.datasets.map(({ name, classes }) => [name, classes])),
    );
    await run.writeReport(report);
    // Stopped after its last step, in the evaluation: now nothing of it is missing.
    const { state, step, steps } = run.summary();
    if (state === 'cancelled' && steps > 0 && step === steps) await run.setState({ state: 'done' });
    const heads = headResultsOf(report);
    onEvent({
      event: 'done',
      run: run.folder,
      heads,
      protocol: protocolLine(experiment),
      seconds: (performance.now() - started) / 1000,
    });
    return { run: run.folder, heads };
  } finally {
    await classifier?.release();
    await source.close();
  }
}
