// What can be read from a confusion matrix: its rows, its most confused pairs, an order of its classes, and a cell in
// words. All pure; indices are indices into the head's classes.

import { count, percentNumber, plural } from '../../src/base/format.ts';
import type { Evaluation } from '../../src/protocol/evaluation.ts';

export interface Cell {
  truth: number;
  predicted: number;
}

export const orders = ['given', 'name', 'support', 'recall', 'similar'] as const;
export type Order = (typeof orders)[number];

/** How often samples of class `truth` were called `predicted`. */
export function countAt(evaluation: Evaluation, { truth, predicted }: Cell): number {
  return evaluation.confusion[truth * evaluation.classes.length + predicted] ?? 0;
}

export interface FilledCell extends Cell {
  times: number;
}

/** The cells that hold samples. */
export function filledCells(evaluation: Evaluation): FilledCell[] {
  const n = evaluation.classes.length;
  const cells: FilledCell[] = [];
  evaluation.confusion.forEach((times, i) => {
    if (times > 0) cells.push({ truth: Math.floor(i / n), predicted: i % n, times });
  });
  return cells;
}

/** Samples of each class that were judged: the sums of the matrix's rows. */
export function rowSums(evaluation: Evaluation): number[] {
  const n = evaluation.classes.length;
  return Array.from({ length: n }, (_, truth) => {
    let sum = 0;
    for (let predicted = 0; predicted < n; predicted++) sum += evaluation.confusion[truth * n + predicted] ?? 0;
    return sum;
  });
}

export interface Pair extends Cell {
  count: number;
  /** Of all judged samples of the true class. */
  share: number;
}

/** The mistakes made most often, most first; among equals those that hit the larger share of their class. */
export function confusedPairs(evaluation: Evaluation, most: number): Pair[] {
  const sums = rowSums(evaluation);
  const pairs = filledCells(evaluation)
    .filter(({ truth, predicted }) => truth !== predicted)
    .map(({ truth, predicted, times }) => ({ truth, predicted, count: times, share: times / sums[truth]! }));
  return pairs.sort((a, b) => b.count - a.count || b.share - a.share).slice(0, most);
}

/** The classes in the order in which the matrix shows them: place → class. Ties keep the given order. */
export function orderClasses(evaluation: Evaluation, order: Order): number[] {
  const given = evaluation.classes.map((_, i) => i);
  const { perClass, classes } = evaluation;
  switch (order) {
    case 'given':
      return given;
    case 'name':
      return given.sort((a, b) => classes[a]!.localeCompare(classes[b]!, 'en', { numeric: true }));
    case 'support':
      return given.sort((a, b) => (perClass[b]?.support ?? 0) - (perClass[a]?.support ?? 0));
    case 'recall': // worst first: that is what one looks for; classes never judged come last
      return given.sort((a, b) => (perClass[a]?.recall ?? 2) - (perClass[b]?.recall ?? 2));
    case 'similar':
      return similarOrder(evaluation);
  }
}

/**
 * Puts classes that are confused with each other side by side: starts with the most confused pair and goes on with the
 * class most confused with the last one, or, where there is none, with the most confused class left.
 */
function similarOrder(evaluation: Evaluation): number[] {
  const n = evaluation.classes.length;
  const between = (a: number, b: number) =>
    countAt(evaluation, { truth: a, predicted: b }) + countAt(evaluation, { truth: b, predicted: a });
  const left = new Set(evaluation.classes.map((_, i) => i));
  const mistakes = Array.from(left, (a) => {
    let sum = 0;
    for (let b = 0; b < n; b++) if (b !== a) sum += between(a, b);
    return sum;
  });
  const order: number[] = [];
  while (left.size > 0) {
    const last = order.at(-1);
    let next = -1;
    let best = 0;
    if (last !== undefined) {
      for (const candidate of left) {
        const value = between(last, candidate);
        if (value > best) [next, best] = [candidate, value];
      }
    }
    if (next < 0) {
      best = -1;
      for (const candidate of left) if (mistakes[candidate]! > best) [next, best] = [candidate, mistakes[candidate]!];
    }
    left.delete(next);
    order.push(next);
  }
  return order;
}

/** A cell as a sentence. */
export function cellSentence(evaluation: Evaluation, cell: Cell, sums: readonly number[]): string {
  const all = sums[cell.truth] ?? 0;
  const times = countAt(evaluation, cell);
  const truth = evaluation.classes[cell.truth] ?? '';
  if (all === 0) return `No sample of “${truth}” was judged.`;
  const share = `${percentNumber(times / all)} %`;
  const of = `${count(times)} of ${plural(all, 'sample')} of “${truth}”`;
  if (cell.truth === cell.predicted) return `${of} ${were(times)} recognised (${share}).`;
  return `${of} ${were(times)} called “${evaluation.classes[cell.predicted] ?? ''}” (${share}).`;
}

function were(times: number): string {
  return times === 1 ? 'was' : 'were';
}
