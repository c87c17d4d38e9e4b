// From the runs of a study to its tables: means and deviations over seeds, and differences seed by seed.

import type { StudyConfig } from '../config/experiment.ts';
import type { HeadResult } from '../protocol/events.ts';
import { armKey, drawnOf, type StudyDataset } from './plan.ts';

/** What a run of a study came to. */
export interface Outcome {
  readonly run: string;
  readonly heads: Readonly<Record<string, HeadResult>>;
  /** By stage, the samples drawn of each dataset. */
  readonly stages: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly steps: number;
}

/** Of one number per seed. `deviation` is that of a sample (n − 1); null for a single seed. */
export interface Statistic {
  readonly mean: number;
  readonly deviation: number | null;
  readonly values: readonly number[];
}

/** One dataset in a comparison. Accuracies are top-1 in 0 … 1 on its held-out samples. */
export interface ComparedRow {
  readonly dataset: string;
  /** By the name of the arm, in the table's order; null where a seed could not be judged. */
  readonly arms: Readonly<Record<string, Statistic | null>>;
  /** The first arm minus each other one, seed by seed. */
  readonly differences: Readonly<Record<string, Statistic | null>>;
  /** Samples of this dataset that each arm drew, and its steps, by seed. */
  readonly seen: Readonly<Record<string, readonly number[]>>;
  readonly steps: Readonly<Record<string, readonly number[]>>;
  /** Held-out samples judged, and those that could not be read. */
  readonly samples: number;
  readonly missing: number;
}

export interface ComparedTable {
  readonly comparison: 'coTraining' | 'transfer' | 'images';
  readonly arms: readonly string[];
  readonly rows: readonly ComparedRow[];
  /** Over the datasets: the mean of each arm's accuracies, seed by seed. */
  readonly mean: Pick<ComparedRow, 'arms' | 'differences'>;
}

export function statistic(values: readonly number[]): Statistic {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null, values: [...values] };
}

/** The tables of a study whose runs are all finished. */
export function tablesOf(
  { seeds, compare }: StudyConfig,
  datasets: readonly StudyDataset[],
  outcomes: ReadonlyMap<string, Outcome>,
): ComparedTable[] {
  const names = datasets.map(({ name }) => name);
  return compare.map((comparison) => {
    if (comparison === 'coTraining')
      return tableOf(comparison, ['co-trained', 'alone'], names, seeds, outcomes, (arm, dataset, seed) =>
        arm === 'alone' ? armKey.alone(dataset, seed) : armKey.coTrained(seed),
      );
    if (comparison === 'images') {
      const videos = datasets.flatMap(({ name, kind }) => (kind === 'video' ? [name] : []));
      return tableOf(comparison, ['with images', 'without'], videos, seeds, outcomes, (arm, _, seed) =>
        arm === 'without' ? armKey.withoutImages(seed) : armKey.coTrained(seed),
      );
    }
    const sources = ['co-trained', 'scratch', ...names.map((name) => `${name} alone`)];
    return tableOf(comparison, sources, names, seeds, outcomes, (arm, dataset, seed) => {
      if (arm === 'scratch') return armKey.fineTuned(dataset, null, seed);
      if (arm === 'co-trained') return armKey.fineTuned(dataset, armKey.sourceWithout(dataset, seed), seed);
      const source = arm.slice(0, -' alone'.length);
      return source === dataset ? null : armKey.fineTuned(dataset, armKey.alone(source, seed), seed);
    });
  });
}

function tableOf(
  comparison: ComparedTable['comparison'],
  arms: readonly string[],
  datasets: readonly string[],
  seeds: readonly number[],
  outcomes: ReadonlyMap<string, Outcome>,
  keyOf: (arm: string, dataset: string, seed: number) => string | null,
): ComparedTable {
  const outcome = (arm: string, dataset: string, seed: number) => {
    const key = keyOf(arm, dataset, seed);
    return key === null ? undefined : outcomes.get(key)!;
  };
  const rows = datasets.map((dataset): ComparedRow => {
    const accuracies = (arm: string) => seeds.map((seed) => outcome(arm, dataset, seed)?.heads[dataset]?.top1 ?? null);
    const judged = outcome(arms[0]!, dataset, seeds[0]!)!.heads[dataset];
    const there = arms.filter((arm) => outcome(arm, dataset, seeds[0]!) !== undefined);
    const told = (of: (outcome: Outcome) => number) =>
      Object.fromEntries(there.map((arm) => [arm, seeds.map((seed) => of(outcome(arm, dataset, seed)!))]));
    return {
      dataset,
      ...compared(arms, accuracies),
      seen: told((outcome) => drawnOf(outcome, dataset)),
      steps: told(({ steps }) => steps),
      samples: judged?.samples ?? 0,
      missing: judged?.missing ?? 0,
    };
  });
  const means = (arm: string) =>
    seeds.map((_, i) => {
      const values = rows.map((row) => row.arms[arm]?.values[i] ?? null);
      return values.some((value) => value === null)
        ? null
        : values.reduce<number>((sum, value) => sum + value!, 0) / values.length;
    });
  return { comparison, arms, rows, mean: compared(arms, means) };
}

function compared(
  arms: readonly string[],
  valuesOf: (arm: string) => readonly (number | null)[],
): Pick<ComparedRow, 'arms' | 'differences'> {
  const whole = (values: readonly (number | null)[]) =>
    values.some((value) => value === null) ? null : statistic(values as readonly number[]);
  const [first, ...others] = arms.map((arm) => [arm, valuesOf(arm)] as const);
  return {
    arms: Object.fromEntries([first!, ...others].map(([arm, values]) => [arm, whole(values)])),
    differences: Object.fromEntries(
      others.map(([arm, values]) => [
        arm,
        whole(values.map((value, i) => (value === null || first![1][i] === null ? null : first![1][i]! - value))),
      ]),
    ),
  };
}
