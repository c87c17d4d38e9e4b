// Two evaluations set side by side: the matrix of what changed, and how each class did before and after. Pure.
import type { Cell, Matrix } from './confusion.ts';
import { countAt, recallOf } from './confusion.ts';

/** Cell by cell, the second matrix minus the first. Their labels are the same; the sums are those of the first. */
export function differenceOf(first: Matrix, second: Matrix): Matrix {
  const values = new Float64Array(first.values.length);
  for (let i = 0; i < values.length; i++) values[i] = second.values[i]! - first.values[i]!;
  return { ...first, values };
}

export interface ClassChange {
  index: number;
  /** Judged samples of the class. */
  support: number;
  before: number;
  after: number;
  /** after − before. */
  change: number;
}

/** Classes whose recall changed, the largest change first, up or down alike; then by name of the index. */
export function classChanges(first: Matrix, second: Matrix): ClassChange[] {
  return first.labels
    .flatMap((_, index): ClassChange[] => {
      const [before, after] = [recallOf(first, index), recallOf(second, index)];
      if (before === null || after === null) return [];
      return [{ index, support: first.sums[index]!, before, after, change: after - before }];
    })
    .filter(({ change }) => Math.abs(change) > 1e-12)
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change) || b.support - a.support || a.index - b.index);
}

/** A cell of the difference as a sentence. */
export function changeSentence(first: Matrix, second: Matrix, { truth, predicted }: Cell): string {
  const [before, after] = [countAt(first, { truth, predicted }), countAt(second, { truth, predicted })];
  const label = first.labels[truth] ?? '';
  const what = truth === predicted ? 'recognised' : `called “${first.labels[predicted] ?? ''}”`;
  if (before === after) return `“${label}” ${what}: ${before} in both.`;
  return `“${label}” ${what}: ${before} → ${after} (${after > before ? '+' : '−'}${Math.abs(after - before)}).`;
}

/** Samples of a cell: of this run alone, of the other alone, of both. */
export interface CellCounts {
  came: number;
  left: number;
  stayed: number;
}

/** What the list of a cell's samples is of, so that it adds up to what the cell says. */
export function sidesSentence(
  labels: readonly string[],
  { truth, predicted }: Cell,
  { came, left, stayed }: CellCounts,
  other: string,
): string {
  const own = truth === predicted;
  const called = `called “${labels[predicted] ?? ''}”`;
  const difference = came === left ? '±0' : `${came > left ? '+' : '−'}${Math.abs(came - left)}`;
  const first = own ? `${came} became right` : `${came} now ${called}`;
  const second = own ? `${left} became wrong` : `${left} no longer`;
  return `${first}, ${second} (${difference}); ${stayed} ${own ? 'right' : 'there'} in both. This run has ${came + stayed}, ${other} ${left + stayed} of the samples that both judged.`;
}

/** What became of one of them, by which of the two is right. */
export function changeWord(isRight: boolean, wasRight: boolean): string {
  if (isRight === wasRight) return isRight ? 'right in both' : 'wrong in both';
  return isRight ? 'became right' : 'became wrong';
}
