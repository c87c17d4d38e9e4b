// Every figure of an evaluation as a pure function of per-sample records. Nothing here knows files or models, so that
// a figure can be recomputed from a run's stored predictions at any time. A share that is 0 of 0 is null, never 0.
import { Random } from '../base/random.ts';
import type { Evaluation } from '../protocol/runner.ts';

/** One judged sample: its class, and the classes the head ranked highest, best first (indices into the classes). */
export interface Judged {
  truth: number;
  ranked: readonly number[];
}

/** Row-major counts, truth × predicted, `classes`² long. */
export function confusionMatrix(records: readonly Judged[], classes: number): Uint32Array {
  const counts = new Uint32Array(classes * classes);
  for (const { truth, ranked } of records) {
    const predicted = ranked[0];
    if (!isClass(truth, classes) || !isClass(predicted, classes)) {
      throw new RangeError(`A record of class ${truth}, predicted ${predicted}, does not fit ${classes} classes.`);
    }
    counts[truth * classes + predicted]! += 1;
  }
  return counts;
}

function isClass(index: number | undefined, classes: number): index is number {
  return index !== undefined && Number.isInteger(index) && index >= 0 && index < classes;
}

/** Share of the records whose class is among the first `k`; null without records or with fewer than `k` classes. */
export function topK(records: readonly Judged[], k: number, classes: number): number | null {
  if (records.length === 0 || classes < k) return null;
  return records.filter(({ truth, ranked }) => ranked.slice(0, k).includes(truth)).length / records.length;
}

export interface ClassMetrics {
  /** Records of this class. */
  support: number;
  /** tp / (tp + fp); null where the class was never predicted. */
  precision: number | null;
  /** tp / (tp + fn); null where the class has no support. */
  recall: number | null;
  /** 2 tp / (2 tp + fp + fn); null where the class neither occurs nor is predicted. */
  f1: number | null;
}

/** As scikit-learn's precision_recall_fscore_support with zero_division=nan (our null): F1 of a class that occurs but
 * is never predicted is 0, not undefined, since its counts define it. */
export function perClass(confusion: ArrayLike<number>, classes: number): ClassMetrics[] {
  const support = new Array<number>(classes).fill(0);
  const predicted = new Array<number>(classes).fill(0);
  for (let truth = 0; truth < classes; truth++) {
    for (let guess = 0; guess < classes; guess++) {
      const count = confusion[truth * classes + guess]!;
      support[truth]! += count;
      predicted[guess]! += count;
    }
  }
  return support.map((total, index) => {
    const right = confusion[index * classes + index]!;
    const share = (of: number): number | null => (of === 0 ? null : right / of);
    return {
      support: total,
      precision: share(predicted[index]!),
      recall: share(total),
      f1: share((total + predicted[index]!) / 2),
    };
  });
}

/** Mean recall over the classes that have support; null where none has. */
export function meanClassAccuracy(metrics: readonly ClassMetrics[]): number | null {
  const recalls = metrics.map(({ recall }) => recall).filter((recall) => recall !== null);
  return recalls.length === 0 ? null : recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
}

/**
 * 95 % percentile interval of top-1 from `rounds` resamples with replacement. The same records and seed give the same
 * interval. Null without records.
 */
export function top1Interval(records: readonly Judged[], seed: number, rounds = 1000): [number, number] | null {
  if (records.length === 0) return null;
  const right = Uint8Array.from(records, ({ truth, ranked }) => (ranked[0] === truth ? 1 : 0));
  const random = new Random(seed);
  const accuracies = new Float64Array(rounds);
  for (let round = 0; round < rounds; round++) {
    let sum = 0;
    for (let i = 0; i < right.length; i++) sum += right[random.below(right.length)]!;
    accuracies[round] = sum / right.length;
  }
  accuracies.sort();
  return [quantile(accuracies, 0.025), quantile(accuracies, 0.975)];
}

/** Linear between the two neighbours, of values sorted upwards. */
function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)]!;
  return below + (sorted[Math.ceil(position)]! - below) * (position - Math.floor(position));
}

/** What the records cannot tell of one head's evaluation. */
export interface HeadContext {
  run: string;
  head: string;
  dataset: string;
  split: string;
  /** How clips were taken, stated beside every accuracy. */
  protocol: string;
  classes: readonly string[];
  /** Held-out samples that could not be read; they are in no figure. */
  missing: number;
  /** Of the bootstrap interval. */
  seed: number;
}

/** All figures of one head. `samples` counts the judged ones: what the accuracies are shares of. */
export function assessHead(records: readonly Judged[], context: HeadContext): Evaluation {
  const { seed, classes, ...told } = context;
  const confusion = confusionMatrix(records, classes.length);
  const metrics = perClass(confusion, classes.length);
  return {
    ...told,
    classes: [...classes],
    samples: records.length,
    top1: topK(records, 1, classes.length),
    top1Interval: top1Interval(records, seed),
    top5: topK(records, 5, classes.length),
    meanClass: meanClassAccuracy(metrics),
    confusion: [...confusion],
    perClass: metrics.map((metric, index) => ({ label: classes[index]!, ...metric })),
  };
}
