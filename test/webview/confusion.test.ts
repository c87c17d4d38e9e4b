// The pure parts of the evaluation view: orders, pairs, sentences, and where cells lie.
import { describe, expect, test } from 'vitest';
import { sortedClasses } from '../../webview/evaluation/classSort.ts';
import {
  cellSentence,
  confusedPairs,
  findLabels,
  type Matrix,
  matrixOf,
  type Order,
  orderClasses,
} from '../../webview/evaluation/confusion.ts';
import { changeSentence, classChanges, differenceOf } from '../../webview/evaluation/difference.ts';
import {
  cornerOf,
  fitSide,
  type Geometry,
  moved,
  placeAt,
  scrollTo,
  settled,
  visibleRange,
  zoomedAt,
} from '../../webview/evaluation/matrixGeometry.ts';
import { halved, levelsOf } from '../../webview/evaluation/matrixTexture.ts';
import { startAt } from '../../webview/evaluation/navigation.ts';
import { type EvaluationWithMatrix, evaluationOf } from './evaluationData.ts';
import { runSummary } from './runData.ts';

/** Four classes: d is never judged; a and c are confused with each other. */
const four = matrixOf(
  ['b10', 'b9', 'a', 'd'],
  [
    [5, 0, 3, 0],
    [0, 9, 1, 0],
    [3, 0, 1, 0],
    [0, 0, 0, 0],
  ].flat(),
);
const perClass = [
  { label: 'b10', support: 8, precision: 5 / 8, recall: 5 / 8, f1: 0.625 },
  { label: 'b9', support: 10, precision: 1, recall: 0.9, f1: 0.947 },
  { label: 'a', support: 4, precision: 0.2, recall: 0.25, f1: 0.222 },
  { label: 'd', support: 0, precision: null, recall: null, f1: null },
];

const matrixFrom = ({ classes, confusion }: EvaluationWithMatrix): Matrix => matrixOf(classes, confusion);

describe('confusion', () => {
  test.each<[Order, number[]]>([
    ['given', [0, 1, 2, 3]],
    ['name', [2, 1, 0, 3]], // b9 before b10
    ['support', [1, 0, 2, 3]],
    ['recall', [2, 0, 1, 3]], // worst first, the never judged last
    ['similar', [0, 2, 1, 3]], // a between b10, its partner, and b9, called so once; then what is left
  ])('order by %s', (order, expected) => {
    expect(orderClasses(four, order)).toEqual(expected);
  });

  test.each([2, 20, 700])('every order of %d classes holds each class once', (n) => {
    const matrix = matrixFrom(evaluationOf('head', n, 4));
    for (const order of ['given', 'name', 'support', 'recall', 'similar'] as const) {
      expect([...orderClasses(matrix, order)].sort((a, b) => a - b)).toEqual(matrix.labels.map((_, i) => i));
    }
  });

  test('pairs: most first, among equals the larger share', () => {
    expect(Array.from(four.sums)).toEqual([8, 10, 4, 0]);
    expect(confusedPairs(four, 10)).toEqual([
      { truth: 2, predicted: 0, count: 3, share: 0.75 },
      { truth: 0, predicted: 2, count: 3, share: 0.375 },
      { truth: 1, predicted: 2, count: 1, share: 0.1 },
    ]);
    expect(confusedPairs(four, 1)).toHaveLength(1);
  });

  test.each([
    [{ truth: 0, predicted: 2 }, '3 of 8 samples of “b10” were called “a” (37.5 %).'],
    [{ truth: 1, predicted: 2 }, '1 of 10 samples of “b9” was called “a” (10.0 %).'],
    [{ truth: 1, predicted: 1 }, '9 of 10 samples of “b9” were recognised (90.0 %).'],
    [{ truth: 3, predicted: 0 }, 'No sample of “d” was judged.'],
  ])('%j in words', (cell, expected) => {
    expect(cellSentence(four, cell)).toBe(expected);
  });

  test.each([
    [{ by: 'label', down: false }, [2, 1, 0, 3]],
    [{ by: 'support', down: true }, [1, 0, 2, 3]],
    [{ by: 'recall', down: false }, [2, 0, 1, 3]],
    [{ by: 'recall', down: true }, [1, 0, 2, 3]], // unknown stays last
  ] as const)('table by %j', (sort, expected) => {
    expect(sortedClasses(perClass, sort)).toEqual(expected);
  });
});

