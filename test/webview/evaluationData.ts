// Made-up evaluations of any number of classes, and the judged samples of their cells.
import { Random } from '../../src/base/random.ts';
import { shownEvaluation } from '../../src/evaluation/shownEvaluation.ts';
import type { HeadComparison } from '../../src/protocol/comparisons.ts';
import type { Evaluation, JudgedSample, ShownEvaluation } from '../../src/protocol/evaluation.ts';
import { packCells } from '../../src/protocol/matrixCells.ts';

const names = [
  'archery',
  'riding a bike',
  'riding scooter',
  'throwing axe',
  'playing violin',
  'juggling balls',
  'pole vault',
  'making a cake, “quoted” & <b>bold</b>',
  'surfing water',
  'bowling',
];

export function classNames(n: number): string[] {
  return Array.from({ length: n }, (_, i) => names[i] ?? `class ${String(i).padStart(3, '0')}`);
}

export type EvaluationWithMatrix = Evaluation & { confusion: number[] };

/** A head that is right most of the time and has its favourite mistakes. `support` is the mean samples a class. */
export function evaluationOf(head: string, n: number, support = 24): EvaluationWithMatrix {
  const random = new Random(n);
  const classes = classNames(n);
  const confusion = new Array<number>(n * n).fill(0);
  for (let truth = 0; truth < n; truth++) {
    const samples = Math.max(2, Math.round(support * (0.5 + random.uniform())));
    for (let i = 0; i < samples; i++) {
      const right = random.uniform() < 0.72;
      const near = random.uniform() < 0.7 ? truth ^ 1 : random.below(n);
      confusion[truth * n + (right ? truth : Math.min(n - 1, near))]!++;
    }
  }
  const sum = (from: (k: number) => number) => Array.from({ length: n }, (_, k) => from(k)).reduce((a, b) => a + b, 0);
  const perClass = classes.map((label, c) => {
    const hits = confusion[c * n + c]!;
    const own = sum((k) => confusion[c * n + k]!);
    const called = sum((k) => confusion[k * n + c]!);
    const [precision, recall] = [called > 0 ? hits / called : null, own > 0 ? hits / own : null];
    const f1 =
      precision !== null && recall !== null && precision + recall > 0
        ? (2 * precision * recall) / (precision + recall)
        : null;
    return { label, support: own, precision, recall, f1 };
  });
  const samples = confusion.reduce((a, b) => a + b, 0);
  const top1 = sum((k) => confusion[k * n + k]!) / samples;
  return {
    run: 'cover-tiny-2',
    head,
    dataset: head,
    split: 'val',
    protocol: '1 clip × 1 crop, 8 frames uniform, 64 × 64',
    classes,
    samples,
    missing: 2,
    top1,
    top1Interval: [top1 - 0.061, top1 + 0.056],
    top5: Math.min(1, top1 + 0.2),
    meanClass: sum((k) => perClass[k]!.recall ?? 0) / n,
    confusion,
    perClass,
  };
}

/** The same as a page gets it, with every figure that there may be. */
export function shownOf(evaluation: Evaluation): ShownEvaluation {
  const n = evaluation.classes.length;
  const curve = (area: number) =>
    Array.from({ length: 41 }, (_, i): [number, number] => [i / 40, 1 - (1 - area) * (i / 40) ** 2]);
  const averages = { precision: 0.72, recall: 0.71, f1: 0.702 };
  return shownEvaluation({
    ...evaluation,
    meanClassInterval: [0.64, 0.76],
    macro: averages,
    weighted: { ...averages, f1: 0.731 },
    calibration: {
      ece: 0.083,
      nll: 0.912,
      brier: 0.391,
      bins: Array.from({ length: 15 }, (_, i) =>
        i < 2
          ? { samples: 0, confidence: null, accuracy: null }
          : { samples: 4 * i * i, confidence: (i + 0.6) / 15, accuracy: Math.max(0, (i - 0.6) / 15) },
      ),
    },
    precisionRecall: {
      meanAveragePrecision: 0.74,
      mean: curve(0.6),
      classes: Array.from({ length: n }, (_, i) => ({ averagePrecision: 1 - i / (n + 2), curve: curve(1 - i / n) })),
    },
    unavailable: ['Views of a clip are not stored: agreement among them cannot be shown.'],
  });
}

/** The evaluation against one that has every fifth sample of each right cell wrong instead. */
export function comparisonOf(
  evaluation: EvaluationWithMatrix,
  other: string,
): HeadComparison & { cells: number[]; otherCells: number[] } {
  const n = evaluation.classes.length;
  const before = evaluation.confusion.slice();
  let [fixed, broken] = [0, 0];
  for (let truth = 0; truth < n; truth++) {
    const next = (truth + 1) % n;
    const moved = Math.floor(before[truth * n + truth]! / 5);
    before[truth * n + truth]! -= moved;
    before[truth * n + next]! += moved;
    fixed += moved;
    if (truth % 3 === 0 && before[truth * n + next]! > 0) {
      const back = Math.min(before[truth * n + next]!, moved + 2);
      before[truth * n + next]! -= back;
      before[truth * n + truth]! += back;
      broken += back;
    }
  }
  return {
    run: evaluation.run,
    other,
    head: evaluation.head,
    protocol: evaluation.protocol,
    otherProtocol: evaluation.protocol,
    common: evaluation.samples,
    onlyInRun: 0,
    onlyInOther: 3,
    top1: evaluation.top1,
    otherTop1: evaluation.top1! - (fixed - broken) / evaluation.samples,
    difference: (fixed - broken) / evaluation.samples,
    interval: [(fixed - broken) / evaluation.samples - 0.04, (fixed - broken) / evaluation.samples + 0.04],
    p: 0.0123,
    fixed,
    broken,
    warnings: ['Not the same samples: 3 only in the other; the difference is of the common ones.'],
    classes: evaluation.classes,
    cells: packCells(evaluation.confusion),
    otherCells: packCells(before),
  };
}

/** Samples `offset` … `offset + limit` of a cell, shown by the files given in turn. */
export function cellOf(
  evaluation: EvaluationWithMatrix,
  truth: number,
  predicted: number,
  offset: number,
  limit: number,
  files: readonly string[],
): JudgedSample[] {
  const { classes, head } = evaluation;
  const total = evaluation.confusion[truth * classes.length + predicted]!;
  const label = classes[truth]!;
  return Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, i) => {
    const index = offset + i;
    const file = files[index % files.length]!;
    return {
      sample: {
        id: `${head}/${truth}/${predicted}/${index}`,
        dataset: head,
        split: 'val',
        label,
        file,
        kind: file.endsWith('.png') ? 'image' : 'video',
        start: null,
        end: null,
      },
      predicted: classes[predicted]!,
      probability: 0.81 - 0.01 * i,
      heads: {
        [head]: [
          { label: classes[predicted]!, probability: 0.81 - 0.01 * i },
          { label, probability: 0.12 },
        ],
        'ssv2-mini': [{ label: 'Pushing something from left to right', probability: 0.44 }],
        'imagenet-mini': [{ label: 'unicycle', probability: 0.63 }],
      },
    };
  });
}
