// All figures of one head from its records: what report.json has of it. Which figures the records cannot give is said in
// sentences, never as a zero.
import { count } from '../base/format.ts';
import type { Evaluation } from '../protocol/evaluation.ts';
import { mostMatrixClasses } from '../protocol/matrixCells.ts';
import { accuracyIntervals } from './bootstrap.ts';
import { calibrationOf } from './calibration.ts';
import { averages, confusionMatrix, type Judged, meanClassAccuracy, perClass, topK } from './metrics.ts';
import { meanAveragePrecision, meanCurve, precisionRecallCurves, thinned } from './precisionRecall.ts';
import { publishedFor } from './published.ts';

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
  /** Of the bootstrap intervals. */
  seed: number;
}

/** Points kept of each class's curve. */
const curvePoints = 41;

/** `samples` counts the judged ones: what the accuracies are shares of. */
export function assessHead(records: readonly Judged[], context: HeadContext): Evaluation {
  const { seed, classes, ...told } = context;
  const metrics = perClass(records, classes.length);
  const outcomes = records.map(({ truth, ranked }) => ({ truth, right: ranked[0] === truth }));
  const intervals = accuracyIntervals(outcomes, classes.length, seed);
  const published = publishedFor(classes);
  return {
    ...told,
    classes: [...classes],
    samples: records.length,
    top1: topK(records, 1, classes.length),
    top1Interval: intervals?.top1 ?? null,
    top5: topK(records, 5, classes.length),
    meanClass: meanClassAccuracy(metrics),
    meanClassInterval: intervals?.meanClass ?? null,
    confusion: classes.length > mostMatrixClasses ? null : [...confusionMatrix(records, classes.length)],
    perClass: metrics.map((metric, index) => ({ label: classes[index]!, ...metric })),
    macro: averages(metrics, 'macro'),
    weighted: averages(metrics, 'weighted'),
    calibration: calibrationOf(records),
    precisionRecall: precisionRecallOf(records, classes.length),
    unavailable: unavailable(records, classes.length),
    ...(published && { published }),
  };
}

function precisionRecallOf(records: readonly Judged[], classes: number): Evaluation['precisionRecall'] {
  if (records.length === 0 || !hasAll(records)) return null;
  const curves = precisionRecallCurves(records, classes);
  return {
    meanAveragePrecision: meanAveragePrecision(curves),
    mean: meanCurve(curves, curvePoints).map(([recall, precision]) => [recall, precision]),
    classes: curves.map(({ averagePrecision, points }) => ({
      averagePrecision,
      curve: thinned(points, curvePoints).map(([recall, precision]) => [recall, precision]),
    })),
  };
}

function unavailable(records: readonly Judged[], classes: number): string[] {
  if (records.length === 0) return ['Nothing was judged: there are no figures.'];
  const sentences: string[] = [];
  if (classes > mostMatrixClasses)
    sentences.push(
      `The confusion matrix is not available: with ${count(classes)} classes it would have ${count(classes ** 2)} cells.`,
    );
  if (records.some(({ confidence }) => confidence === null || confidence === undefined))
    sentences.push(
      'Calibration, precision-recall curves, average precision and the Brier score are not available: the predictions have no probabilities.',
    );
  else if (!hasAll(records))
    sentences.push(
      'Precision-recall curves, average precision and the Brier score are not available: only the probabilities of the best classes are stored. Evaluate with --probabilities all to store those of all classes.',
    );
  if (classes >= 5 && topK(records, 5, classes) === null)
    sentences.push('Top-5 is not available: fewer than five classes are ranked.');
  return sentences;
}

function hasAll(records: readonly Judged[]): boolean {
  return records.every(({ probabilities }) => probabilities !== undefined);
}
