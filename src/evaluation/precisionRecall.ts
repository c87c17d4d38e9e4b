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
 * threshold. Takes records × classes comparisons and a binary search for those above the lowest threshold of a class.
 */
export function precisionRecallCurves(records: readonly Judged[], classes: number): ClassCurve[] {
  const thresholds: number[][] = Array.from({ length: classes }, () => []);
  for (const { truth, probabilities } of records) thresholds[truth]!.push(probabilities![truth]!);
  const distinct = thresholds.map((own) => Float64Array.from(new Set(own)).sort());
  const lowest = Float64Array.from(distinct, (own) => own[0] ?? Number.POSITIVE_INFINITY);
  // How many records, and how many of the class, have a probability in [threshold, next threshold).
  const all = distinct.map(({ length }) => new Uint32Array(length));
  for (const { probabilities } of records) {
    for (let c = 0; c < classes; c++) {
      const probability = probabilities![c]!;
      if (probability >= lowest[c]!) all[c]![placeOf(probability, distinct[c]!)]! += 1;
    }
  }
  return thresholds.map((own, c) => curveOf(own, distinct[c]!, all[c]!));
}

/** Index of the last of `sorted` that is not above `value`; the first is not. */
function placeOf(value: number, sorted: Float64Array): number {
  let low = 0;
  let high = sorted.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle;
    else high = middle;
  }
  return low;
}

function curveOf(own: readonly number[], distinct: Float64Array, all: Uint32Array): ClassCurve {
  if (own.length === 0) return { averagePrecision: null, points: [] };
  const positive = new Uint32Array(distinct.length);
  for (const probability of own) positive[placeOf(probability, distinct)]! += 1;
  const points: CurvePoint[] = [];
  let [hits, called, averagePrecision] = [0, 0, 0];
  for (let i = distinct.length - 1; i >= 0; i--) {
    hits += positive[i]!;
    called += all[i]!;
    averagePrecision += (positive[i]! / own.length) * (hits / called);
    points.push([hits / own.length, hits / called]);
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
