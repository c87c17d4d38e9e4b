// How sure a figure is: percentile intervals from resampling the records with replacement, and McNemar's exact test of two
// runs on the same samples. The same records and seed give the same interval.
import { Random } from '../base/random.ts';

/** 95 %. */
export type Interval = [number, number];

/** What is resampled of a record. */
export interface Outcome {
  truth: number;
  right: boolean;
}

export interface AccuracyIntervals {
  top1: Interval;
  /** Of the mean over the classes that a resample has records of. */
  meanClass: Interval;
}

/** Null without records. */
export function accuracyIntervals(
  outcomes: readonly Outcome[],
  classes: number,
  seed: number,
  rounds = 1000,
): AccuracyIntervals | null {
  const n = outcomes.length;
  if (n === 0) return null;
  // Twice the class, and one more where it is right: one count a draw tells both.
  const packed = Uint32Array.from(outcomes, ({ truth, right }) => 2 * truth + (right ? 1 : 0));
  const counts = new Uint32Array(2 * classes);
  const random = new Random(seed);
  const top1 = new Float64Array(rounds);
  const meanClass = new Float64Array(rounds);
  for (let round = 0; round < rounds; round++) {
    counts.fill(0);
    for (let i = 0; i < n; i++) counts[packed[random.below(n)]!]! += 1;
    let [right, recalls, present] = [0, 0, 0];
    for (let c = 0; c < counts.length; c += 2) {
      const support = counts[c]! + counts[c + 1]!;
      if (support === 0) continue;
      right += counts[c + 1]!;
      recalls += counts[c + 1]! / support;
      present++;
    }
    top1[round] = right / n;
    meanClass[round] = recalls / present;
  }
  return { top1: percentileInterval(top1), meanClass: percentileInterval(meanClass) };
}

/**
 * Interval of accuracy(second) − accuracy(first) of two runs on the same samples, which are resampled in pairs. Null without
 * samples.
 */
export function differenceInterval(
  first: readonly boolean[],
  second: readonly boolean[],
  seed: number,
  rounds = 1000,
): Interval | null {
  const n = first.length;
  if (n === 0) return null;
  const differences = Int8Array.from(first, (right, i) => Number(second[i]!) - Number(right));
  const random = new Random(seed);
  const sums = new Float64Array(rounds);
  for (let round = 0; round < rounds; round++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += differences[random.below(n)]!;
    sums[round] = sum / n;
  }
  return percentileInterval(sums);
}

/**
 * Two-sided p of the exact McNemar test: of the samples that only one of two runs gets right, `onlyFirst` and `onlySecond`
 * are told apart as a fair coin would. 1 where there is none.
 */
export function mcNemar(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  // Σ C(n, k) / 2ⁿ for k ≤ fewer, in logarithms: n may be thousands.
  let term = -n * Math.LN2;
  let sum = 0;
  for (let k = 0; k <= fewer; k++) {
    sum += Math.exp(term);
    term += Math.log(n - k) - Math.log(k + 1);
  }
  return Math.min(1, 2 * sum);
}

function percentileInterval(values: Float64Array): Interval {
  values.sort();
  return [quantile(values, 0.025), quantile(values, 0.975)];
}

/** Linear between the two neighbours, of values sorted upwards. */
function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)]!;
  return below + (sorted[Math.ceil(position)]! - below) * (position - Math.floor(position));
}
