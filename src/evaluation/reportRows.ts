// What both forms of a report say of a head, as plain text: neither escaped nor laid out.
import { count, percent, plural } from '../base/format.ts';
import type { Evaluation } from '../protocol/evaluation.ts';

/** A report for reading: the run, and what could not be judged. */
export interface ReportSubject {
  readonly run: string;
  /** ISO 8601. */
  readonly started: string;
  readonly device: string;
  /** What was evaluated, where it is no training of ours: a sentence. */
  readonly foreign: string | undefined;
  readonly heads: readonly { readonly evaluation: Evaluation; readonly missing: readonly MissingSample[] }[];
}

export interface MissingSample {
  readonly sample: string;
  readonly reason: string;
}

/** Most samples listed of those that are missing; all are counted. */
export const missingListed = 20;

/** Name, value and remark of every single figure. */
export function figureRows(evaluation: Evaluation): [string, string, string][] {
  const { top1, top1Interval, top5, meanClass, meanClassInterval, macro, weighted, calibration, precisionRecall } =
    evaluation;
  const rows: [string, string, string][] = [
    ['Top-1', percent(top1, 2), intervalText(top1Interval)],
    ['Top-5', percent(top5, 2), evaluation.classes.length < 5 ? 'says nothing with fewer than five classes' : ''],
    ['Mean class accuracy', percent(meanClass, 2), intervalText(meanClassInterval ?? null)],
  ];
  for (const [name, means] of [
    ['Macro', macro],
    ['Weighted', weighted],
  ] as const) {
    if (!means) continue;
    const { precision, recall, f1 } = means;
    rows.push([
      `${name} precision, recall, F1`,
      [precision, recall, f1].map((value) => percent(value, 2)).join(', '),
      '',
    ]);
  }
  if (precisionRecall)
    rows.push([
      'Mean average precision',
      percent(precisionRecall.meanAveragePrecision, 2),
      'over the classes with samples',
    ]);
  if (calibration) {
    rows.push(['Calibration error (ECE)', percent(calibration.ece, 2), `${calibration.bins.length} equal bins`]);
    if (calibration.nll !== null) rows.push(['Negative log-likelihood', calibration.nll.toFixed(4), '']);
    if (calibration.brier !== null)
      rows.push(['Brier score', calibration.brier.toFixed(4), 'summed over the classes, 0 … 2']);
  }
  return rows;
}

function intervalText(interval: readonly [number, number] | null): string {
  return interval === null ? '' : `95 %: ${percent(interval[0], 2)} … ${percent(interval[1], 2)}`;
}

/** What stands beside every accuracy. */
export function protocolText({ dataset, split, protocol, samples, missing, classes }: Evaluation): string {
  const lost = missing === 0 ? 'none missing' : `${count(missing)} missing, in no figure`;
  return `${dataset} ${split}, ${protocol}; ${count(samples)} judged, ${lost}; ${plural(classes.length, 'class', 'classes')}`;
}

/** The commonest mistakes, the largest count first; none without a matrix. */
export function confusedPairs(
  { confusion, classes }: Evaluation,
  most: number,
): { truth: string; predicted: string; count: number; share: number }[] {
  if (confusion === null) return [];
  const n = classes.length;
  const pairs: { at: number; count: number }[] = [];
  const totals = new Float64Array(n);
  confusion.forEach((value, at) => {
    totals[Math.floor(at / n)]! += value;
    if (value > 0 && Math.floor(at / n) !== at % n) pairs.push({ at, count: value });
  });
  pairs.sort((a, b) => b.count - a.count || a.at - b.at);
  return pairs.slice(0, most).map(({ at, count: value }) => {
    const truth = Math.floor(at / n);
    return { truth: classes[truth]!, predicted: classes[at % n]!, count: value, share: value / totals[truth]! };
  });
}

/** Method, top-1, what is known of it, source; the evaluation itself last. */
export function publishedRows({ published, run, top1, protocol }: Evaluation): string[][] {
  if (!published) return [];
  const said = (value: string | null) => value ?? 'not stated';
  return [
    ...published.figures.map((figure) => [
      ...[
        figure.method,
        percent(figure.top1),
        said(figure.pretraining),
        said(figure.training),
        said(figure.protocol),
        figure.source,
      ],
    ]),
    [run, percent(top1), '', '', protocol, 'this evaluation'],
  ];
}
export const publishedHeader = ['Method', 'Top-1', 'Pre-training', 'Trained on', 'Protocol', 'Source'];

/** One row a class, in their order. */
export function classRows({ perClass, precisionRecall }: Evaluation): string[][] {
  return perClass.map(({ label, support, precision, recall, f1 }, i) => [
    ...[label, count(support), percent(precision), percent(recall), percent(f1)],
    ...(precisionRecall ? [percent(precisionRecall.classes[i]?.averagePrecision)] : []),
  ]);
}
export function classHeader({ precisionRecall }: Evaluation): string[] {
  return ['Class', 'Samples', 'Precision', 'Recall', 'F1', ...(precisionRecall ? ['Average precision'] : [])];
}
