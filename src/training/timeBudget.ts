// Stages that are given in minutes: how many steps that is, is measured before the run starts and frozen with the experiment. So
// the learning rate knows the stage's end, and a resumed run has the same one.
import { duration } from '../base/format.ts';
import { paced } from '../base/paced.ts';
import type { ResolvedExperiment, ResolvedStage } from '../config/resolved.ts';
import { withSamples } from '../config/stages.ts';
import type { Device } from '../engine/devices.ts';
import type { JobEvent } from '../protocol/events.ts';
import { type MeasuredStage, measureStages } from './measure.ts';
import type { DatasetSamples } from './trainingData.ts';

/** The experiment with every stage's length in samples; `onWarning` hears of a stage that will take longer than it has. */
export async function withTimeBudgets(
  experiment: ResolvedExperiment,
  datasets: readonly DatasetSamples[],
  device: Device,
  {
    ffmpeg,
    signal,
    onEvent,
    onWarning,
  }: {
    ffmpeg?: string | undefined;
    signal: AbortSignal | undefined;
    onEvent(event: JobEvent): void;
    onWarning(warning: string): void;
  },
): Promise<ResolvedExperiment> {
  const timed = experiment.stages.filter(isTimed);
  if (timed.length === 0) return experiment;
  const count = paced((_, counted) => onEvent({ event: 'progress', task: 'measure', ...counted }));
  count('measure', 0, timed.length);
  const measured = await measureStages(experiment, datasets, device, { ffmpeg, signal }, isTimed);
  count('measure', timed.length, timed.length);
  const stages = experiment.stages.map((stage) => {
    const found = measured.find((each) => each.stage === stage);
    if (!found) return stage;
    const one = found.secondsPerStep + found.secondsPerEpoch;
    if (one > budgetOf(stage))
      onWarning(
        `${stage.name} has ${duration(budgetOf(stage))}, but one step and the judging after it take about ${duration(one)}: it makes that step alone. Give it more minutes, or hold out fewer samples.`,
      );
    return withSamples(stage, stepsWithin(found) * stage.batchSize);
  });
  return { ...experiment, stages };
}

/** Steps that fit in the stage's minutes with the judging after each epoch, and after a last one that is a part; at least one. */
export function stepsWithin({ stage, secondsPerStep, secondsPerEpoch }: Omit<MeasuredStage, 'steps'>): number {
  const { stepsPerEpoch } = stage;
  const epoch = stepsPerEpoch * secondsPerStep + secondsPerEpoch;
  const whole = Math.floor(budgetOf(stage) / epoch);
  const left = budgetOf(stage) - whole * epoch - secondsPerEpoch;
  return Math.max(1, whole * stepsPerEpoch + Math.max(0, Math.floor(left / secondsPerStep)));
}

/** Seconds. */
function budgetOf({ minutes = 0 }: ResolvedStage): number {
  return minutes * 60;
}

function isTimed({ minutes }: ResolvedStage): boolean {
  return minutes !== undefined;
}
