// Undoing a broadcast, which gradients need: what was repeated on the way forward is summed on the way back.
import type { Value } from './graph.ts';
import * as op from './operators.ts';
import { type Shape, sameDim, sameShape } from './shape.ts';

/** `x` summed over the dimensions along which a value of `shape` was repeated. */
export function sumToShape(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  const extra = x.shape.length - shape.length;
  const axes = x.shape.flatMap((dim, i) => {
    const own = shape[i - extra];
    return i < extra || (own === 1 && !sameDim(dim, 1)) ? [i] : [];
  });
  return op.Reshape(
    op.ReduceSum(
      x,
      axes,
      axes.some((axis) => axis >= extra),
    ),
    shape,
  );
}
