// Every figure of an evaluation as a pure function of per-sample records. Nothing here knows files or models, so that
// a figure can be recomputed from a run's stored predictions at any time. A share that is 0 of 0 is null, never 0.

/** One judged sample: its class, and the classes the head ranked highest, best first (indices into the classes). */
export interface Judged {
  truth: number;
  ranked: readonly number[];
  /** Probability of `ranked[0]`; null or absent where it is not known. */
  confidence?: number | null;
  /** Probability of the true class; null or absent where it is not known. */
  truthProbability?: number | null;
  /** Of all classes, in their order, 0 … 1; absent where only those of the best were kept. */
  probabilities?: Float32Array | undefined;
}

/** Row-major counts, truth × predicted, `classes`² long. */
export function confusionMatrix(records: readonly Judged[], classes: number): Uint32Array {
  const counts = new Uint32Array(classes * classes);
  for (const record of records) {
    const { truth, predicted } = checked(record, classes);
    counts[truth * classes + predicted]! += 1;
  }
  return counts;
}

function checked({ truth, ranked }: Judged, classes: number): { truth: number; predicted: number } {
  const predicted = ranked[0];
  if (!isClass(truth, classes) || !isClass(predicted, classes))
    throw new RangeError(`A record of class ${truth}, predicted ${predicted}, does not fit ${classes} classes.`);
  return { truth, predicted };
}

function isClass(index: number | undefined, classes: number): index is number {
  return index !== undefined && Number.isInteger(index) && index >= 0 && index < classes;
}

/**
 * Share of the records whose class is among the first `k`; null without records, with fewer than `k` classes, and where a
 * record has fewer than `k` ranked.
 */
export function topK(records: readonly Judged[], k: number, classes: number): number | null {
  if (records.length === 0 || classes < k) return null;
  let hits = 0;
  for (const { truth, ranked } of records) {
    if (ranked.length < k) return null;
    const place = ranked.indexOf(truth);
    if (place >= 0 && place < k) hits++;
  }
  return hits / records.length;
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
export function perClass(records: readonly Judged[], classes: number): ClassMetrics[] {
  const support = new Array<number>(classes).fill(0);
  const predicted = [...support];
  const right = [...support];
  for (const record of records) {
    const { truth, predicted: guess } = checked(record, classes);
    support[truth]! += 1;
    predicted[guess]! += 1;
    if (truth === guess) right[truth]! += 1;
  }
  return support.map((total, index) => {
    const share = (of: number): number | null => (of === 0 ? null : right[index]! / of);
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

export interface Averages {
  precision: number | null;
  recall: number | null;
  f1: number | null;
}

/**
 * Means over the classes, each alike (`macro`) or by its support (`weighted`). A class where a figure is null is left out of
 * that figure's mean, as scikit-learn does with zero_division=nan; null where no class has it.
 */
export function averages(metrics: readonly ClassMetrics[], kind: 'macro' | 'weighted'): Averages {
  const mean = (key: keyof Averages): number | null => {
    const known = metrics.filter((metric) => metric[key] !== null);
    if (known.length === 0) return null;
    const total = known.reduce((sum, { support }) => sum + support, 0);
    // Where only classes without support have the figure, they count alike.
    const share = ({ support }: ClassMetrics) =>
      kind === 'weighted' && total > 0 ? support / total : 1 / known.length;
    return known.reduce((sum, metric) => sum + share(metric) * metric[key]!, 0);
  };
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') };
}
