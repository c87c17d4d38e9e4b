import { describe, expect, it } from 'vitest';
import { assessHead } from '../../src/evaluation/assessHead.ts';
import { accuracyIntervals, differenceInterval, mcNemar } from '../../src/evaluation/bootstrap.ts';
import { confusionMatrix, type Judged, meanClassAccuracy, perClass, topK } from '../../src/evaluation/metrics.ts';

/** "truth:best,second,…" */
function judged(...records: string[]): Judged[] {
  return records.map((record) => {
    const [truth, ranked] = record.split(':') as [string, string];
    return { truth: Number(truth), ranked: ranked.split(',').map(Number) };
  });
}

// Three classes; class 2 has no support, class 1 is mistaken for 0 twice.
const three = judged('0:0,1,2', '0:0,2,1', '0:2,0,1', '1:0,1,2', '1:0,2,1', '1:1,0,2');

describe('confusion and per-class figures, by hand', () => {
  const cases: [string, Judged[], number, number[], (number | null)[][]][] = [
    [
      'nothing judged',
      [],
      2,
      [0, 0, 0, 0],
      [
        [0, null, null, null],
        [0, null, null, null],
      ],
    ],
    ['one class', judged('0:0', '0:0'), 1, [2], [[2, 1, 1, 1]]],
    [
      'a class without support',
      three,
      3,
      [2, 0, 1, 2, 1, 0, 0, 0, 0],
      [
        [3, 2 / 4, 2 / 3, 4 / 7],
        [3, 1, 1 / 3, 2 / 4],
        [0, 0, null, 0],
      ],
    ],
    [
      'a class never predicted has F1 0',
      judged('0:0,1', '1:0,1'),
      2,
      [1, 0, 1, 0],
      [
        [1, 1 / 2, 1, 2 / 3],
        [1, null, 0, 0],
      ],
    ],
    [
      'a class that neither occurs nor is predicted',
      judged('0:0,1'),
      2,
      [1, 0, 0, 0],
      [
        [1, 1, 1, 1],
        [0, null, null, null],
      ],
    ],
  ];
  it.each(cases)('%s', (_, records, classes, confusion, expected) => {
    const counts = confusionMatrix(records, classes);
    expect([...counts]).toEqual(confusion);
    const rows = perClass(records, classes).map((row) => [row.support, row.precision, row.recall, row.f1]);
    expect(rows.flat().map((value) => value && Number(value.toFixed(12)))).toEqual(
      expected.flat().map((value) => value && Number(value.toFixed(12))),
    );
  });

  it.each([[judged('2:0,1')], [judged('0:2,1')], [[{ truth: 0, ranked: [] }]], [judged('-1:0')], [judged('0.5:0')]])(
    'a record outside the classes is a defect, not a wrong count: %j',
    (records) => {
      expect(() => confusionMatrix(records, 2)).toThrow(RangeError);
      expect(() => perClass(records, 2)).toThrow(RangeError);
    },
  );
});

describe('top-k', () => {
  it.each([
    ['top-1', three, 1, 3, 3 / 6],
    ['top-2', three, 2, 3, 5 / 6],
    ['top-3 of three classes', three, 3, 3, 1],
    ['top-5 of three classes says nothing', three, 5, 3, null],
    ['no records', [], 1, 3, null],
    ['one class', judged('0:0'), 1, 1, 1],
    ['five classes', judged('4:0,1,2,3,4', '4:4,0,1,2,3'), 5, 5, 1],
    ['only the first k count', judged('5:0,1,2,3,4,5'), 5, 6, 0],
  ])('%s', (_, records, k, classes, expected) => {
    expect(topK(records, k, classes)).toBe(expected);
  });
});

describe('mean class accuracy', () => {
  it.each([
    ['leaves out classes without support', three, 3, (2 / 3 + 1 / 3) / 2],
    ['weighs a rare class as much as a common one', judged('0:0', '0:0', '0:0', '1:0'), 2, 0.5],
    ['nothing judged', [], 2, null],
  ])('%s', (_, records, classes, expected) => {
    expect(meanClassAccuracy(perClass(records, classes))).toBe(expected);
  });
});

