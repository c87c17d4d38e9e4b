// A float32 graph in half precision, for a smaller and faster exported model: weights, products and sums in float16; inputs,
// outputs and everything that needs float32's range or precision (softmax, norms, means, counting) as it was.
import { float16Bits } from '../base/float16.ts';
import { type DType, Graph, type GraphNode, type Value } from './graph.ts';
import * as op from './operators.ts';

/** Operators that are safe in float16. All others keep float32. */
const safe = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Neg',
  'MatMul',
  'Gemm',
  'Gelu',
  'Transpose',
  'Reshape',
  'Expand',
  'Concat',
  'Split',
  'Slice',
]);

/** The same computation; inputs and outputs keep their names, types and shapes. Nodes that `keeps` names stay in float32. */
export function halfPrecision(graph: Graph, keeps: (node: GraphNode) => boolean = () => false): Graph {
  const result = new Graph(graph.name);
  /** By value of `graph`: what stands for it in the result, in its own type or as float16. */
  const own = new Map<Value, Value>();
  const half = new Map<Value, Value>();
  const constants = new Map(graph.constants.map(({ value, data }) => [value, data]));
  const counts = counting(graph);
  for (const input of graph.inputs) own.set(input, result.input(input.name, input.dtype, input.shape));

  const constant = (value: Value, to: DType): Value => {
    const data = constants.get(value)!;
    if (data instanceof BigInt64Array) return result.int64s([...data]);
    if (data instanceof Float32Array && value.shape.length === 0 && to === 'float32') return result.scalar(data[0]!);
    const stored = to === 'float16' && data instanceof Float32Array ? float16Bits(data) : data;
    return result.constant(value.name, stored, value.shape.map(Number));
  };
  const as = (value: Value, to: DType): Value => {
    const known = to === 'float16' ? half : own;
    const found = known.get(value);
    if (found) return found;
    const made = constants.has(value)
      ? constant(value, to)
      : op.Cast((to === 'float16' ? own : half).get(value)!, to === 'float16' ? 'float16' : 'float32');
    known.set(value, made);
    return made;
  };

  for (const node of graph.nodes) {
    const isHalf =
      safe.has(node.op) && !counts.has(node) && !keeps(node) && node.outputs.every(({ dtype }) => dtype === 'float32');
    const typeOf = (value: Value): DType => {
      if (value.dtype !== 'float32') return value.dtype;
      // A size can be asked of either.
      return isHalf || (node.op === 'Shape' && half.has(value)) ? 'float16' : 'float32';
    };
    for (const value of node.inputs) if (constants.has(value)) as(value, typeOf(value)); // not inside the node's scope
    result.scope(node.name.split('/').slice(0, -1).join('/'), () => {
      const inputs = node.inputs.map((value) => as(value, typeOf(value)));
      const outputs = node.outputs.map(({ dtype, shape }) => ({ dtype: isHalf ? ('float16' as const) : dtype, shape }));
      const made = result.add(node.op, inputs, node.attributes, outputs);
      for (const [i, value] of node.outputs.entries()) (isHalf ? half : own).set(value, made[i]!);
    });
  }
  for (const { name, value } of graph.outputs) result.output(name, as(value, value.dtype));
  return result;
}

/** Nodes whose result becomes whole numbers (places, sizes): rounding them would be an error, not noise. */
function counting(graph: Graph): ReadonlySet<GraphNode> {
  const found = new Set<GraphNode>();
  for (const node of [...graph.nodes].reverse()) {
    const isWhole = node.outputs.some(({ dtype }) => dtype === 'int64');
    if (!isWhole && !found.has(node)) continue;
    // Only of what it is computed from the inputs of a cast to whole numbers count, not what merely has a size.
    if (node.op === 'Shape') continue;
    for (const { producer } of node.inputs) if (producer) found.add(producer);
  }
  return found;
}
