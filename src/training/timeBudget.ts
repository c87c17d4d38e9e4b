// Stages that are given in minutes: how many steps that is, is measured before the run starts and frozen with the experiment. So
// the learning rate knows the stage's end, and a resumed run has the same one.
import { paced } from '../base/paced.ts';
import type { ResolvedExperiment, ResolvedStage } from '../config/resolved.ts';
import { withSamples } from '../config/stages.ts';
import type { Device } from '../engine/devices.ts';
import type { JobEvent } from '../protocol/events.ts';
import { type MeasuredStage, measureStages } from './measure.ts';
import type { DatasetSamples } from './trainingData.ts';

/** The experiment with every stage's length in samples. */
export async function withTimeBudgets(
  experiment: ResolvedExperiment,
  datasets: readonly DatasetSamples[],
  device: Device,
  {
    ffmpeg,
    signal,
    onEvent,
  }: { ffmpeg?: string | undefined; signal: AbortSignal | undefined; onEvent(event: JobEvent): void },
): Promise<ResolvedExperiment> {
  const timed = experiment.stages.filter(isTimed);
  if (timed.length === 0) return experiment;
  const count = paced((_, counted) => onEvent({ event: 'progress', task: 'measure', ...counted }));
  count('measure', 0, timed.length);
  const measured = await measureStages(experiment, datasets, device, { ffmpeg, signal }, isTimed);
  count('measure', timed.length, timed.length);
  const stages = experiment.stages.map((stage) => {
    const found = measured.find((each) => each.stage === stage);
    return found ? withSamples(stage, stepsWithin(found) * stage.batchSize) : stage;
  });
  return { ...experiment, stages };
}

/** Steps that fit in the stage's minutes with the judging after each epoch; at least one. */
export function stepsWithin({ stage, secondsPerStep, secondsPerEpoch }: Omit<MeasuredStage, 'steps'>): number {
  const each = secondsPerStep + secondsPerEpoch / stage.stepsPerEpoch;
  return Math.max(1, Math.floor(((stage.minutes ?? 0) * 60) / each));
}

function isTimed({ minutes }: ResolvedStage): boolean {
  return minutes !== undefined;
}