describe('bootstrap intervals', () => {
  const right = (count: number, of: number) =>
    Array.from({ length: of }, (_, i) => ({ truth: i % 2, right: i < count }));
  const intervals = (records: ReturnType<typeof right>, seed: number) => accuracyIntervals(records, 2, seed);

  it.each([
    ['no records', [], null],
    ['all right', right(7, 7), { top1: [1, 1], meanClass: [1, 1] }],
    ['all wrong', right(0, 7), { top1: [0, 0], meanClass: [0, 0] }],
  ])('%s', (_, records, expected) => expect(intervals(records, 1)).toEqual(expected));

  it('are near the normal approximation on many records, and repeat for one seed', () => {
    const records = right(700, 1000);
    const found = intervals(records, 3)!;
    // 0.7 ± 1.96 √(0.7 · 0.3 / 1000) = 0.6716 … 0.7284; the quantiles of 1000 rounds scatter by about 0.001.
    for (const [low, high] of [found.top1, found.meanClass]) {
      expect(low).toBeGreaterThan(0.666);
      expect(low).toBeLessThan(0.677);
      expect(high).toBeGreaterThan(0.723);
      expect(high).toBeLessThan(0.734);
    }
    expect(intervals(records, 3)).toEqual(found);
    expect(intervals(records, 4)).not.toEqual(found);
  });

  it('of mean class accuracy is wider than of top-1 where one class is rare', () => {
    const records = Array.from({ length: 400 }, (_, i) => ({ truth: i < 392 ? 0 : 1, right: i % 4 !== 0 }));
    const { top1, meanClass } = intervals(records, 1)!;
    expect(meanClass[1] - meanClass[0]).toBeGreaterThan(2 * (top1[1] - top1[0]));
  });

  it.each<[string, boolean[], boolean[], [number, number] | null]>([
    ['no samples', [], [], null],
    ['the same on all', [true, false, true], [true, false, true], [0, 0]],
    ['better on all', [false, false], [true, true], [1, 1]],
    ['worse on all', [true, true], [false, false], [-1, -1]],
  ])('of a difference: %s', (_, first, second, expected) => {
    expect(differenceInterval(first, second, 1)).toEqual(expected);
  });

  it('of a difference pairs the samples: runs that err together differ little', () => {
    const first = Array.from({ length: 1000 }, (_, i) => i % 2 === 0);
    const second = first.map((value, i) => (i < 20 ? !value : value));
    const [low, high] = differenceInterval(first, second, 1)!;
    // Of 1000 differences 10 are 1 and 10 are −1: their mean has deviation √(20 / 1000) / √1000 = 0.0045; unpaired 0.022.
    expect([low > -0.011, low < -0.007, high > 0.007, high < 0.011]).toEqual([true, true, true, true]);
  });
});

describe("McNemar's exact test", () => {
  // 2 Σ C(n, k) / 2ⁿ by hand; the last is scipy 1.17.1's binomtest(480, 1000).
  it.each([
    [0, 0, 1],
    [3, 3, 1],
    [0, 5, 2 / 32],
    [5, 0, 2 / 32],
    [2, 8, (2 * (1 + 10 + 45)) / 1024],
    [480, 520, 0.2174482932041415],
  ])('%i against %i', (onlyFirst, onlySecond, expected) => {
    expect(mcNemar(onlyFirst, onlySecond)).toBeCloseTo(expected, 6);
  });
});

it('a whole head, with its missing samples told and in no figure', () => {
  const evaluation = assessHead(three, {
    run: 'quick-1',
    head: 'moves',
    dataset: 'moves',
    split: 'val',
    protocol: '1 clip',
    classes: ['a', 'b', 'c'],
    missing: 2,
    seed: 1,
  });
  expect(evaluation).toMatchObject({ samples: 6, missing: 2, top1: 0.5, top5: null, meanClass: 0.5 });
  expect(evaluation.perClass[2]).toEqual({ label: 'c', support: 0, precision: 0, recall: null, f1: 0 });
  expect(evaluation).not.toHaveProperty('seed');
  expect(evaluation).toMatchObject({ calibration: null, precisionRecall: null });
  expect(evaluation.unavailable).toEqual([
    'Calibration, precision-recall curves, average precision and the Brier score are not available: the predictions have no probabilities.',
  ]);
  const { unavailable } = assessHead(
    three.map((record) => ({ ...record, confidence: 0.5 })),
    { ...evaluation, seed: 1 },
  );
  expect(unavailable).toEqual([expect.stringMatching(/^Precision-recall curves, .* --probabilities all/)]);
});

it('a head with nothing judged has no figures and says so', () => {
  const context = {
    run: 'r',
    head: 'h',
    dataset: 'h',
    split: 'val',
    protocol: 'p',
    classes: ['a', 'b'],
    missing: 3,
    seed: 1,
  };
  const evaluation = assessHead([], context);
  const none = { precision: null, recall: null, f1: null };
  expect(evaluation).toMatchObject({
    top1: null,
    meanClass: null,
    macro: none,
    weighted: none,
    meanClassInterval: null,
  });
  expect(evaluation).toMatchObject({ calibration: null, precisionRecall: null, missing: 3, top1Interval: null });
  expect(evaluation.unavailable).toEqual(['Nothing was judged: there are no figures.']);
});
