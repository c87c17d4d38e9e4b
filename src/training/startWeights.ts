// The weights a run starts from: found (and fetched) before the run is made, so that what does not fit is refused at once;
// loaded when it starts, and reported in its folder.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { UserError } from '../base/errors.ts';
import { paced } from '../base/paced.ts';
import type { ResolvedExperiment } from '../config/resolved.ts';
import { loadWeights, requireSameSizes } from '../model/loadWeights.ts';
import { modelSpecOf } from '../model/modelSpec.ts';
import { parameterLayout } from '../model/parameters.ts';
import { type WeightsReport, weightsLines } from '../model/weightsReport.ts';
import type { JobEvent } from '../protocol/events.ts';
import { isCheckpointName, openRun, type RunFolder } from '../runs/runFolder.ts';
import { locateWeights } from '../weights/locateWeights.ts';
import { describeSource } from '../weights/sourceModel.ts';
import { openWeights } from '../weights/weightsSource.ts';

export interface WeightsRequest {
  readonly workspace: string;
  readonly signal?: AbortSignal | undefined;
  onEvent(event: JobEvent): void;
}

const runPrefix = 'run:';

/**
 * The local path of an experiment's weights: the newest checkpoint of `run:<name or folder>` or of a run's folder, a path, or fetched from the Hub,
 * which is told as `fetch`.
 */
export async function placeOfWeights(source: string, { workspace, signal, onEvent }: WeightsRequest): Promise<string> {
  if (source.startsWith(runPrefix)) return checkpointOf(workspace, source.slice(runPrefix.length));
  const count = paced((dataset, counted) => onEvent({ event: 'progress', task: 'fetch', dataset, ...counted }));
  const place = await locateWeights(source, workspace, { signal, onProgress: count });
  // The folder of a run is named as readily as the run.
  return existsSync(join(place, 'experiment.json')) ? checkpointOf(workspace, place) : place;
}

/**
 * The experiment with what its weights at `place` decide: normalisation and layer-norm eps. Throws UserError where they are
 * damaged, or of a model of other sizes.
 */
export function withWeights(experiment: ResolvedExperiment, place: string | undefined): ResolvedExperiment {
  if (place === undefined) return experiment;
  const source = openWeights(place);
  try {
    const found = describeSource(source);
    requireSameSizes(source, found, modelSpecOf(experiment));
    const { layerNormEpsilon, mean, std } = found;
    const model = { ...experiment.model, layerNormEpsilon, mean: threeOf(mean), std: threeOf(std) };
    return { ...experiment, model };
  } finally {
    source.close();
  }
}

/** Loads the weights into `flat`, writes weights.json into the run's folder and returns the report as an event. */
export async function startFromWeights(
  { weights, ...experiment }: ResolvedExperiment,
  place: string,
  flat: Float32Array,
  folder: RunFolder,
): Promise<Extract<JobEvent, { event: 'weights' }>> {
  const spec = modelSpecOf(experiment);
  const source = openWeights(place);
  let report: WeightsReport;
  try {
    report = loadWeights(source, describeSource(source), spec, parameterLayout(spec), flat, {
      name: weights!.source,
      temporalFromSpatial: weights!.temporalFromSpatial,
      timeResize: weights!.timeResize,
    });
  } finally {
    source.close();
  }
  await writeFileAtomic(folder.file('weights.json'), [`${JSON.stringify(report, undefined, 2)}\n`]);
  return {
    event: 'weights',
    source: report.source,
    layout: report.layout,
    loaded: report.loaded.length,
    resized: report.resized.length,
    initialised: report.initialised.length,
    leftOver: report.leftOver.length,
    lines: weightsLines(report),
  };
}

async function checkpointOf(workspace: string, name: string): Promise<string> {
  const run = await openRun(workspace, name);
  const newest = (await run.checkpoints()).filter(isCheckpointName).at(-1);
  if (newest !== undefined) return run.checkpointFile(newest);
  throw new UserError(
    'weights-unreadable',
    `The run "${run.id}" has no checkpoint to start from. Train it first, or name another run.`,
    run.folder,
  );
}

function threeOf([a, b, c]: readonly [number, number, number]): [number, number, number] {
  return [a, b, c];
}
