// The layers that the backbones share. Shapes stand at the end of lines: b clips, t frames, n patches, d hidden size,
// h attention heads, e = d / h.
import type { Value } from '../graph/graph.ts';
import * as op from '../graph/operators.ts';
import { type Dim, known, multiply, sizeOf } from '../graph/shape.ts';

/** Hears of the weights of an attention, after their softmax: who looks at what. Nothing of the graph changes by it. */
export type Observe = (weights: Value) => void;

/** Looks a parameter up by its full name. */
export type Parameters = (name: string) => Value;

export interface LinearLayer {
  readonly name: string;
  /** [out, in], or a convolution's kernel [out, …] that is applied to cut-out patches. */
  readonly weight: Value;
  readonly bias?: Value;
}

export function linearLayer(parameters: Parameters, name: string): LinearLayer {
  return { name, weight: parameters(`${name}.weight`), bias: parameters(`${name}.bias`) };
}

/**
 * (x · Wᵀ + b) · scale over the last axis, as one Gemm over all rows. The bias is added by a node of its own: onnxruntime's
 * Gemm would first write it to every row, on one thread, which takes the product's time up by a tenth.
 */
export function linear(x: Value, { name, weight, bias }: LinearLayer, scale = 1): Value {
  const outer = x.shape.slice(0, -1);
  const [out, width] = [known(weight.shape[0]!), known(sizeOf(weight.shape.slice(1)))];
  return x.graph.scope(name.split('.').at(-1)!, () => {
    const rows = op.Reshape(x, [sizeOf(outer), width]);
    const product = op.Gemm(rows, op.Reshape(weight, [out, width]), undefined, { transB: true, alpha: scale });
    const scaled = bias && scale !== 1 ? op.Mul(bias, op.scalarOf(bias, scale)) : bias;
    return op.Reshape(scaled ? op.Add(product, scaled) : product, [...outer, out]);
  });
}

/** Two layers without anything between them as one: W₂(W₁x + b₁) + b₂ = (W₂W₁)x + (W₂b₁ + b₂). */
export function merged(first: LinearLayer, second: LinearLayer): LinearLayer {
  return { ...withConstant(first.bias!, second), weight: op.Gemm(second.weight, first.weight) };
}

/** The layer that makes of x what this one makes of x + constant: W(x + c) + b = Wx + (Wc + b). */
export function withConstant(constant: Value, layer: LinearLayer): LinearLayer {
  const column = (bias: Value) => op.Reshape(bias, [known(bias.shape[0]!), 1]);
  const bias = op.Gemm(layer.weight, column(constant), column(layer.bias!));
  return { ...layer, bias: op.Reshape(bias, layer.bias!.shape) };
}

/**
 * The output projection after one of the attentions below, which leave the values' bias to it: the weights of a query sum to
 * 1, so that every mixture of values has it whole.
 */
export function projection(parameters: Parameters, name: string): LinearLayer {
  return withConstant(parameters(`${name}.value.bias`), linearLayer(parameters, `${name}.proj`));
}

export function layerNorm(x: Value, parameters: Parameters, name: string, epsilon: number): Value {
  return op.LayerNormalization(x, parameters(`${name}.weight`), parameters(`${name}.bias`), epsilon)[0];
}

/**
 * Multi-head self-attention of x [a, b, c, d] along axis 1 or 2; the other axis counts as batch:
 * softmax(q kᵀ / √e) v, [a, b, c, d], without the values' bias and the output projection (`projection`).
 * `observe` hears of the weights, [a · other · heads, sequence, sequence].
 */
export function selfAttention(
  x: Value,
  along: 1 | 2,
  heads: number,
  parameters: Parameters,
  name: string,
  observe?: Observe,
): Value {
  const [a, b, c, width] = x.shape as [Dim, Dim, Dim, Dim];
  const size = known(width) / heads;
  const [other, sequence, perm, back] =
    along === 1
      ? ([c, b, [0, 2, 3, 1, 4], [0, 3, 1, 2, 4]] as const)
      : ([b, c, [0, 1, 3, 2, 4], [0, 1, 3, 2, 4]] as const);
  const groups = multiply(multiply(a, other), heads);
  // To [a, other, h, sequence, e] straight from the stored layout, so that the tokens themselves are never moved; and then
  // [groups, sequence, e], for onnxruntime to see that what it is asked to transpose below is an operand of a product.
  const perHead = (part: Value) =>
    op.Reshape(op.Transpose(op.Reshape(part, [a, b, c, heads, size]), perm), [groups, sequence, size]);
  const query = perHead(linear(x, linearLayer(parameters, `${name}.query`), size ** -0.5));
  const key = perHead(linear(x, withoutBias(parameters, `${name}.key`)));
  const value = perHead(linear(x, withoutBias(parameters, `${name}.value`)));
  const weights = op.Softmax(op.MatMul(query, op.Transpose(key, [0, 2, 1])));
  observe?.(weights);
  const mixed = op.Reshape(op.MatMul(weights, value), [a, other, heads, sequence, size]);
  return op.Reshape(op.Transpose(mixed, back), x.shape);
}

/**
 * Attention of one query for each sequence: query [a, b, d], tokens [a, b, c, d] → [a, b, d], without the values'
 * bias and the output projection. The same numbers as selfAttention's, but no token needs a key or a value of its own,
 * because q · (Wₖ x) = (Wₖᵀ q) · x and Σ pⱼ (Wᵥ xⱼ) = Wᵥ (Σ pⱼ xⱼ): two products with d × d matrices per query, not per token.
 * `observe` hears of the weights, [a · b, heads, c].
 */
export function singleQueryAttention(
  query: Value,
  tokens: Value,
  heads: number,
  parameters: Parameters,
  name: string,
  observe?: Observe,
): Value {
  const [a, b, c, width] = tokens.shape as [Dim, Dim, Dim, Dim];
  const d = known(width);
  const size = d / heads;
  const perHead = (weight: Value) => op.Reshape(weight, [heads, size, d]);
  const batch = multiply(a, b);
  const q = linear(query, linearLayer(parameters, `${name}.query`), size ** -0.5);
  // [h, a·b, e] × [h, e, d]: what each head looks for, in the tokens' own coordinates.
  const looked = op.MatMul(
    op.Transpose(op.Reshape(q, [batch, heads, size]), [1, 0, 2]),
    perHead(parameters(`${name}.key.weight`)),
  );
  const rows = op.Reshape(tokens, [batch, c, d]);
  const scores = op.MatMul(op.Transpose(looked, [1, 0, 2]), op.Transpose(rows, [0, 2, 1])); // [a·b, h, c]
  const weights = op.Softmax(scores);
  observe?.(weights);
  const seen = op.MatMul(weights, rows); // [a·b, h, d]
  const value = perHead(parameters(`${name}.value.weight`));
  const mixed = op.MatMul(op.Transpose(seen, [1, 0, 2]), op.Transpose(value, [0, 2, 1])); // [h, a·b, e]
  return op.Reshape(op.Transpose(mixed, [1, 0, 2]), [a, b, d]);
}

/**
 * A key's bias adds the same number to all scores of a query, which a softmax does not see. Its gradient is zero; computed,
 * it would be rounding noise, which AdamW would blow up to whole steps. A value's bias: see `projection`.
 */
export function withoutBias(parameters: Parameters, name: string): LinearLayer {
  return { name, weight: parameters(`${name}.weight`) };
}
