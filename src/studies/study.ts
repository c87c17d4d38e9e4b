// Runs a study: every arm one after the other, each a run like any other, and tables when all are finished. Stopped anywhere,
// it goes on where it stood: finished runs stay, the one that was stopped is resumed.
import { basename } from 'node:path';
import { messageOf, throwIfAborted, UserError } from '../base/errors.ts';
import {
  type ExperimentConfig,
  experimentSchema,
  type StudyConfig,
  type WorkspaceConfig,
} from '../config/experiment.ts';
import { didYouMean } from '../config/names.ts';
import { chosenDatasets, chosenExperiment, type TrainChoice } from '../config/resolve.ts';
import { nameSchema } from '../config/stage.ts';
import { requireWorkspace } from '../config/workspace.ts';
import type { JobEvent } from '../protocol/events.ts';
import { openRun } from '../runs/runFolder.ts';
import { train } from '../training/train.ts';
import { type Arm, armsOf, experimentOf, type StudyDataset } from './plan.ts';
import { type ComparedTable, type Outcome, tablesOf } from './statistics.ts';
import { StudyFolder, type StudyRun } from './studyFolder.ts';
import { markdownOf } from './studyReport.ts';

export interface StudyRequest {
  readonly workspace: string;
  /** A study of cover.json, or undefined where `study` says what to compare. */
  readonly name?: string | undefined;
  readonly study?: StudyConfig | undefined;
  readonly device?: string | undefined;
  readonly ffmpeg?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Before each run: its place among all, and the time that it and those after it will take, where there are others to go by. */
  onArm(
    arm: Arm,
    place: { readonly number: number; readonly of: number; readonly resumed: boolean; readonly eta: number | null },
  ): void;
  /** What the runs tell. */
  onEvent(event: JobEvent): void;
}

export interface StudyResult {
  readonly folder: string;
  readonly name: string;
  readonly tables: readonly ComparedTable[];
  /** The report for a person, in Markdown. */
  readonly text: string;
}

type FinishedRun = StudyRun & { outcome: NonNullable<StudyRun['outcome']> };

/** Trains what is left of the study, and writes its report. An abort stops the run under way as `train` does. Throws UserError. */
export async function runStudy(request: StudyRequest): Promise<StudyResult> {
  const { workspace, signal } = request;
  const config = await requireWorkspace(workspace);
  const folder = await openStudy(request, config);
  const { name, study, datasets, experiment } = folder.stored;
  const beside = datasets.map((dataset) => dataset.name);
  const arms = armsOf(study, datasets);
  const finished = new Map<string, FinishedRun>();
  for (const [index, arm] of arms.entries()) {
    throwIfAborted(signal, 'The study');
    let run: StudyRun | undefined = folder.stored.runs[arm.key];
    if (!run?.outcome) {
      const left = run && (await resumable(workspace, run.run));
      const place = { number: index + 1, of: arms.length, eta: secondsLeft(arms, index, finished) };
      if (left === 'done') run = await concluded(request, folder, arm, run!.run);
      else {
        request.onArm(arm, { ...place, resumed: left === 'stopped' });
        const outcomes = new Map(
          [...finished].map(([key, { run, outcome }]) => [key, { run, stages: outcome.stages }]),
        );
        const given = {
          name: `${name}-${index + 1}`,
          experiment: experimentOf(arm, experiment.config, study, outcomes),
          beside,
        };
        run = await trained(request, folder, arm, left === 'stopped' ? { resume: run!.run } : { given });
      }
    }
    finished.set(arm.key, run as FinishedRun);
  }
  const outcomes = new Map<string, Outcome>([...finished].map(([key, { run, outcome }]) => [key, { run, ...outcome }]));
  const tables = tablesOf(study, datasets, outcomes);
  const text = markdownOf(folder.stored, tables);
  await folder.write('report.json', `${JSON.stringify({ name, study, datasets, tables }, undefined, 2)}\n`);
  await folder.write('report.md', text);
  return { folder: folder.folder, name, tables, text };
}

/** Each arm takes as long as those of its kind took so far, or as all of them. */
function secondsLeft(arms: readonly Arm[], from: number, finished: ReadonlyMap<string, FinishedRun>): number | null {
  const took = arms.flatMap(({ key, role }) => {
    const run = finished.get(key);
    return run ? [{ kind: role.kind, seconds: run.outcome.seconds }] : [];
  });
  if (took.length === 0) return null;
  const mean = (runs: typeof took) => runs.reduce((sum, { seconds }) => sum + seconds, 0) / runs.length;
  return arms.slice(from).reduce((sum, { role }) => {
    const alike = took.filter(({ kind }) => kind === role.kind);
    return sum + mean(alike.length > 0 ? alike : took);
  }, 0);
}

/** The study as it was begun; else it begins, frozen as cover.json says it now. */
async function openStudy(request: StudyRequest, config: WorkspaceConfig): Promise<StudyFolder> {
  const { workspace, name: asked, study: given } = request;
  const studies = config.studies ?? {};
  const name = asked ?? (given ? given.compare.join('-') : Object.keys(studies)[0]);
  if (name !== undefined && !studyName.safeParse(name).success) {
    const rule = 'use 1 to 50 letters, digits, ".", "_" or "-", a letter or digit first';
    throw new UserError('bad-study', `"${name}" cannot be the name of a study: ${rule}.`);
  }
  const written = given ?? (name !== undefined && Object.hasOwn(studies, name) ? studies[name] : undefined);
  const study = written && { ...written, seeds: [...new Set(written.seeds)] };
  const begun = name === undefined ? undefined : await StudyFolder.open(workspace, name);
  if (begun) {
    requireSame(begun, study, config);
    return begun;
  }
  if (name === undefined || !study) {
    throw new UserError(
      'no-study',
      `cover.json has no study${name === undefined ? '' : ` "${name}"${didYouMean(name, Object.keys(studies))}`}. ` +
        'Write one under "studies", or say what to compare: cover study --compare coTraining.',
    );
  }
  const choice = { experiment: study.experiment };
  const { name: experimentName, experiment } = chosenExperiment(config, choice);
  const datasets = chosenDatasets(config, choice).map((dataset) => ({
    name: dataset,
    kind: config.datasets[dataset]!.kind,
  }));
  const why = whyNot(study, experiment, datasets);
  if (why !== undefined) throw new UserError('bad-study', `The experiment "${experimentName}" ${why}`);
  return StudyFolder.create(workspace, {
    version: 1,
    name,
    study,
    experiment: { name: experimentName, config: experiment },
    datasets,
    runs: {},
  });
}

