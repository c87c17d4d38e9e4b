// How a matrix of counts travels: by the cells that are not empty. Of 700 × 700 classes half a million are, and as JSON they
// would be most of a message. Pure; both sides use it.

/** With more classes no matrix of counts is made: it would have more cells than memory and pages can take (ImageNet-21k: 477 million). */
export const mostMatrixClasses = 5000;

/** Row-major counts as pairs: how many empty cells lie before, then the count. */
export function packCells(values: ArrayLike<number>): number[] {
  const cells: number[] = [];
  let gap = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0) {
      gap++;
      continue;
    }
    cells.push(gap, values[i]!);
    gap = 0;
  }
  return cells;
}

/** The row-major matrix of `classes` × `classes` again. What lies beyond it is dropped. */
export function unpackCells(cells: readonly number[], classes: number): Int32Array {
  const values = new Int32Array(classes * classes);
  let at = 0;
  for (let i = 0; i + 1 < cells.length; i += 2) {
    at += cells[i]!;
    if (at >= values.length) break;
    values[at++] = cells[i + 1]!;
  }
  return values;
}