describe('the pixels of a matrix', () => {
  const levels = (difference: boolean, normalised: boolean, matrix = four) =>
    levelsOf(matrix, [2, 0, 1, 3], { difference, normalised });

  test('right answers and mistakes have signs, and more is stronger', () => {
    const all = levels(false, false);
    const at = (row: number, column: number) => all[row * 4 + column]!;
    expect(at(2, 2)).toBe(255); // nine of b9: the most
    expect(at(1, 0)).toBeLessThan(0); // b10 called a
    expect(Math.abs(at(2, 0))).toBeGreaterThan(40); // one mistake is still to be seen
    expect(Math.abs(at(1, 0))).toBeGreaterThan(Math.abs(at(2, 0)));
    expect(at(3, 3)).toBe(0);
  });

  test('shares are of the row: a mistake of most of a small class is stronger than one of a large class', () => {
    const all = levels(false, true);
    expect(Math.abs(all[0 * 4 + 1]!)).toBeGreaterThan(all[0]!);
  });

  test('half the side keeps the strongest of four, with its sign', () => {
    const { levels: half, side } = halved(Int16Array.from([1, 0, 0, -7, 2, 0, 0, 0, 9]), 3);
    expect([side, ...half]).toEqual([2, -7, 0, 0, 9]);
  });
});

