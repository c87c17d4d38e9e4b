// The time embedding for any number of frames, and zeros in the shape of sizes known only when the graph runs.
import type { Value } from '../graph/graph.ts';
import * as op from '../graph/operators.ts';
import { known, type Shape, sameDim } from '../graph/shape.ts';

/**
 * time_embed [1, length, d] for the t frames of pixels [b, t, …]: as it is where t is its length, else by nearest
 * neighbour, frame i taking row ⌊i · length / t⌋ (so one frame takes row 0), as the original does.
 */
export function timeEmbedding(embedding: Value, pixels: Value): Value {
  const t = pixels.shape[1]!;
  const [length, d] = [known(embedding.shape[1]!), embedding.shape[2]!];
  const { graph } = embedding;
  if (sameDim(t, length)) return embedding;
  if (typeof t === 'number') {
    // A product with a table of ones and zeros: its gradient is a product too, where a gather's would be a scatter.
    const table = new Float32Array(t * length);
    for (let i = 0; i < t; i++) table[i * length + nearest(i, length, t)] = 1;
    return op.MatMul(graph.constant('nearest', table, [1, t, length]), embedding);
  }
  const ones = op.Add(zerosLike(pixels, [t]), graph.scalar(1));
  const index = op.Sub(op.CumSum(ones, 0), graph.scalar(1)); // [t]
  const scale = op.Div(graph.scalar(length), op.ReduceSum(ones, [0], true));
  const rows = op.CastToInt64(op.Floor(op.Mul(index, scale)));
  return op.Reshape(op.Gather(embedding, rows, 1), [1, t, d]);
}

/** ⌊i · length / t⌋ in float32, as torch.nn.functional.interpolate computes it. */
function nearest(i: number, length: number, t: number): number {
  return Math.min(Math.floor(Math.fround(i * Math.fround(length / t))), length - 1);
}

/**
 * Zeros of `shape`, whose unknown sizes are taken from x's own leading dimensions [b, t, …]: there is no other way to
 * make a tensor of a size known only when the graph runs that stays on the device.
 */
export function zerosLike(x: Value, shape: Shape): Value {
  let rest = x;
  x.shape.forEach((dim, axis) => {
    if (!shape.some((wanted) => typeof wanted !== 'number' && sameDim(wanted, dim))) rest = op.Slice(rest, axis, 0, 1);
  });
  return op.Reshape(op.Mul(rest, op.scalarOf(x, 0)), shape);
}
