// The layers that the backbones share. Shapes stand at the end of lines: b clips, t frames, n patches, d hidden size,
// h attention heads, e = d / h.
import type { Value } from '../graph/graph.ts';
import * as op from '../graph/operators.ts';
import { type Dim, known, reshapeTarget, type Shape, sizeOf } from '../graph/shape.ts';

/** Looks a parameter up by its full name. */
export type Parameters = (name: string) => Value;

export interface LinearLayer {
  readonly name: string;
  /** [out, in], or a convolution's kernel [out, …] that is applied to cut-out patches. */
  readonly weight: Value;
  readonly bias: Value;
}

export function linearLayer(parameters: Parameters, name: string): LinearLayer {
  return { name, weight: parameters(`${name}.weight`), bias: parameters(`${name}.bias`) };
}

/** x · Wᵀ + b over the last axis. */
export function linear(x: Value, { name, weight, bias }: LinearLayer): Value {
  const outer = x.shape.slice(0, -1);
  const [out, width] = [known(weight.shape[0]!), known(sizeOf(weight.shape.slice(1)))];
  return x.graph.scope(name.split('.').at(-1)!, () => {
    const matrix = weight.shape.length === 2 ? weight : op.Reshape(weight, [out, width]);
    const rows: Shape = [sizeOf(outer), width];
    const result: Shape = [...outer, out];
    if (x.shape.length === 2) return op.Gemm(x, matrix, bias, { transB: true });
    // One Gemm over all rows, where ONNX can say the way back; with two unknown sizes a MatMul does the same.
    if (!reshapeTarget([rows[0]!, out], result)) return op.Add(op.MatMul(x, op.Transpose(matrix, [1, 0])), bias);
    return op.Reshape(op.Gemm(op.Reshape(x, rows), matrix, bias, { transB: true }), result);
  });
}

export function layerNorm(x: Value, parameters: Parameters, name: string, epsilon: number): Value {
  return op.LayerNormalization(x, parameters(`${name}.weight`), parameters(`${name}.bias`), epsilon)[0];
}

/**
 * Multi-head self-attention of x [a, b, c, d] along axis 1 or 2; the other axis counts as batch.
 * softmax(q kᵀ / √e) v, then the output projection.
 */
export function selfAttention(x: Value, along: 1 | 2, heads: number, parameters: Parameters, name: string): Value {
  const [a, b, c, width] = x.shape as [Dim, Dim, Dim, Dim];
  const size = known(width) / heads;
  const layer = linearLayer(parameters, `${name}.qkv`);
  const packed = linear(x, { ...layer, bias: op.Mul(layer.bias, exceptKeys(x, known(width))) }); // [a, b, c, 3d]
  const [query, key, value] = op.Split(
    packed,
    [0, 1, 2].map(() => known(width)),
    -1,
  ) as [Value, Value, Value];
  const split = (part: Value) => op.Reshape(part, [a, b, c, heads, size]);
  // To [a, other, h, sequence, e] straight from the stored layout, so that the tokens themselves are never moved.
  const perm = along === 1 ? [0, 2, 3, 1, 4] : [0, 1, 3, 2, 4];
  const permKey = along === 1 ? [0, 2, 3, 4, 1] : [0, 1, 3, 4, 2];
  const scaled = op.Mul(op.Transpose(split(query), perm), x.graph.scalar(size ** -0.5));
  const weights = op.Softmax(op.MatMul(scaled, op.Transpose(split(key), permKey)));
  const mixed = op.MatMul(weights, op.Transpose(split(value), perm)); // [a, other, h, sequence, e]
  const back = along === 1 ? [0, 3, 1, 2, 4] : [0, 1, 3, 2, 4];
  return linear(op.Reshape(op.Transpose(mixed, back), x.shape), linearLayer(parameters, `${name}.proj`)); // [a, b, c, d]
}

/**
 * Ones, and zeros for the keys' bias. A key's bias adds the same number to all scores of a query, which a softmax does not
 * see: its gradient is zero. Left in, it would be rounding noise, which AdamW would blow up to whole steps.
 */
function exceptKeys(x: Value, width: number): Value {
  return x.graph.constant('except_keys', new Float32Array(3 * width).fill(1).fill(0, width, 2 * width), [3 * width]);
}
