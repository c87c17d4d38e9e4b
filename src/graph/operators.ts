// Builders of the ONNX operators we use, named after them (standard domain, opset 20). Each infers its result's shape
// and refuses shapes that do not fit, naming the operator and the shapes. Used as `op.MatMul(a, b)`.
import type { Value } from './graph.ts';
import {
  addDims,
  broadcast,
  type Dim,
  formatDim,
  formatShape,
  reshapeTarget,
  type Shape,
  sameDim,
  sameShape,
  sizeOf,
} from './shape.ts';

export const opsetVersion = 20;

/** Shapes that do not fit an operator. A defect of the caller, never of the user. */
export class ShapeError extends Error {
  constructor(op: string, why: string, ...shapes: Shape[]) {
    super(`${op}: ${why} (${shapes.map(formatShape).join(', ')})`);
    this.name = 'ShapeError';
  }
}

function only(values: Value[]): Value {
  return values[0]!;
}

function elementwise(op: string, a: Value, b: Value): Value {
  const shape = broadcast(a.shape, b.shape);
  if (!shape) throw new ShapeError(op, 'the operands do not broadcast', a.shape, b.shape);
  return only(a.graph.add(op, [a, b], {}, [{ shape }]));
}

function unary(op: string, x: Value): Value {
  return only(x.graph.add(op, [x], {}, [{ shape: x.shape }]));
}

/** The axis counted from the front. */
function axisOf(op: string, x: Value, axis: number): number {
  const front = axis < 0 ? axis + x.shape.length : axis;
  if (front < 0 || front >= x.shape.length) throw new ShapeError(op, `there is no axis ${axis}`, x.shape);
  return front;
}

export const Add = (a: Value, b: Value): Value => elementwise('Add', a, b);
export const Sub = (a: Value, b: Value): Value => elementwise('Sub', a, b);
export const Mul = (a: Value, b: Value): Value => elementwise('Mul', a, b);
export const Div = (a: Value, b: Value): Value => elementwise('Div', a, b);
export const Min = (a: Value, b: Value): Value => elementwise('Min', a, b);
export const Exp = (x: Value): Value => unary('Exp', x);
export const Log = (x: Value): Value => unary('Log', x);
export const Sqrt = (x: Value): Value => unary('Sqrt', x);
export const Erf = (x: Value): Value => unary('Erf', x);
export const Floor = (x: Value): Value => unary('Floor', x);
export const Neg = (x: Value): Value => unary('Neg', x);

/** Exact Gelu: x · Φ(x). */
export const Gelu = (x: Value): Value => only(x.graph.add('Gelu', [x], { approximate: 'none' }, [{ shape: x.shape }]));

export function Softmax(x: Value, axis = -1): Value {
  return only(x.graph.add('Softmax', [x], { axis: BigInt(axisOf('Softmax', x, axis)) }, [{ shape: x.shape }]));
}

/** [..., m, k] × [..., k, n] → [..., m, n]; the leading dimensions broadcast. */
export function MatMul(a: Value, b: Value): Value {
  const [m, k] = a.shape.slice(-2);
  const [k2, n] = b.shape.slice(-2);
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (m === undefined || k === undefined || k2 === undefined || n === undefined || !batch || !sameDim(k, k2)) {
    throw new ShapeError('MatMul', 'the matrices do not fit', a.shape, b.shape);
  }
  return only(a.graph.add('MatMul', [a, b], {}, [{ shape: [...batch, m, n] }]));
}

export interface GemmOptions {
  readonly transA?: boolean;
  readonly transB?: boolean;
  /** Factor of the product. */
  readonly alpha?: number;
  /** Factor of c. */
  readonly beta?: number;
}

/** alpha · a' · b' (+ beta · c), with a' and b' transposed on request; both of rank 2. */
export function Gemm(a: Value, b: Value, c?: Value, options: GemmOptions = {}): Value {
  const { transA = false, transB = false, alpha = 1, beta = 1 } = options;
  if (a.shape.length !== 2 || b.shape.length !== 2)
    throw new ShapeError('Gemm', 'both must be matrices', a.shape, b.shape);
  const [m, k] = transA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
  const [k2, n] = transB ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
  if (!sameDim(k, k2)) throw new ShapeError('Gemm', 'the inner dimensions differ', a.shape, b.shape);
  if (c && !broadcast(c.shape, [m, n]))
    throw new ShapeError('Gemm', 'the bias does not fit', a.shape, b.shape, c.shape);
  const attributes = { transA: BigInt(transA), transB: BigInt(transB), alpha, beta };
  return only(a.graph.add('Gemm', c ? [a, b, c] : [a, b], attributes, [{ shape: [m, n] }]));
}

export function Transpose(x: Value, perm: readonly number[]): Value {
  const sorted = [...perm].sort((i, j) => i - j);
  if (perm.length !== x.shape.length || sorted.some((axis, i) => axis !== i)) {
    throw new ShapeError('Transpose', `[${perm}] is no permutation of the axes`, x.shape);
  }
  const first = x.producer?.op === 'Transpose' ? (x.producer.attributes.perm as readonly bigint[]) : undefined;
  if (first && perm.every((axis, i) => Number(first[axis]) === i)) return x.producer!.inputs[0]!; // there and back
  return only(
    x.graph.add('Transpose', [x], { perm: perm.map(BigInt) }, [{ shape: perm.map((axis) => x.shape[axis]!) }]),
  );
}