describe('two evaluations side by side', () => {
  const better = matrixOf(
    four.labels,
    [
      [8, 0, 0, 0],
      [0, 7, 3, 0],
      [3, 0, 1, 0],
      [0, 0, 0, 0],
    ].flat(),
  );

  test('the difference has both directions', () => {
    expect([...(differenceOf(four, better).values as Float64Array)]).toEqual(
      [
        [3, 0, -3, 0],
        [0, -2, 2, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ].flat(),
    );
  });

  test('classes that changed, the largest change first, up or down alike', () => {
    const changes = classChanges(four, better);
    expect(changes.map(({ index, change }) => [index, Number(change.toFixed(3))])).toEqual([
      [0, 0.375],
      [1, -0.2],
    ]);
  });

  test.each([
    [{ truth: 1, predicted: 2 }, '“b9” called “a”: 1 → 3 (+2).'],
    [{ truth: 1, predicted: 1 }, '“b9” recognised: 9 → 7 (−2).'],
    [{ truth: 2, predicted: 2 }, '“a” recognised: 1 in both.'],
  ])('%j in words', (cell, expected) => {
    expect(changeSentence(four, better, cell)).toBe(expected);
  });
});

describe('finding a class', () => {
  const labels = ['throwing axe', 'axe throwing', 'Taxes', 'bowling'];
  test.each([
    ['axe', [1, 0, 2]], // what begins so comes first
    ['AXE t', [1]],
    ['  ', []],
    ['<b>', []],
  ])('%j finds %j', (text, expected) => {
    expect(findLabels(labels, text, 8)).toEqual(expected);
  });
});

describe('matrix geometry', () => {
  const geometry: Geometry = {
    classes: 100,
    cell: 10,
    left: 80,
    top: 60,
    scrollX: 105,
    scrollY: 0,
    width: 480,
    height: 360,
  };

  test.each([
    [80, 60, { row: 0, column: 10 }],
    [479, 359, { row: 29, column: 50 }],
    [79, 100, undefined], // over the labels
    [100, 59, undefined],
  ])('the point %d, %d lies on %j', (x, y, expected) => {
    expect(placeAt(geometry, x, y)).toEqual(expected);
  });

  test('beyond the last class there is nothing', () => {
    expect(placeAt({ ...geometry, classes: 2, scrollX: 0 }, 110, 70)).toBeUndefined();
  });

  test('a cell’s corner lies on the cell', () => {
    const place = { row: 3, column: 20 };
    const { x, y } = cornerOf(geometry, place);
    expect(placeAt(geometry, x, y)).toEqual(place);
  });

  test('only what shows is in range', () => {
    expect(visibleRange(geometry)).toEqual({ rows: [0, 30], columns: [10, 51] });
    expect(visibleRange({ ...geometry, classes: 3, scrollX: 0 })).toEqual({ rows: [0, 3], columns: [0, 3] });
  });

  test.each([
    [2, 800, 600, 64],
    [10, 800, 600, 52],
    [100, 800, 600, 5],
    [700, 800, 636, 0.8], // less than a pixel each
    [700, 0, 0, 1 / 700], // not laid out yet
  ])('%d classes in %d × %d have cells of %d', (classes, width, height, expected) => {
    expect(fitSide(classes, width, height, 76, 76)).toBeCloseTo(expected, 10);
  });

  test('what lies under the pointer stays there when zooming', () => {
    for (const factor of [0.7, 1.3, 2]) {
      const middle = { ...geometry, scrollY: 205 };
      const before = placeAt(middle, 313, 208);
      const { cell: _, scrollX: __, scrollY: ___, ...shape } = middle;
      const after = settled(zoomedAt(middle, factor, 313, 208), shape);
      expect(after.cell).toBeCloseTo(10 * factor, 10);
      expect(placeAt(after, 313, 208)).toEqual(before);
    }
  });

  test.each([
    [
      { cell: 0, x: 0, y: 0 },
      { cell: 3, scrollX: 0, scrollY: 0 },
    ], // all of it
    [
      { cell: 900, x: 0, y: 0 },
      { cell: 64, scrollX: 0, scrollY: 0 },
    ],
    [
      { cell: 10, x: 9999, y: -5 },
      { cell: 10, scrollX: 600, scrollY: 0 },
    ], // no room beside it
  ])('the view %j settles at %j', (view, expected) => {
    const shape = { classes: 100, left: 80, top: 60, width: 480, height: 360 };
    expect(settled(view, shape)).toEqual({ ...shape, ...expected });
  });

  test.each([
    [{ row: 5, column: 20 }, false, { x: 105, y: 0 }], // shows already
    [{ row: 40, column: 3 }, false, { x: 30, y: 110 }], // just into view
    [{ row: 40, column: 3 }, true, { x: 0, y: 255 }], // into the middle
  ])('to show %j (centred: %s) scroll to %j', (place, centred, expected) => {
    expect(scrollTo(geometry, place, centred)).toEqual(expected);
  });

  test.each([
    ['ArrowUp', { row: 0, column: 5 }],
    ['ArrowDown', { row: 1, column: 5 }],
    ['ArrowLeft', { row: 0, column: 4 }],
    ['PageDown', { row: 9, column: 5 }],
    ['Home', { row: 0, column: 0 }],
    ['End', { row: 0, column: 9 }],
    ['x', undefined],
  ])('%s moves to %j', (key, expected) => {
    expect(moved({ row: 0, column: 5 }, key, 10)).toEqual(expected);
  });
});

describe('navigation', () => {
  const snapshot = { summary: runSummary('done'), heads: ['k', 's'], others: [{ run: 'base', heads: ['s'] }] };
  const before = {
    ...startAt(snapshot, undefined),
    head: 's',
    listed: { what: 'cell' as const, truth: 1, predicted: 2 },
    page: 1,
    order: 'name' as const,
  };

  test('begins with the first head', () => {
    expect(startAt(snapshot, undefined)).toMatchObject({ head: 'k', page: 0, order: 'given' });
  });

  test('goes on where the person was', () => {
    expect(startAt(snapshot, before)).toEqual(before);
    expect(startAt({ ...snapshot, head: 's' }, before)).toEqual(before);
  });

  test.each([
    [{ ...snapshot, head: 'k' }, 'k'], // asked for
    [{ ...snapshot, heads: ['x', 'y'] }, 'x'], // gone
    [{ ...snapshot, summary: { ...runSummary('done'), run: 'another' } }, 'k'], // another run
    [{ ...snapshot, heads: [] }, undefined],
  ])('forgets the cell but keeps the order where the head is another (%#)', (next, head) => {
    const now = startAt(next, before);
    expect(now.head).toBe(head);
    expect(now.listed).toBeUndefined();
    expect(now.order).toBe('name');
  });
});
