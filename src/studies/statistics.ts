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
  /** Held-out samples judged, and those that could not be read: one number, or several where arms or seeds differ. */
  readonly samples: readonly number[];
  readonly missing: readonly number[];
  /** Of transfer: samples that each source was trained on, of all its datasets, by seed. */
  readonly sources?: Readonly<Record<string, readonly number[]>> | undefined;
}

export interface ComparedTable {
  readonly comparison: 'coTraining' | 'transfer' | 'images';
  readonly arms: readonly string[];
  readonly rows: readonly ComparedRow[];
  /** Over the datasets, seed by seed: of an arm where it has them all, of a difference over those where both are there. */
  readonly mean: Pick<ComparedRow, 'arms' | 'differences'>;
  /** By arm, over how many datasets its mean difference is. */
  readonly over: Readonly<Record<string, number>>;
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
    const arms = ['co-trained', 'scratch', ...names.map((name) => `${name} alone`)];
    /** The run an arm was fine-tuned from; null: none; undefined: a dataset is no source of itself. */
    const sourceOf = (arm: string, dataset: string, seed: number) => {
      if (arm === 'scratch') return null;
      if (arm === 'co-trained') return armKey.sourceWithout(dataset, seed);
      const source = arm.slice(0, -' alone'.length);
      return source === dataset ? undefined : armKey.alone(source, seed);
    };
    const table = tableOf(comparison, arms, names, seeds, outcomes, (arm, dataset, seed) => {
      const source = sourceOf(arm, dataset, seed);
      return source === undefined ? null : armKey.fineTuned(dataset, source, seed);
    });
    const trainedOn = (arm: string, dataset: string) =>
      seeds.map((seed) => {
        const source = sourceOf(arm, dataset, seed);
        return source ? names.reduce((sum, name) => sum + drawnOf(outcomes.get(source)!, name), 0) : 0;
      });
    const rows = table.rows.map((row) => ({
      ...row,
      sources: Object.fromEntries(Object.keys(row.seen).map((arm) => [arm, trainedOn(arm, row.dataset)])),
    }));
    return { ...table, rows };
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
    const judged = arms.flatMap((arm) => seeds.flatMap((seed) => outcome(arm, dataset, seed)?.heads[dataset] ?? []));
    const there = arms.filter((arm) => outcome(arm, dataset, seeds[0]!) !== undefined);
    const told = (of: (outcome: Outcome) => number) =>
      Object.fromEntries(there.map((arm) => [arm, seeds.map((seed) => of(outcome(arm, dataset, seed)!))]));
    return {
      dataset,
      ...compared(arms, accuracies),
      seen: told((outcome) => drawnOf(outcome, dataset)),
      steps: told(({ steps }) => steps),
      samples: [...new Set(judged.map(({ samples }) => samples))],
      missing: [...new Set(judged.map(({ missing }) => missing))],
    };
  });
  const first = arms[0]!;
  const over = (arm: string) => rows.filter((row) => row.arms[first] && row.arms[arm]);
  const meanOf = (values: readonly (Statistic | null | undefined)[]) =>
    values.length === 0 || values.some((value) => !value)
      ? null
      : statistic(seeds.map((_, i) => values.reduce((sum, value) => sum + value!.values[i]!, 0) / values.length));
  return {
    comparison,
    arms,
    rows,
    mean: {
      arms: Object.fromEntries(arms.map((arm) => [arm, meanOf(rows.map((row) => row.arms[arm]))])),
      differences: Object.fromEntries(
        arms.slice(1).map((arm) => [arm, meanOf(over(arm).map((row) => row.differences[arm]))]),
      ),
    },
    over: Object.fromEntries(arms.slice(1).map((arm) => [arm, over(arm).length])),
  };
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
