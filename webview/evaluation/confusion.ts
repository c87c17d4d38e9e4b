// What can be read from a confusion matrix: its rows, its most confused pairs, an order of its classes, and a cell in
// words. All pure; indices are indices into the matrix's labels, which are classes or groups of classes.

import { count, percentNumber, plural } from '../../src/base/format.ts';
import { similarOrder } from './seriation.ts';

export interface Cell {
  truth: number;
  predicted: number;
}

export interface Matrix {
  /** What the rows and columns are called. */
  labels: readonly string[];
  /** Row-major: truth × predicted. */
  values: ArrayLike<number>;
  /** Judged samples of each row. */
  sums: ArrayLike<number>;
  /** The head's classes that each row stands for. */
  members: readonly (readonly number[])[];
}

export const orders = ['given', 'name', 'support', 'recall', 'similar'] as const;
export type Order = (typeof orders)[number];

export function matrixOf(labels: readonly string[], values: ArrayLike<number>): Matrix {
  return { labels, values, sums: rowSums(values, labels.length), members: labels.map((_, i) => [i]) };
}

/** Of so many classes that their cells are not counted: all are empty, but the rows have their sums. */
export function matrixWithoutCells(labels: readonly string[], sums: readonly number[]): Matrix {
  return { labels, values: [], sums, members: labels.map((_, i) => [i]) };
}

/** How often samples of class `truth` were called `predicted`. */
export function countAt({ values, labels }: Matrix, { truth, predicted }: Cell): number {
  return values[truth * labels.length + predicted] ?? 0;
}

/** Of the judged samples of a row those that were recognised; null where none was judged. */
export function recallOf(matrix: Matrix, row: number): number | null {
  const all = matrix.sums[row]!;
  return all === 0 ? null : countAt(matrix, { truth: row, predicted: row }) / all;
}

function rowSums(values: ArrayLike<number>, n: number): Float64Array {
  const sums = new Float64Array(n);
  for (let truth = 0; truth < n; truth++) {
    for (let i = truth * n; i < (truth + 1) * n; i++) sums[truth]! += values[i]!;
  }
  return sums;
}

export interface Pair extends Cell {
  count: number;
  /** Of all judged samples of the true class. */
  share: number;
}

/** The mistakes made most often, most first; among equals those that hit the larger share of their class. */
export function confusedPairs({ values, sums, labels }: Matrix, most: number): Pair[] {
  const n = labels.length;
  const pairs: Pair[] = [];
  for (let truth = 0; truth < n; truth++) {
    for (let predicted = 0; predicted < n; predicted++) {
      const times = values[truth * n + predicted]!;
      if (times > 0 && truth !== predicted) pairs.push({ truth, predicted, count: times, share: times / sums[truth]! });
    }
  }
  return pairs.sort((a, b) => b.count - a.count || b.share - a.share).slice(0, most);
}

/** The classes in the order in which the matrix shows them: place → class. Ties keep the given order. */
export function orderClasses(matrix: Matrix, order: Order): number[] {
  const { labels, sums } = matrix;
  const given = labels.map((_, i) => i);
  switch (order) {
    case 'given':
      return given;
    case 'name':
      return given.sort((a, b) => labels[a]!.localeCompare(labels[b]!, 'en', { numeric: true }));
    case 'support':
      return given.sort((a, b) => sums[b]! - sums[a]!);
    case 'recall': {
      // Worst first: that is what one looks for. Classes never judged come last.
      const recalls = given.map((row) => recallOf(matrix, row) ?? 2);
      return given.sort((a, b) => recalls[a]! - recalls[b]!);
    }
    case 'similar':
      return similarOrder(matrix.values, labels.length);
  }
}

/** Labels that hold the text, in any case: those that begin with it first, then in their order. */
export function findLabels(labels: readonly string[], text: string, most: number): number[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  const found = labels.flatMap((label, index) => {
    const at = label.toLowerCase().indexOf(wanted);
    return at < 0 ? [] : [{ index, begins: at === 0 }];
  });
  return [...found.filter(({ begins }) => begins), ...found.filter(({ begins }) => !begins)]
    .slice(0, most)
    .map(({ index }) => index);
}

/** A cell as a sentence. */
export function cellSentence(matrix: Matrix, cell: Cell): string {
  const all = matrix.sums[cell.truth] ?? 0;
  const times = countAt(matrix, cell);
  const truth = matrix.labels[cell.truth] ?? '';
  if (all === 0) return `No sample of “${truth}” was judged.`;
  const share = `${percentNumber(times / all)} %`;
  const of = `${count(times)} of ${plural(all, 'sample')} of “${truth}”`;
  if (cell.truth === cell.predicted) return `${of} ${were(times)} recognised (${share}).`;
  return `${of} ${were(times)} called “${matrix.labels[cell.predicted] ?? ''}” (${share}).`;
}

function were(times: number): string {
  return times === 1 ? 'was' : 'were';
}
