// Undoing a broadcast, which gradients need: what was repeated on the way forward is summed on the way back.
import type { Value } from './graph.ts';
import * as op from './operators.ts';
import { type Dim, type Shape, sameDim, sameShape, sizeOf } from './shape.ts';

/** `x` summed over the dimensions along which a value of `shape` was repeated. */
export function sumToShape(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  const extra = x.shape.length - shape.length;
  const axes = x.shape.flatMap((dim, i) => {
    const own = shape[i - extra];
    return i < extra || (own === 1 && !sameDim(dim, 1)) ? [i] : [];
  });
  const width = x.shape.at(-1)!;
  if (axes.length === x.shape.length - 1 && !axes.includes(axes.length)) return op.Reshape(sumOfRows(x, width), shape);
  return op.Reshape(
    op.ReduceSum(
      x,
      axes,
      axes.some((axis) => axis >= extra),
    ),
    shape,
  );
}

/**
 * [width]: the sum of all rows of x, in parts first: of a single run of rows onnxruntime's ReduceSum adds up a few columns
 * at a time, which takes several times as long on the CPU.
 */
function sumOfRows(x: Value, width: Dim): Value {
  const rows = sizeOf(x.shape.slice(0, -1));
  if (typeof rows === 'number' || rows.factor === 1) return op.ReduceSum(op.Reshape(x, [rows, width]), [0]);
  const parts = smallestDivisor(rows.factor);
  const samples = op.Reshape(x, [{ ...rows, factor: parts }, rows.factor / parts, width]);
  return op.ReduceSum(op.ReduceSum(samples, [1]), [0]);
}

/** Of a number greater than 1; of a prime number, 1. */
function smallestDivisor(number: number): number {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return divisor;
  return 1;
}
