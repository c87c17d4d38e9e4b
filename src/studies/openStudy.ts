// Which study is meant: one that was begun, one of cover.json, or a new comparison; whether it can be done, and how many runs it comes
// to. Everything that can be wrong with it is said here, before the first run.
import { UserError } from '../base/errors.ts';
import {
  type ExperimentConfig,
  experimentSchema,
  type StudyConfig,
  type WorkspaceConfig,
} from '../config/experiment.ts';
import { didYouMean } from '../config/names.ts';
import { type Needs, needed } from '../config/needs.ts';
import { chosenDatasets, chosenExperiment } from '../config/resolve.ts';
import { nameSchema } from '../config/stage.ts';
import { loadWorkspace } from '../config/workspace.ts';
import type { Problem } from '../protocol/events.ts';
import type { StudyPlan } from '../protocol/studies.ts';
import { checkArms } from './checkArms.ts';
import { armsOf, type StudyDataset } from './plan.ts';
import { summaryOf } from './shownStudy.ts';
import { type StoredStudy, StudyFolder } from './studyFolder.ts';

export interface StudyChoice {
  readonly workspace: string;
  /** A study of cover.json, or undefined where `study` says what to compare. */
  readonly name?: string | undefined;
  readonly study?: StudyConfig | undefined;
  /** What of cover.json is not needed and cannot be used. */
  readonly onPassed?: ((problem: Problem) => void) | undefined;
}

/** The study as it was begun; else it begins, frozen as cover.json says it now. Throws UserError. */
export async function openStudy(choice: StudyChoice): Promise<StudyFolder> {
  const found = await chosenStudy(choice);
  return found instanceof StudyFolder ? found : StudyFolder.create(choice.workspace, found);
}

/** What a study comes to, and how much of it is done. Begins nothing. Throws UserError, as `openStudy` would. */
export async function planStudy(choice: StudyChoice): Promise<StudyPlan> {
  const found = await chosenStudy(choice);
  const { name, finished, runs } = summaryOf(found instanceof StudyFolder ? found.stored : found);
  return { name, finished, runs };
}

/** As it was begun, or as it would begin. */
async function chosenStudy(choice: StudyChoice): Promise<StudyFolder | StoredStudy> {
  const { workspace, study: given, onPassed } = choice;
  const loaded = await loadWorkspace(workspace);
  const name = choice.name ?? (given ? given.compare.join('-') : loaded.first.studies);
  if (name !== undefined && !studyName.safeParse(name).success) {
    const rule = 'use 1 to 50 letters, digits, ".", "_" or "-", a letter or digit first';
    throw new UserError('bad-study', `"${name}" cannot be the name of a study: ${rule}.`);
  }
  const begun = name === undefined ? undefined : await StudyFolder.open(workspace, name);
  const { config, passed } = needed(loaded, {
    ...(given ? { choice: { experiment: given.experiment } } : { study: { name } }),
    ...(begun && needsOf(begun)),
  });
  for (const problem of passed) onPassed?.(problem);
  const studies = config.studies ?? {};
  const written = given ?? (name !== undefined && Object.hasOwn(studies, name) ? studies[name] : undefined);
  const study = written && { ...written, seeds: [...new Set(written.seeds)] };
  if (begun) {
    if (study && !given) mendFineTuning(begun, study, config);
    requireSame(begun, study, config);
    return begun;
  }
  if (name === undefined || !study) {
    const names = Object.keys(studies);
    const known = names.length === 0 ? '' : ` It has: ${names.join(', ')}.`;
    throw new UserError(
      'no-study',
      `cover.json has no study${name === undefined ? '' : ` "${name}"${didYouMean(name, names)}`}.${known} ` +
        'Write one under "studies", or say what to compare: cover study --compare coTraining.',
    );
  }
  const from = { experiment: study.experiment };
  const { name: experimentName, experiment } = chosenExperiment(config, from);
  const datasets = chosenDatasets(config, from).map((dataset) => ({
    name: dataset,
    kind: config.datasets[dataset]!.kind,
  }));
  const why = whyNot(study, experiment, datasets);
  if (why !== undefined) throw new UserError('bad-study', `The experiment "${experimentName}" ${why}`);
  const begins = { name, study, experiment: { name: experimentName, config: experiment }, datasets };
  checkArms(begins, config);
  return { version: 1, ...begins, runs: {} };
}

/** What was begun is frozen; its datasets are read as cover.json has them, and its experiment must not have been changed. */
function needsOf({ stored: { experiment, datasets } }: StudyFolder): Needs {
  const names = datasets.map(({ name }) => name);
  return { datasets: names, choice: { experiment: experiment.name, datasets: names } };
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

/** The fine-tuning of a study that was begun is what it is written as now, until the first of its runs fine-tunes. */
function mendFineTuning({ stored }: StudyFolder, { fineTuning }: StudyConfig, config: WorkspaceConfig): void {
  const { study, datasets, runs } = stored;
  if (armsOf(study, datasets).some(({ key, role }) => role.kind === 'fineTuned' && runs[key])) return;
  stored.study = { ...study, fineTuning };
  checkArms(stored, config);
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