/** Same numbers, other shape. The shapes must hold the same number of elements, also of symbolic ones. */
export function Reshape(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  if (!sameDim(sizeOf(x.shape), sizeOf(shape))) throw new ShapeError('Reshape', 'the sizes differ', x.shape, shape);
  // Of a reshaped value, reshape the original: onnxruntime would do so too, but its new node upsets the order of the rest.
  const origin = x.producer?.op === 'Reshape' ? x.producer.inputs[0]! : x;
  if (sameShape(origin.shape, shape)) return origin;
  for (const from of [origin, x]) {
    const target = reshapeTarget(from.shape, shape);
    if (target) return reshaped(from, target, shape);
  }
  return only(x.graph.add('Reshape', [origin, runtimeTarget(x, shape)], {}, [{ shape }]));
}

/** The views of a value that were made of it, by their shape. */
const views = new WeakMap<Value, Map<string, Value>>();

/** The same view twice is one node. */
function reshaped(x: Value, target: readonly bigint[], shape: Shape): Value {
  const known = views.get(x) ?? new Map<string, Value>();
  views.set(x, known);
  const key = formatShape(shape);
  const found = known.get(key);
  if (found) return found;
  const made = only(x.graph.add('Reshape', [x, x.graph.int64s(target)], {}, [{ shape }]));
  known.set(key, made);
  return made;
}

/** A Reshape's target with sizes read when it runs, from the graph's inputs or from x; one of neither is inferred. */
function runtimeTarget(x: Value, shape: Shape): Value {
  const { graph } = x;
  const sizes = shape.map((dim) => {
    if (typeof dim === 'number') return graph.int64s([dim]);
    const input = [...graph.inputs, x].find((candidate) => candidate.shape.some((own) => sameDim(own, dim)));
    return (
      input &&
      sizeAt(
        input,
        input.shape.findIndex((own) => sameDim(own, dim)),
      )
    );
  });
  const missing = sizes.filter((size) => size === undefined).length;
  if (missing > 1) throw new ShapeError('Reshape', 'two unknown dimensions are those of no input', x.shape, shape);
  const parts = sizes.map((size) => size ?? graph.int64s([-1]));
  return only(graph.add('Concat', parts, { axis: 0n }, [{ dtype: 'int64', shape: [shape.length] }]));
}

/** The size of x along `axis` as int64 [1]. Made on the host, whatever the device. */
function sizeAt(x: Value, axis: number): Value {
  const attributes = { start: BigInt(axis), end: BigInt(axis + 1) };
  return only(x.graph.add('Shape', [x], attributes, [{ dtype: 'int64', shape: [1] }]));
}

/** A scalar constant of x's type. */
export function scalarOf(x: Value, number: number): Value {
  const scalar = x.graph.scalar(number);
  return x.dtype === 'float16' ? Cast(scalar, 'float16') : scalar;
}

/** Repeats x along dimensions of size 1, as broadcasting would. Symbolic dimensions keep their size. */
export function Expand(x: Value, shape: Shape): Value {
  const result = broadcast(x.shape, shape);
  if (!result || result.length !== shape.length || result.some((dim, i) => !sameDim(dim, shape[i]!))) {
    throw new ShapeError('Expand', 'it does not broadcast to the wanted shape', x.shape, shape);
  }
  // ONNX's Expand broadcasts both ways, so a 1 keeps the dimension that is known only when the graph runs.
  const target = shape.map((dim, i) => {
    const own = x.shape[x.shape.length - shape.length + i];
    if (typeof dim === 'number') return BigInt(dim);
    if (own !== undefined && sameDim(own, dim)) return 1n;
    throw new ShapeError('Expand', 'cannot repeat to a size known only when the graph runs', x.shape, shape);
  });
  return only(x.graph.add('Expand', [x, x.graph.int64s(target)], {}, [{ shape }]));
}

export function Concat(values: readonly Value[], axis: number): Value {
  const first = values[0];
  if (!first) throw new ShapeError('Concat', 'there is nothing to join');
  const at = axisOf('Concat', first, axis);
  let total: Dim = 0;
  for (const value of values) {
    if (
      value.shape.length !== first.shape.length ||
      value.shape.some((dim, i) => i !== at && !sameDim(dim, first.shape[i]!))
    ) {
      throw new ShapeError('Concat', `they differ off axis ${axis}`, ...values.map(({ shape }) => shape));
    }
    total = total === 0 ? value.shape[at]! : addDims(total, value.shape[at]!);
  }
  const shape = first.shape.map((dim, i) => (i === at ? total : dim));
  return only(first.graph.add('Concat', values, { axis: BigInt(at) }, [{ shape }]));
}

