// Where a run comes from: a new one from cover.json and the index, or a stopped one from its own folder alone.
import { UserError } from '../base/errors.ts';
import { chosenDatasets, chosenExperiment, resolveExperiment, type TrainChoice } from '../config/resolve.ts';
import { type ResolvedExperiment, resolvedExperimentSchema } from '../config/resolved.ts';
import { requireWorkspace, workspaceFile } from '../config/workspace.ts';
import { compareProgress } from '../curation/compareWorkspace.ts';
import { findDuplicates } from '../curation/findDuplicates.ts';
import { leakedSamples } from '../curation/findings.ts';
import { leakWarnings } from '../curation/storedFindings.ts';
import { listProblems } from '../data/datasetIndex.ts';
import { indexProgress } from '../data/indexProgress.ts';
import { updateIndex } from '../data/updateIndex.ts';
import { chooseDevice, type Device } from '../engine/devices.ts';
import { requireFfmpeg } from '../media/ffmpeg.ts';
import type { JobEvent, Problem } from '../protocol/events.ts';
import { createRun, type RunFolder, takeOverRun } from '../runs/runFolder.ts';
import { requireThere } from '../runs/samplesThere.ts';
import { openWeights } from '../weights/weightsSource.ts';
import { type Estimate, requireMemory } from './estimate.ts';
import { readFrozen } from './resume.ts';
import { placeOfWeights, withWeights } from './startWeights.ts';
import { withTimeBudgets } from './timeBudget.ts';
import {
  allSamples,
  type DatasetSamples,
  droppedWarnings,
  type LeakedSamples,
  readTrainingData,
} from './trainingData.ts';

export interface StartRequest {
  readonly workspace: string;
  readonly choice: TrainChoice;
  /** A stopped run to go on with, by its name or folder. */
  readonly resume?: string | undefined;
  /** A native ffmpeg to use. */
  readonly ffmpeg?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  onEvent(event: JobEvent): void;
}

/** A run that this process works on from now on, and what it is made of. */
export interface StartedRun {
  readonly folder: RunFolder;
  readonly experiment: ResolvedExperiment;
  readonly datasets: readonly DatasetSamples[];
  readonly device: Device;
  /** What it will need. */
  readonly estimate: Estimate;
  /** What is wrong with the datasets, as far as the index knows. */
  readonly problems: readonly Problem[];
  /** Where the weights lie that it starts from, as far as that is known already. */
  readonly weights?: string | undefined;
  /** Goes on where its newest checkpoint stands. */
  readonly resumed: boolean;
}

/** Makes the run's folder, or takes it over; what can be refused is refused before. Throws UserError. */
export async function startRun(request: StartRequest): Promise<StartedRun> {
  await requireFfmpeg(request.ffmpeg);
  return request.resume === undefined ? newRun(request) : stoppedRun(request, request.resume);
}

async function newRun({ workspace, choice, ffmpeg, signal, onEvent }: StartRequest): Promise<StartedRun> {
  const config = await requireWorkspace(workspace, { choice }, (problem) => onEvent({ event: 'problem', problem }));
  const names = chosenDatasets(config, choice);
  const { experiment: chosen } = chosenExperiment(config, choice);
  const device = await chooseDevice(choice.device ?? chosen.device);
  // A slip in the weights' name, or a folder that holds none, is told before the datasets are looked through.
  const weights = choice.weights ?? chosen.model.weights;
  const place = weights === undefined ? undefined : await placeOfWeights(weights, { workspace, signal, onEvent });
  if (place !== undefined) openWeights(place).close();
  await updateIndex(workspace, config, { signal, onProgress: indexProgress(onEvent) });
  const problems = (await listProblems(workspace)).filter(
    ({ dataset }) => dataset === undefined || names.includes(dataset),
  );
  const compared = [...new Set([...names, ...(choice.given?.beside ?? [])])];
  let leaks: LeakedSamples | undefined;
  if (chosen.leaks === 'drop') {
    // Who asked for it wants it done: what was compared before costs nothing, and the rest is told as it goes.
    const onProgress = compareProgress(onEvent);
    const { found } = await findDuplicates({ workspace, datasets: compared, store: false, ffmpeg, signal, onProgress });
    leaks = leakedSamples(found);
    problems.push(...droppedWarnings(leaks, workspaceFile(workspace)));
  } else problems.push(...(await leakWarnings(workspace, workspaceFile(workspace), compared)));
  const datasets = await readTrainingData(workspace, config, names, (problem) => problems.push(problem), leaks);
  const available = datasets.map(({ train: _, evaluation: __, ...dataset }) => dataset);
  // Through the schema, as a resumed run reads it: what is written from it then is the same to the byte.
  const resolved = resolvedExperimentSchema.parse(resolveExperiment(config, available, choice));
  const started = withWeights(resolved, place);
  const estimate = requireMemory(started, device);
  const onWarning = (message: string) =>
    problems.push({ severity: 'warning', file: workspaceFile(workspace), message });
  const experiment = await withTimeBudgets(started, datasets, device, { ffmpeg, signal, onEvent, onWarning });
  const folder = await createRun(workspace, experiment.name, experiment, allSamples(datasets));
  return { folder, experiment, datasets, device, estimate, problems, weights: place, resumed: false };
}

async function stoppedRun({ workspace, choice }: StartRequest, run: string): Promise<StartedRun> {
  const { device: asked, ...frozen } = choice;
  const chosen = Object.entries(frozen).find(([, value]) => value !== undefined)?.[0];
  if (chosen !== undefined) {
    throw new UserError(
      'resume-choice',
      `A run is resumed as it was started, so "${chosen}" cannot be chosen again. Leave it out, or train a new run.`,
    );
  }
  const { experiment, datasets } = await readFrozen(workspace, run);
  await requireThere(allSamples(datasets));
  const device = await chooseDevice(asked ?? experiment.device);
  const estimate = requireMemory(experiment, device);
  const folder = await takeOverRun(workspace, run);
  return { folder, experiment, datasets, device, estimate, problems: [], resumed: true };
}
