// Whether a head is right as often as it says. Bins and bin means are those of scikit-learn's calibration_curve
// (strategy "uniform"), the losses those of log_loss and, summed over the classes, of brier_score_loss.
import type { Judged } from './metrics.ts';

export interface CalibrationBin {
  samples: number;
  /** Mean probability of the predicted class; null without samples. */
  confidence: number | null;
  /** Share of right predictions; null without samples. */
  accuracy: number | null;
}

export interface Calibration {
  /** Expected calibration error of top-1: Σ share of samples in the bin × |accuracy − confidence|. */
  ece: number;
  /** Mean −ln of the true class's probability (at least 2⁻⁵²); null where it is not known of every record. */
  nll: number | null;
  /** Mean over the records of Σ over the classes of (p − y)², 0 … 2; null where not all probabilities are known. */
  brier: number | null;
  /** Equal parts of 0 … 1. A confidence on an edge belongs to the bin below. */
  bins: CalibrationBin[];
}

/** Null without records, and where the confidence of one is not known. */
export function calibrationOf(records: readonly Judged[], binCount = 15): Calibration | null {
  if (records.length === 0 || records.some(({ confidence }) => !isKnown(confidence))) return null;
  const samples = new Float64Array(binCount);
  const confidences = new Float64Array(binCount);
  const right = new Float64Array(binCount);
  const edges = Array.from({ length: binCount - 1 }, (_, i) => (i + 1) * (1 / binCount));
  for (const { truth, ranked, confidence } of records) {
    let bin = 0;
    while (bin < edges.length && edges[bin]! < confidence!) bin++;
    samples[bin]! += 1;
    confidences[bin]! += confidence!;
    if (ranked[0] === truth) right[bin]! += 1;
  }
  let ece = 0;
  for (let bin = 0; bin < binCount; bin++) ece += Math.abs(right[bin]! - confidences[bin]!) / records.length;
  const share = (sum: number, of: number) => (of === 0 ? null : sum / of);
  return {
    ece,
    nll: negativeLogLikelihood(records),
    brier: brierScore(records),
    bins: Array.from(samples, (count, bin) => ({
      samples: count,
      confidence: share(confidences[bin]!, count),
      accuracy: share(right[bin]!, count),
    })),
  };
}

function negativeLogLikelihood(records: readonly Judged[]): number | null {
  let sum = 0;
  for (const { truthProbability } of records) {
    if (!isKnown(truthProbability)) return null;
    sum -= Math.log(Math.max(truthProbability, Number.EPSILON));
  }
  return sum / records.length;
}

function brierScore(records: readonly Judged[]): number | null {
  let sum = 0;
  for (const { truth, probabilities } of records) {
    if (!probabilities) return null;
    for (let c = 0; c < probabilities.length; c++) sum += (probabilities[c]! - (c === truth ? 1 : 0)) ** 2;
  }
  return sum / records.length;
}

function isKnown(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && !Number.isNaN(value);
}