/** Cuts x along `axis` into parts of the given sizes. The last one may be known only when the graph runs. */
export function Split(x: Value, sizes: readonly Dim[], axis: number): Value[] {
  const at = axisOf('Split', x, axis);
  const total = sizes.reduce(addDims);
  if (!sameDim(total, x.shape[at]!))
    throw new ShapeError('Split', `${sizes.length} parts sum to ${formatDim(total)} on axis ${axis}`, x.shape);
  const outputs = sizes.map((size) => ({ shape: x.shape.map((dim, i) => (i === at ? size : dim)) }));
  const numbers = sizes.map((size) => (typeof size === 'number' ? size : Number.NaN));
  if (!numbers.includes(Number.NaN))
    return x.graph.add('Split', [x, x.graph.int64s(numbers)], { axis: BigInt(at) }, outputs);
  // ONNX takes a Split's sizes as numbers, but a Slice may end "at the end".
  let start = 0;
  return outputs.map((output, i) => {
    if (Number.isNaN(start)) throw new ShapeError('Split', 'only the last part may be unknown', x.shape);
    const end = Number.isNaN(numbers[i]) ? 2n ** 63n - 1n : start + numbers[i]!;
    const range = [start, end, at].map((number) => x.graph.int64s([number]));
    start += numbers[i]!;
    return only(x.graph.add('Slice', [x, ...range], {}, [output]));
  });
}

/** x[start … end) along one axis. */
export function Slice(x: Value, axis: number, start: number, end: number): Value {
  const at = axisOf('Slice', x, axis);
  const size = x.shape[at]!;
  // A size known only when the graph runs is at least 1.
  if (start < 0 || end <= start || end > (typeof size === 'number' ? size : 1))
    throw new ShapeError('Slice', `no range ${start}…${end} on axis ${axis}`, x.shape);
  const { graph } = x;
  const inputs = [x, graph.int64s([start]), graph.int64s([end]), graph.int64s([at])];
  return only(graph.add('Slice', inputs, {}, [{ shape: x.shape.map((dim, i) => (i === at ? end - start : dim)) }]));
}

function reduce(op: string, x: Value, axes: readonly number[], keepDims: boolean): Value {
  const at = axes.map((axis) => axisOf(op, x, axis));
  const shape: Dim[] = [];
  x.shape.forEach((dim, i) => {
    if (!at.includes(i)) shape.push(dim);
    else if (keepDims) shape.push(1);
  });
  return only(x.graph.add(op, [x, x.graph.int64s(at)], { keepdims: BigInt(keepDims) }, [{ shape }]));
}

export const ReduceSum = (x: Value, axes: readonly number[], keepDims = false): Value =>
  reduce('ReduceSum', x, axes, keepDims);
export const ReduceMean = (x: Value, axes: readonly number[], keepDims = false): Value =>
  reduce('ReduceMean', x, axes, keepDims);
export const ReduceMax = (x: Value, axes: readonly number[], keepDims = false): Value =>
  reduce('ReduceMax', x, axes, keepDims);

/** Over the last axis. Also gives the mean and the inverse standard deviation, [..., 1], which the gradient uses. */
export function LayerNormalization(x: Value, scale: Value, bias: Value, epsilon: number): [Value, Value, Value] {
  const width = x.shape.at(-1);
  if (width === undefined || [scale, bias].some(({ shape }) => shape.length !== 1 || !sameDim(shape[0]!, width))) {
    throw new ShapeError(
      'LayerNormalization',
      'scale and bias must have the width of x',
      x.shape,
      scale.shape,
      bias.shape,
    );
  }
  const statistics = { shape: [...x.shape.slice(0, -1), 1] };
  const [y, mean, inverse] = x.graph.add('LayerNormalization', [x, scale, bias], { axis: -1n, epsilon }, [
    { shape: x.shape },
    statistics,
    statistics,
  ]);
  return [y!, mean!, inverse!];
}

/** The running sum along one axis. */
export function CumSum(x: Value, axis: number): Value {
  const at = x.graph.int64s([axisOf('CumSum', x, axis)]);
  return only(x.graph.add('CumSum', [x, at], {}, [{ shape: x.shape }]));
}

/** Between the precisions of real numbers. A value of that type already is returned as it is. */
export function Cast(x: Value, to: 'float32' | 'float16'): Value {
  if (x.dtype === to) return x;
  const type = to === 'float16' ? 10n : 1n; // numbers of TensorProto.DataType
  return only(x.graph.add('Cast', [x], { to: type }, [{ dtype: to, shape: x.shape }]));
}

/** float32 to int64, towards zero. */
export function CastToInt64(x: Value): Value {
  return only(x.graph.add('Cast', [x], { to: 7n }, [{ dtype: 'int64', shape: x.shape }]));
}

/** Rows of x along `axis`, chosen by a list of int64 indices. */
export function Gather(x: Value, indices: Value, axis: number): Value {
  const at = axisOf('Gather', x, axis);
  if (indices.dtype !== 'int64' || indices.shape.length !== 1)
    throw new ShapeError('Gather', 'indices must be a list of int64', indices.shape);
  const shape = x.shape.map((dim, i) => (i === at ? indices.shape[0]! : dim));
  return only(x.graph.add('Gather', [x, indices], { axis: BigInt(at) }, [{ shape }]));
}
