// The gradient of every operator we differentiate, one short rule each. "none" marks what has no gradient by design.
// An operator that is not in this table must never be differentiated: the walker refuses it by name.
import { again, geluParts, standardised } from './again.ts';
import type { Rule, RuleContext } from './gradients.ts';
import type { GraphNode, Value } from './graph.ts';
import * as op from './operators.ts';
import { type Dim, known, type Shape, sameShape, sizeOf } from './shape.ts';
import { sumToShape } from './sumToShape.ts';

const only = ({ grads }: RuleContext): Value => grads[0]!;
const input = (node: GraphNode, i: number): Value => node.inputs[i]!;
const output = (node: GraphNode, i = 0): Value => node.outputs[i]!;

function swapLast(x: Value): Value {
  const rank = x.shape.length;
  return op.Transpose(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
}

function isSwapped({ producer, shape }: Value): boolean {
  if (producer?.op !== 'Transpose') return false;
  const perm = producer.attributes.perm as readonly bigint[];
  const swap = shape.map((_, i) => (i < shape.length - 2 ? i : 2 * shape.length - 3 - i));
  return swap.every((axis, i) => Number(perm[i]) === axis);
}

/** The shape of a reduction's input with the reduced dimensions as 1. */
function keptShape(node: GraphNode): Shape {
  const reduced = reducedAxes(node);
  return input(node, 0).shape.map((dim, i) => (reduced.includes(i) ? 1 : dim));
}

/** The axes operand of a reduction, Slice and the like, read back from its constant. */
function int64sOf(value: Value): number[] {
  const constant = value.graph.constants.find((candidate) => candidate.value === value);
  if (!constant) throw new Error(`${value.name} must be a constant.`);
  return Array.from(constant.data, Number);
}

function reducedAxes(node: GraphNode): number[] {
  return int64sOf(input(node, 1));
}

/** Repeats a reduction's gradient over the dimensions it summed. */
function spread(node: GraphNode, grad: Value): Value {
  const x = input(node, 0);
  const kept = op.Reshape(grad, keptShape(node));
  const sizesKnown = reducedAxes(node).every((axis) => typeof x.shape[axis] === 'number');
  // To a size known only when the graph runs, x itself shows the way.
  return sizesKnown ? op.Expand(kept, x.shape) : op.Add(kept, op.Mul(x, op.scalarOf(x, 0)));
}

/**
 * α dyᵀ x of rows x [rows, in] and dy [rows, out], as for the weight of a linear layer. With many rows the product of a matrix
 * that lies transposed takes a fifth longer on the CPU than turning the narrower one of the two around beforehand, which
 * the layers that read the same x share; two equally narrow ones are not worth it. What is cheap to compute again is not
 * kept for it (again.ts).
 */
function weightGradient(kept: Value, dy: Value, alpha: number): Value {
  const { value: x, factor } = again(kept) ?? { value: kept, factor: 1 };
  const product = (a: Value, b: Value, transA = false) => op.Gemm(a, b, undefined, { transA, alpha: alpha * factor });
  const [narrow, wide] = [
    Math.min(known(x.shape[1]!), known(dy.shape[1]!)),
    Math.max(known(x.shape[1]!), known(dy.shape[1]!)),
  ];
  const readers = kept.graph.nodes.filter(({ op, inputs }) => op === 'Gemm' && inputs[0] === kept).length;
  const turnsX = x.shape[1] === narrow;
  if (narrow * 2 > wide * (turnsX ? readers : 1)) return product(dy, x, true);
  if (!turnsX) return product(turned(dy), x);
  return turned(product(turned(x), dy));
}

/** x · factor, which a product of matrices takes for nothing. */
function times(x: Value, factor: number): Value {
  const product = x.producer?.op === 'Reshape' ? x.producer.inputs[0]!.producer : x.producer;
  if (product?.op !== 'Gemm' || product.inputs.length > 2) return op.Mul(x, op.scalarOf(x, factor));
  const [a, b] = product.inputs as [Value, Value];
  const { transA, transB, alpha } = product.attributes as { transA?: bigint; transB?: bigint; alpha: number };
  const options = { transA: transA === 1n, transB: transB === 1n, alpha: alpha * factor };
  return op.Reshape(op.Gemm(a, b, undefined, options), x.shape);
}

/**
 * Where a softmax y only weighs the rows of another matrix, o = y v, as in attention: o · do, whose sum along the last axis is
 * that of y · dy, because dy = do vᵀ (Dao et al. 2022, arXiv 2205.14135, appendix B.2). It is worth it where o is narrower.
 */
function mixtureOf(y: Value, dy: Value, axis: number): Value | undefined {
  const product = dy.producer;
  if (product?.op !== 'MatMul') return undefined;
  const [grad, turned] = product.inputs as [Value, Value];
  const v = isSwapped(turned) ? turned.producer!.inputs[0] : undefined;
  const reader = y.graph.nodes.find(({ op, inputs }) => op === 'MatMul' && inputs[0] === y && inputs[1] === v);
  if (!reader || !sameShape(output(reader).shape, grad.shape) || axis !== y.shape.length - 1) return undefined;
  const [own, whole] = [output(reader).shape.at(-1)!, y.shape.at(-1)!];
  const narrower = typeof own === 'number' && (typeof whole !== 'number' || own < whole);
  return narrower ? op.Mul(output(reader), grad) : undefined;
}

const turnedAlready = new WeakMap<Value, Value>();

/**
 * A matrix turned around, in a way that onnxruntime does not take back into the product: it would make a transposed operand
 * of a Transpose of two axes.
 */
function turned(x: Value): Value {
  const [rows, columns] = x.shape as [Dim, Dim];
  const found = turnedAlready.get(x);
  if (found) return found;
  const result = op.Reshape(op.Transpose(op.Reshape(x, [1, rows, columns]), [0, 2, 1]), [columns, rows]);
  turnedAlready.set(x, result);
  return result;
}

export const gradientRules: Readonly<Record<string, Rule | 'none'>> = {
  Add: (c) => [only(c), only(c)],
  Sub: (c) => [only(c), c.needs(1) ? op.Neg(only(c)) : undefined],
  Mul: (c) => [
    c.needs(0) ? op.Mul(only(c), input(c.node, 1)) : undefined,
    c.needs(1) ? op.Mul(only(c), input(c.node, 0)) : undefined,
  ],
  // d(a/b)/db = −(a/b)/b
  Div: (c) => [
    c.needs(0) ? op.Div(only(c), input(c.node, 1)) : undefined,
    c.needs(1) ? op.Neg(op.Div(op.Mul(only(c), output(c.node)), input(c.node, 1))) : undefined,
  ],
  Neg: (c) => [op.Neg(only(c))],
  Exp: (c) => [op.Mul(only(c), output(c.node))],
  Log: (c) => [op.Div(only(c), input(c.node, 0))],
  Sqrt: (c) => [op.Div(op.Mul(only(c), op.scalarOf(only(c), 0.5)), output(c.node))],
  // d erf(x)/dx = 2/√π · exp(−x²)
  Erf: (c) => {
    const x = input(c.node, 0);
    return [op.Mul(only(c), op.Mul(op.Exp(op.Neg(op.Mul(x, x))), op.scalarOf(x, 2 / Math.sqrt(Math.PI))))];
  },
  // d(x Φ(x))/dx = Φ(x) + x φ(x); with z = x/√2 that is ½ (erf z + 1 + 2/√π z exp(−z²))
  Gelu: (c) => {
    const x = input(c.node, 0);
    const scalar = (number: number) => op.scalarOf(x, number);
    const { z, onePlusErf } = geluParts(x);
    const density = op.Exp(op.Sub(scalar(Math.log(2 / Math.sqrt(Math.PI))), op.Mul(z, z)));
    const twice = op.Add(op.Mul(z, density), onePlusErf);
    return [op.Mul(times(only(c), 0.5), twice)];
  },
  // dx = y (dy − Σ y dy), the sum along the axis
  Softmax: (c) => {
    const y = output(c.node);
    const axis = Number(c.node.attributes.axis);
    const mixture = mixtureOf(y, only(c), axis);
    if (mixture) return [op.Mul(y, op.Sub(only(c), op.ReduceSum(mixture, [axis], true)))];
    const weighted = op.Mul(only(c), y);
    return [op.Sub(weighted, op.Mul(y, op.ReduceSum(weighted, [axis], true)))];
  },
  MatMul: (c) => {
    const [a, b] = [input(c.node, 0), input(c.node, 1)];
    // Of a b that was turned around for this product, the gradient is made turned around as well: Transpose's rule takes it
    // back without moving anything.
    const db = () => (isSwapped(b) ? swapLast(op.MatMul(swapLast(only(c)), a)) : op.MatMul(swapLast(a), only(c)));
    return [c.needs(0) ? op.MatMul(only(c), swapLast(b)) : undefined, c.needs(1) ? db() : undefined];
  },
  // Y = α A' B' + β C
  Gemm: (c) => {
    const [a, b, bias] = [input(c.node, 0), input(c.node, 1), c.node.inputs[2]];
    const transA = c.node.attributes.transA === 1n;
    const transB = c.node.attributes.transB === 1n;
    const { alpha, beta } = c.node.attributes as { alpha: number; beta: number };
    const dy = only(c);
    const da = () =>
      transA
        ? op.Gemm(b, dy, undefined, { transA: transB, transB: true, alpha })
        : op.Gemm(dy, b, undefined, { transB: !transB, alpha });
    const db = () => {
      if (!transB) return op.Gemm(a, dy, undefined, { transA: !transA, alpha });
      return transA ? op.Gemm(dy, a, undefined, { transA, transB, alpha }) : weightGradient(a, dy, alpha);
    };
    const dc = () => {
      const sum = sumToShape(dy, bias!.shape);
      return beta === 1 ? sum : op.Mul(sum, op.scalarOf(sum, beta));
    };
    return [c.needs(0) ? da() : undefined, c.needs(1) ? db() : undefined, c.needs(2) ? dc() : undefined];
  },
  Transpose: (c) => {
    const perm = (c.node.attributes.perm as readonly bigint[]).map(Number);
    return [
      op.Transpose(
        only(c),
        perm.map((_, axis) => perm.indexOf(axis)),
      ),
    ];
  },
  Reshape: (c) => [op.Reshape(only(c), input(c.node, 0).shape)],
  Expand: (c) => [only(c)],
  Concat: (c) => {
    const axis = Number(c.node.attributes.axis);
    return op.Split(
      only(c),
      c.node.inputs.map(({ shape }) => known(shape[axis]!)),
      axis,
    );
  },
  Split: (c) => {
    const parts = c.node.outputs.map((part, i) => c.grads[i] ?? op.Mul(part, op.scalarOf(part, 0)));
    return [op.Concat(parts, Number(c.node.attributes.axis))];
  },
  Slice: (c) => {
    const x = input(c.node, 0);
    const [start, end, axis] = [1, 2, 3].map((i) => int64sOf(input(c.node, i))[0]!) as [number, number, number];
    const zeros = (from: number, to: number) =>
      to > from ? [op.Mul(op.Slice(x, axis, from, to), op.scalarOf(x, 0))] : [];
    return [op.Concat([...zeros(0, start), only(c), ...zeros(end, known(x.shape[axis]!))], axis)];
  },
  ReduceSum: (c) => [spread(c.node, only(c))],
  ReduceMean: (c) => {
    const x = input(c.node, 0);
    const count = known(sizeOf(reducedAxes(c.node).map((axis) => x.shape[axis]!)));
    return [spread(c.node, op.Mul(only(c), op.scalarOf(x, 1 / count)))];
  },
  // Only ever used to shift a softmax by its maximum, which does not change the result: its gradient is zero in sum.
  ReduceMax: 'none',
  // With x̂ = (x − mean)·s: dx = s·(g − mean(g) − x̂·mean(g·x̂)), g = dy·scale.
  LayerNormalization: (c) => {
    const x = input(c.node, 0);
    const inverse = output(c.node, 2);
    if (c.grads[1] || c.grads[2]) throw new Error(`${c.node.name}: its statistics have no gradient.`);
    const dy = only(c);
    const normal = standardised(c.node);
    const weighted = op.Mul(dy, normal);
    const dx = () => {
      const width = known(x.shape.at(-1)!);
      // Both row means of g are products with the scale: [rows, width] × [width, 1], one pass over the data each.
      const column = op.Reshape(op.Mul(input(c.node, 1), op.scalarOf(x, 1 / width)), [width, 1]);
      const inner = op.Sub(op.Mul(dy, input(c.node, 1)), op.MatMul(dy, column));
      return op.Mul(inverse, op.Sub(inner, op.Mul(normal, op.MatMul(weighted, column))));
    };
    return [c.needs(0) ? dx() : undefined, c.needs(1) ? weighted : undefined, c.needs(2) ? dy : undefined];
  },
};
