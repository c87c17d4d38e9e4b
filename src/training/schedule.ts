// The learning rate over a stage.
import type { ResolvedStage } from '../config/resolved.ts';
import { stepsOf } from '../config/stages.ts';

export type Schedule = Pick<
  ResolvedStage,
  'epochs' | 'stepsPerEpoch' | 'batchSize' | 'samples' | 'warmUp' | 'schedule'
> & {
  readonly optimizer: Pick<ResolvedStage['optimizer'], 'learningRate'>;
};

/**
 * The rate of step `step`, which counts from 0: linear from 0 over the first `warmUp` share of the steps, then either half a
 * cosine down to `minimumRate` (Loshchilov and Hutter 2017), or the peak times `gamma` at every milestone. Never 0 in a step
 * that is made, unless the milestones' factors come to that.
 */
export function learningRate(step: number, stage: Schedule): number {
  const { stepsPerEpoch, optimizer, warmUp, schedule } = stage;
  const steps = stepsOf(stage);
  const peak = optimizer.learningRate;
  const warm = Math.floor(steps * warmUp);
  if (step < warm) return (peak * (step + 1)) / warm;
  const { name, milestones, gamma, minimumRate } = schedule;
  const least = Math.min(minimumRate, peak);
  if (name === 'step') {
    const passed = milestones.filter((at) => step >= Math.round(at < 1 ? at * steps : at * stepsPerEpoch)).length;
    return Math.max(least, peak * gamma ** passed);
  }
  return least + ((peak - least) * (1 + Math.cos((Math.PI * (step - warm)) / Math.max(1, steps - warm)))) / 2;
}