/** A run's name is the study's and a number, and has 64 letters at most. */
const studyName = nameSchema.max(50);

/** What cannot be studied is said before the first run, not after it. */
function whyNot(
  { compare }: StudyConfig,
  { coTraining, imagePretraining, datasetSampling }: ExperimentConfig,
  datasets: readonly StudyDataset[],
): string | undefined {
  const videos = datasets.filter(({ kind }) => kind === 'video').length;
  if (datasets.length < 2) return 'has one dataset, and a study compares several. Add another.';
  if (coTraining === false) return 'has no co-training to study. Take another, or switch it on.';
  if (compare.includes('images') && (videos === 0 || videos === datasets.length))
    return `has only ${videos === 0 ? 'images' : 'videos'}: with and without images cannot be compared.`;
  const weights =
    typeof datasetSampling === 'object' && 'weights' in datasetSampling ? datasetSampling.weights : undefined;
  const isDrawn = ({ name, kind }: StudyDataset) =>
    (!weights || (weights[name] ?? 0) > 0) &&
    [coTraining, kind === 'image' ? imagePretraining : false].some(
      (stage) => stage !== false && (stage?.datasets === undefined || stage.datasets.includes(name)),
    );
  const never = datasets.find((dataset) => !isDrawn(dataset));
  return never && `never draws from "${never.name}", so there is nothing to compare. Give it a share, or leave it out.`;
}

/** A study that was begun goes on as it was: with another plan its runs could not be compared. */
function requireSame({ folder, stored }: StudyFolder, study: StudyConfig | undefined, config: WorkspaceConfig): void {
  const { name, config: before } = stored.experiment;
  const experiment = config.experiments?.[name] ?? (name === 'cover' ? experimentSchema.parse({}) : undefined);
  const same = (a: unknown, b: unknown) => b === undefined || JSON.stringify(a) === JSON.stringify(b);
  if (same(stored.study, study) && same(before, experiment)) return;
  throw new UserError(
    'study-changed',
    `The study "${stored.name}" was begun with other settings than it, or its experiment "${name}", has now. Give it another name, or move ${folder} away to begin anew.`,
    folder,
  );
}

/** What became of a run that the study began: `undefined` where it is gone. */
async function resumable(workspace: string, name: string): Promise<'stopped' | 'done' | undefined> {
  try {
    const { state } = (await openRun(workspace, name)).current;
    return state === 'done' ? 'done' : 'stopped';
  } catch (error) {
    if (error instanceof UserError && error.code === 'no-run') return undefined;
    throw error;
  }
}

async function trained(
  request: StudyRequest,
  folder: StudyFolder,
  arm: Arm,
  from: { resume: string } | { given: NonNullable<TrainChoice['given']> },
): Promise<StudyRun> {
  const { workspace, device, ffmpeg, signal } = request;
  let noted: Promise<unknown> | undefined;
  const { run } = await train({
    workspace,
    choice: 'given' in from ? { given: from.given, device } : { device },
    resume: 'resume' in from ? from.resume : undefined,
    ffmpeg,
    signal,
    onEvent: (event) => {
      // As soon as it has a name: a study that is killed finds it again.
      if (event.event === 'started')
        noted ??= folder.note(arm.key, { run: basename(event.run) }).catch((error: unknown) => error);
      request.onEvent(event);
    },
  }).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(error.code, `${arm.title}, seed ${arm.seed}: ${messageOf(error)}`, error.file);
  });
  const failure = await noted;
  if (failure !== undefined) throw failure;
  return concluded(request, folder, arm, basename(run));
}

/** Notes what a finished run came to, as its own folder tells it. */
async function concluded({ workspace }: StudyRequest, folder: StudyFolder, arm: Arm, name: string): Promise<StudyRun> {
  const run = await openRun(workspace, name);
  const events = await run.events();
  const { heads, device, steps, seconds } = run.current;
  const { protocol } = await run.readReport();
  const outcome = { heads, stages: drawnByStage(events), steps, protocol, device, seconds };
  const finished: StudyRun = { run: name, outcome };
  await folder.note(arm.key, finished);
  return finished;
}

/** A run counts what it drew over all of its stages; its events tell what it had come to at the end of each. */
function drawnByStage(events: readonly JobEvent[]): Record<string, Record<string, number>> {
  const stages: Record<string, Record<string, number>> = {};
  const steps = events.filter((event) => event.event === 'step');
  for (const name of new Set(steps.map(({ stage }) => stage))) {
    const end = steps.findLast(({ stage }) => stage === name)!.drawn;
    const before = steps[steps.findIndex(({ stage }) => stage === name) - 1]?.drawn ?? {};
    stages[name] = Object.fromEntries(
      Object.entries(end).map(([dataset, drawn]) => [dataset, drawn - (before[dataset] ?? 0)]),
    );
  }
  return stages;
}
