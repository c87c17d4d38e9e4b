// Precision-recall curves, one class against all others, from the probabilities of all classes. Checked against
// scikit-learn's precision_recall_curve and average_precision_score.
import type { Judged } from './metrics.ts';

/** A point of a curve: recall, then precision. */
export type CurvePoint = readonly [number, number];

export interface ClassCurve {
  /** Σ (Rₙ − Rₙ₋₁) Pₙ over the thresholds; null where no record is of the class (scikit-learn says 0 and warns). */
  averagePrecision: number | null;
  /**
   * Recall upwards, for every threshold at which recall rises. The thresholds between, at records of other classes, only
   * lose precision: of each recall the best precision is here.
   */
  points: CurvePoint[];
}

/**
 * The curve of each class. Every record needs the probabilities of all classes. Records with the same probability share a
 * threshold.
 */
export function precisionRecallCurves(records: readonly Judged[], classes: number): ClassCurve[] {
  const own: number[][] = Array.from({ length: classes }, () => []);
  for (const { truth, probabilities } of records) own[truth]!.push(probabilities![truth]!);
  const thresholds = own.map((each) => Float32Array.from(new Set(each)).sort());
  const called = calledPerThreshold(records, thresholds);
  return own.map((each, c) => curveOf(each, thresholds[c]!, called[c]!));
}

/** The eight bits of a float's exponent and the first three of its fraction: in the order of the positive floats. */
const bucketShift = 20;
const buckets = 2048;

/**
 * For each class (thresholds sorted upwards), how many records have a probability in [threshold, next threshold). These are
 * millions of look-ups: a table tells how many thresholds lie in lower buckets, and few are left to compare with.
 */
function calledPerThreshold(records: readonly Judged[], thresholds: readonly Float32Array[]): Uint32Array[] {
  const classes = thresholds.length;
  const starts = new Uint32Array(classes + 1);
  for (let c = 0; c < classes; c++) starts[c + 1] = starts[c]! + thresholds[c]!.length;
  const all = new Float32Array(starts[classes]!);
  thresholds.forEach((each, c) => void all.set(each, starts[c]!));
  const bits = new Uint32Array(all.buffer);
  const lower = new Uint32Array(classes * buckets);
  for (let c = 0; c < classes; c++) {
    let at = starts[c]!;
    for (let bucket = 0; bucket < buckets; bucket++) {
      while (at < starts[c + 1]! && ((bits[at]! >>> bucketShift) & (buckets - 1)) < bucket) at++;
      lower[c * buckets + bucket] = at;
    }
  }
  const called = new Uint32Array(all.length);
  for (const { probabilities } of records) {
    const values = probabilities!;
    const patterns = new Uint32Array(values.buffer, values.byteOffset, classes);
    for (let c = 0; c < classes; c++) {
      const value = values[c]!;
      let at = lower[c * buckets + ((patterns[c]! >>> bucketShift) & (buckets - 1))]!;
      for (const end = starts[c + 1]!; at < end && all[at]! <= value; ) at++;
      if (at > starts[c]!) called[at - 1]! += 1;
    }
  }
  return thresholds.map((_, c) => called.subarray(starts[c]!, starts[c + 1]!));
}

function curveOf(own: readonly number[], thresholds: Float32Array, called: Uint32Array): ClassCurve {
  if (own.length === 0) return { averagePrecision: null, points: [] };
  const place = new Map(Array.from(thresholds, (threshold, i) => [threshold, i] as const));
  const positive = new Uint32Array(thresholds.length);
  for (const probability of own) positive[place.get(probability)!]! += 1;
  const points: CurvePoint[] = [];
  let [hits, above, averagePrecision] = [0, 0, 0];
  for (let i = thresholds.length - 1; i >= 0; i--) {
    hits += positive[i]!;
    above += called[i]!;
    averagePrecision += (positive[i]! / own.length) * (hits / above);
    points.push([hits / own.length, hits / above]);
  }
  return { averagePrecision, points };
}

/** Mean of the classes that have an average precision; null where none has. */
export function meanAveragePrecision(curves: readonly ClassCurve[]): number | null {
  const values = curves.map(({ averagePrecision }) => averagePrecision).filter((value) => value !== null);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** At most `most` of a curve's own points, evenly along it, with its first and its last. */
export function thinned(points: readonly CurvePoint[], most: number): CurvePoint[] {
  if (points.length <= most) return [...points];
  return Array.from({ length: most }, (_, i) => points[Math.round((i * (points.length - 1)) / (most - 1))]!);
}

/**
 * The mean curve of the classes that have records: at `places` recalls evenly from 0 to 1, the mean of each class's best
 * precision at that recall or beyond (the interpolated precision of the field).
 */
export function meanCurve(curves: readonly ClassCurve[], places: number): CurvePoint[] {
  const known = curves.filter(({ points }) => points.length > 0);
  if (known.length === 0) return [];
  const sums = new Float64Array(places);
  for (const { points } of known) {
    let best = 0;
    let at = points.length - 1;
    for (let place = places - 1; place >= 0; place--) {
      const recall = place / (places - 1);
      for (; at >= 0 && points[at]![0] >= recall - 1e-12; at--) best = Math.max(best, points[at]![1]);
      sums[place]! += best;
    }
  }
  return Array.from(sums, (sum, place) => [place / (places - 1), sum / known.length]);
}
