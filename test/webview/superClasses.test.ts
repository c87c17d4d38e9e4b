// Classes put together, and the files that say how; and how a matrix travels.
import { describe, expect, test } from 'vitest';
import { packCells, unpackCells } from '../../src/protocol/matrixCells.ts';
import { countAt, matrixOf } from '../../webview/evaluation/confusion.ts';
import { windowOf } from '../../webview/evaluation/rowWindow.tsx';
import { aggregated, byFirstWord, readGroups } from '../../webview/evaluation/superClasses.ts';

const labels = ['playing violin', 'archery', 'Playing cello', 'sports/golf', 'sports/polo', 'play'];

describe('groups of classes', () => {
  test('by their first word; what nobody shares stays alone', () => {
    const groupOf = byFirstWord(labels);
    expect(labels.map(groupOf)).toEqual(['playing …', undefined, 'playing …', 'sports …', 'sports …', undefined]);
  });

  test('a group has the sums of its classes, and knows them', () => {
    const values = Array.from({ length: 36 }, (_, i) => i);
    const matrix = aggregated(matrixOf(labels, values), byFirstWord(labels));
    expect(matrix.labels).toEqual(['playing …', 'archery', 'sports …', 'play']);
    expect(matrix.members).toEqual([[0, 2], [1], [3, 4], [5]]);
    expect(countAt(matrix, { truth: 0, predicted: 2 })).toBe(3 + 4 + 15 + 16);
    const all = (numbers: ArrayLike<number>) => Array.from(numbers).reduce((sum, value) => sum + value, 0);
    expect(all(matrix.values)).toBe(all(values));
    expect(all(matrix.sums)).toBe(all(values));
  });

  test('a group called like a class that is in none stays apart from it', () => {
    const matrix = aggregated(matrixOf(['a', 'b', 'c'], Array(9).fill(1)), (label) =>
      label === 'b' ? 'a' : undefined,
    );
    expect(matrix.labels).toEqual(['a', 'a', 'c']);
  });

  const names = ['riding a bike', 'archery, indoors', '__proto__', 'a "b"'];
  test.each([
    ['class,group\nriding a bike,wheels\n', { 'riding a bike': 'wheels' }],
    ['\uFEFFRiding_A_Bike;wheels\r\n"archery, indoors";bow', { 'riding a bike': 'wheels', 'archery, indoors': 'bow' }],
    ['"a ""b"""\tquotes', { 'a "b"': 'quotes' }],
    [
      '{"wheels": ["riding a bike"], "bow": ["archery, indoors", 3]}',
      { 'riding a bike': 'wheels', 'archery, indoors': 'bow' },
    ],
    ['{"riding a bike": "<script>alert(1)</script>"}', { 'riding a bike': '<script>alert(1)</script>' }],
  ])('%j says %j', (text, expected) => {
    expect(readGroups(text, names)).toEqual({ groups: expected, found: Object.keys(expected).length });
  });

  test('a class called like a part of every object is a class', () => {
    const { groups } = readGroups('__proto__,odd', names);
    expect(Object.entries(groups)).toEqual([['__proto__', 'odd']]);
  });

  test.each(['', 'nothing,of these', '{"a": 1', '[1, 2]', 'riding a bike'])('%j is refused', (text) => {
    expect(() => readGroups(text, names)).toThrow(/class/i);
  });
});

describe('a matrix on its way', () => {
  test.each([
    [[0, 0, 0, 0], []],
    [
      [3, 0, 0, 1],
      [0, 3, 2, 1],
    ],
    [
      [0, 2, 0, 0],
      [1, 2],
    ],
  ])('%j travels as %j', (values, cells) => {
    expect(packCells(values)).toEqual(cells);
    expect([...unpackCells(cells, 2)]).toEqual(values);
  });

  test('what lies beyond the matrix is dropped', () => {
    expect([...unpackCells([9, 9, 1, 1], 2)]).toEqual([0, 0, 0, 0]);
  });
});

test.each([
  [700, 0, 320, { from: 0, to: 27 }],
  [700, 2200, 320, { from: 88, to: 127 }],
  [10, 0, 320, { from: 0, to: 10 }],
  [3, 9999, 320, { from: 3, to: 3 }],
])('of %d rows scrolled to %d in %d pixels those that show are drawn', (rows, top, height, expected) => {
  const { from, to, above, below } = windowOf(rows, top, height);
  expect({ from, to }).toEqual(expected);
  expect(above + below + (to - from) * 22).toBe(rows * 22);
});
