// How long a stage is and what it draws: the sums that everything about a stage is counted in.
import type { ResolvedDataset, ResolvedStage } from './resolved.ts';

/** How a stage may say how long it is: in one of them. */
export const lengthUnits = ['epochs', 'steps', 'samples', 'minutes'] as const;

type Length = Pick<ResolvedStage, 'epochs' | 'stepsPerEpoch' | 'batchSize' | 'samples'>;

/** Optimizer steps of the whole stage. */
export function stepsOf({ epochs, stepsPerEpoch, batchSize, samples }: Length): number {
  return samples === undefined ? epochs * stepsPerEpoch : Math.ceil(samples / batchSize);
}

/** Samples of step `step`, which counts from 0: the last batch of a stage may be smaller. */
export function samplesOfStep(stage: Length, step: number): number {
  const { batchSize, samples } = stage;
  return samples === undefined ? batchSize : Math.min(batchSize, samples - step * batchSize);
}

/** Whether an epoch, or the stage, ends after `done` steps. */
export function endsEpoch(stage: Length, done: number): boolean {
  return done % stage.stepsPerEpoch === 0 || done === stepsOf(stage);
}

/** Epochs begun by drawing so many samples. */
export function epochsFor(samples: number, { batchSize, stepsPerEpoch }: Omit<Length, 'epochs' | 'samples'>): number {
  return Math.ceil(Math.ceil(samples / batchSize) / stepsPerEpoch);
}

/** The stage with so many samples drawn: its last epoch may be a part of one. */
export function withSamples<T extends Length>(stage: T, samples: number): T {
  return { ...stage, samples, epochs: epochsFor(samples, stage) };
}

/** The epoch, from 1, in which step `done`, from 1, is made. */
export function epochOf({ stepsPerEpoch }: Length, done: number): number {
  return Math.ceil(done / stepsPerEpoch);
}

/** How datasets of different sizes share the samples drawn. */
export type DatasetSampling =
  | 'proportional'
  | 'uniform'
  | 'sqrt'
  | { readonly temperature: number }
  | { readonly weights: Readonly<Record<string, number>> };

/**
 * The share of the draws that each dataset has, by name; they sum to 1. CoVeR draws in proportion to the sizes N_d;
 * a temperature T draws in proportion to N_d^(1/T) (Arivazhagan et al. 2019, arXiv 1907.05019, section 4.1), which at 1 is
 * that, at 2 is "sqrt" and at infinity "uniform". Weights that are not given are 0.
 */
export function sharesOf(
  datasets: readonly Pick<ResolvedDataset, 'name' | 'trainSamples'>[],
  sampling: DatasetSampling = 'proportional',
): Record<string, number> {
  const weights = datasets.map(({ name, trainSamples }) => {
    if (sampling === 'proportional') return trainSamples;
    if (sampling === 'uniform') return 1;
    if (sampling === 'sqrt') return Math.sqrt(trainSamples);
    if ('temperature' in sampling) return trainSamples ** (1 / sampling.temperature);
    return Object.hasOwn(sampling.weights, name) ? sampling.weights[name]! : 0;
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Object.fromEntries(datasets.map(({ name }, i) => [name, weights[i]! / total]));
}

/** What a stage draws of each of its datasets; a run frozen before there was a choice drew in proportion. */
export function plannedShares(
  stage: Pick<ResolvedStage, 'datasets' | 'shares'>,
  datasets: readonly ResolvedDataset[],
): Readonly<Record<string, number>> {
  return stage.shares ?? sharesOf(datasets.filter(({ name }) => stage.datasets.includes(name)));
}
