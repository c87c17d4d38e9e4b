// Every figure equals scikit-learn's to 1e-9, on random and on degenerate records (metricsFixtures.py makes them).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { assessHead } from '../../src/evaluation/assessHead.ts';
import { topClasses } from '../../src/evaluation/classifier.ts';
import type { Judged } from '../../src/evaluation/metrics.ts';
import { precisionRecallCurves } from '../../src/evaluation/precisionRecall.ts';

const number = z.number().nullable();
const schema = z.record(
  z.string(),
  z.object({
    truth: z.array(z.number()),
    parts: z.array(z.array(z.number())),
    expected: z.object({
      confusion: z.array(z.number()),
      top1: number,
      top5: number,
      meanClass: number,
      precision: z.array(number),
      recall: z.array(number),
      f1: z.array(number),
      support: z.array(z.number()),
      macro: z.array(number),
      weighted: z.array(number),
      averagePrecision: z.array(number),
      meanAveragePrecision: number,
      curves: z.array(z.array(z.array(z.number()))),
      bins: z.object({ counts: z.array(z.number()), accuracy: z.array(z.number()), confidence: z.array(z.number()) }),
      ece: number,
      nll: number,
      brier: number,
    }),
  }),
);
const file = join(import.meta.dirname, '..', 'fixtures', 'metrics', 'scikitLearn.json');
const cases = Object.entries(schema.parse(JSON.parse(readFileSync(file, 'utf8'))));

function recordsOf(truth: readonly number[], parts: readonly (readonly number[])[]): Judged[] {
  return truth.map((label, i) => {
    const probabilities = Float32Array.from(parts[i]!, (part) => part / 4096); // exact
    const ranked = topClasses(probabilities, 0, probabilities.length, 5);
    return {
      truth: label,
      ranked,
      confidence: probabilities[ranked[0]!]!,
      truthProbability: probabilities[label]!,
      probabilities,
    };
  });
}

/** Numbers anywhere inside are equal to 1e-9; null only equals null. */
function same(found: unknown, expected: unknown, what: string): void {
  if (Array.isArray(expected)) {
    expect(found, what).toHaveLength(expected.length);
    expected.forEach((each, i) => void same((found as unknown[])[i], each, `${what}[${i}]`));
  } else if (typeof expected === 'number') {
    expect(typeof found, what).toBe('number');
    expect(Math.abs((found as number) - expected), what).toBeLessThan(1e-9);
  } else expect(found, what).toEqual(expected);
}

describe.each(cases)('%s', (_, { truth, parts, expected }) => {
  const classes = parts[0]!.map((_, index) => `class ${index}`);
  const records = recordsOf(truth, parts);
  const found = assessHead(records, {
    run: 'r',
    head: 'h',
    dataset: 'h',
    split: 'val',
    protocol: 'p',
    classes,
    missing: 0,
    seed: 1,
  });

  it('accuracies, per class and averaged', () => {
    expect(found.confusion).toEqual(expected.confusion);
    const column = (key: 'precision' | 'recall' | 'f1' | 'support') => found.perClass.map((row) => row[key]);
    for (const key of ['precision', 'recall', 'f1', 'support'] as const) same(column(key), expected[key], key);
    for (const key of ['top1', 'top5', 'meanClass'] as const) same(found[key], expected[key], key);
    for (const kind of ['macro', 'weighted'] as const) {
      const { precision, recall, f1 } = found[kind]!;
      same([precision, recall, f1], expected[kind], kind);
    }
  });

  it('precision-recall curves and average precision', () => {
    const curves = precisionRecallCurves(records, classes.length);
    same(
      curves.map(({ averagePrecision }) => averagePrecision),
      expected.averagePrecision,
      'average precision',
    );
    same(found.precisionRecall!.meanAveragePrecision, expected.meanAveragePrecision, 'mean');
    same(
      curves.map(({ points }) => points),
      expected.curves,
      'curves',
    );
    for (const [i, { curve }] of found.precisionRecall!.classes.entries()) {
      expect(curve.length).toBeLessThanOrEqual(41);
      expect(curve.at(-1)?.[0]).toBe(expected.curves[i]!.length > 0 ? 1 : undefined);
    }
  });

  it('calibration', () => {
    const { bins, ece, nll, brier } = found.calibration!;
    const filled = bins.filter(({ samples }) => samples > 0);
    expect(bins.map(({ samples }) => samples)).toEqual(expected.bins.counts);
    same(
      filled.map(({ accuracy }) => accuracy),
      expected.bins.accuracy,
      'accuracy',
    );
    same(
      filled.map(({ confidence }) => confidence),
      expected.bins.confidence,
      'confidence',
    );
    same(ece, expected.ece, 'ece');
    if (expected.nll !== null) same(nll, expected.nll, 'nll');
    if (expected.brier !== null) same(brier, expected.brier, 'brier');
    expect(found.unavailable).toEqual([]);
  });
});
