// A stopped run as its folder has it: the frozen experiment and samples, and the newest checkpoint that can be used.
import { messageOf, UserError } from '../base/errors.ts';
import { type ResolvedExperiment, resolvedExperimentSchema } from '../config/resolved.ts';
import { stepsOf } from '../config/stages.ts';
import type { ParameterLayout } from '../model/parameters.ts';
import type { Problem } from '../protocol/events.ts';
import { isCheckpointName, openRun, type RunFolder } from '../runs/runFolder.ts';
import { type SafetensorsFile, withSafetensors } from '../weights/safetensorsFile.ts';
import { type Progress, progressOf, stateOf } from './checkpoint.ts';
import { stateVectorsOf } from './optimizer.ts';
import { type DatasetSamples, frozenData } from './trainingData.ts';
import type { InitialState } from './trainingStep.ts';

/** Where a resumed run goes on. */
export interface ResumePoint {
  readonly file: string;
  readonly progress: Progress;
  /** Whether the run had judged these weights already, where they end an epoch. */
  readonly judged: boolean;
}

/** A checkpoint that can be gone on from. */
export interface Checkpoint {
  readonly file: string;
  readonly progress: Progress;
  readonly state: InitialState;
}

/** What a run was started from. `run` is its name or folder. Throws UserError. */
export async function readFrozen(
  workspace: string,
  run: string,
): Promise<{ folder: string; experiment: ResolvedExperiment; datasets: DatasetSamples[] }> {
  const opened = await openRun(workspace, run);
  const experiment = await opened.readExperiment(resolvedExperimentSchema);
  return { folder: opened.folder, experiment, datasets: frozenData(experiment, await opened.readSamples()) };
}

/**
 * The newest checkpoint that can be used; undefined where there is none. What cannot be used is set aside and told: left where
 * it is, it would count as newer than what is trained from now on.
 */
export async function newestCheckpoint(
  run: RunFolder,
  experiment: ResolvedExperiment,
  layout: ParameterLayout,
): Promise<{ checkpoint: Checkpoint | undefined; problems: Problem[] }> {
  const problems: Problem[] = [];
  for (const name of (await run.checkpoints()).filter(isCheckpointName).reverse()) {
    const file = run.checkpointFile(name);
    try {
      return { checkpoint: withSafetensors(file, (opened) => read(opened, experiment, layout)), problems };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const aside = await run.setAsideCheckpoint(name);
      const message = `A checkpoint cannot be used and is set aside: ${messageOf(error)}`;
      problems.push({ severity: 'warning', file: aside, message });
    }
  }
  return { checkpoint: undefined, problems };
}

function read(opened: SafetensorsFile, experiment: ResolvedExperiment, layout: ParameterLayout): Checkpoint {
  const { file } = opened;
  const progress = progressOf(opened);
  const stage = experiment.stages[progress.stage];
  if (!stage || progress.stageStep > stepsOf(stage))
    throw new UserError('not-resumable', `${file} is of another experiment.`, file);
  return { file, progress, state: stateOf(opened, layout, stateVectorsOf(stage), progress) };
}
