// How much memory a run of a graph needs, without running it: its values live from the node that makes them to the last one
// that uses them, in the order in which onnxruntime runs the nodes.
import type { DType, Graph, GraphNode, Value } from './graph.ts';
import { liveNodes } from './schedule.ts';
import type { Dim, Shape } from './shape.ts';

const bytesOf: Record<DType, number> = { float32: 4, float16: 2, int64: 8, bool: 1 };

/** Operators whose result may be written over an operand of the same size that nobody needs any more. */
const inPlace = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Min',
  'Exp',
  'Log',
  'Sqrt',
  'Erf',
  'Floor',
  'Neg',
  'Gelu',
  'Softmax',
]);
/** Operators whose result is the operand itself, seen otherwise. */
const views = new Set(['Reshape']);

/** What the unknown sizes of a graph are in a run, by symbol. */
export type Sizes = Readonly<Record<string, number>>;

/** A value's memory is taken, with its bytes, or given back. */
export type MemoryEvent = { readonly take: Value; readonly bytes: number } | { readonly free: Value };

/** The largest sum of the bytes of all values alive at once. Throws where a size is not in `sizes`. */
export function peakBytes(graph: Graph, sizes: Sizes): number {
  const held = new Map<Value, number>();
  let [now, peak] = [0, 0];
  for (const event of memoryEvents(graph, sizes)) {
    if ('take' in event) {
      held.set(event.take, event.bytes);
      now += event.bytes;
      peak = Math.max(peak, now);
    } else now -= held.get(event.free)!;
  }
  return peak;
}

/**
 * What a run takes and gives back, in its order. Inputs and outputs of the graph do not count: they lie in memory of the
 * caller's. Throws where a size is not in `sizes`.
 */
export function* memoryEvents(graph: Graph, sizes: Sizes): Generator<MemoryEvent> {
  const order = executionOrder(graph);
  const given = new Set(graph.outputs.map(({ value }) => value));
  /** By value: the one whose memory it lies in. */
  const home = new Map<Value, Value>();
  const homeOf = (value: Value): Value => {
    const other = home.get(value);
    return other ? homeOf(other) : value;
  };
  const uses = new Map<Value, number>();
  for (const node of order) {
    if (views.has(node.op)) home.set(node.outputs[0]!, node.inputs[0]!);
    for (const input of new Set(node.inputs.map(homeOf))) uses.set(input, (uses.get(input) ?? 0) + 1);
  }
  const held = new Map<Value, number>();
  for (const node of order) {
    const operands = new Set(node.inputs.map(homeOf));
    for (const output of node.outputs) {
      const count = uses.get(output);
      if (home.has(output) || given.has(output) || count === undefined) continue;
      const bytes = bytesOf[output.dtype] * elements(output.shape, sizes);
      const dying = inPlace.has(node.op)
        ? [...operands].find((value) => held.get(value) === bytes && uses.get(value) === 1)
        : undefined;
      if (dying) {
        // The operand's memory lives on under its own name, with the uses of the result.
        home.set(output, dying);
        uses.set(dying, count + 1);
      } else {
        held.set(output, bytes);
        yield { take: output, bytes };
      }
    }
    for (const value of operands) {
      const left = uses.get(value)! - 1;
      uses.set(value, left);
      if (left === 0 && held.delete(value)) yield { free: value };
    }
  }
}

/**
 * The nodes in the order in which onnxruntime runs them: depth first back from the nodes that no other node uses, of several
 * operands the one made by the later node first (Graph::ReverseDFSFrom in onnxruntime/core/graph/graph.cc).
 */
export function executionOrder(graph: Graph): GraphNode[] {
  const nodes = liveNodes(graph);
  const place = new Map(nodes.map((node, i) => [node, i]));
  const used = new Set(nodes.flatMap(({ inputs }) => inputs.flatMap(({ producer }) => producer ?? [])));
  const order: GraphNode[] = [];
  const visited = new Set<GraphNode>();
  const stack = nodes.filter((node) => !used.has(node)).map((node) => ({ node, leaves: false }));
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { node, leaves } = top;
    if (leaves) order.push(node);
    else if (!visited.has(node)) {
      visited.add(node);
      stack.push({ node, leaves: true });
      const producers = node.inputs.flatMap(({ producer }) => producer ?? []);
      producers.sort((a, b) => place.get(a)! - place.get(b)!);
      for (const producer of producers) if (!visited.has(producer)) stack.push({ node: producer, leaves: false });
    }
  }
  return order;
}

/** Number of elements of `shape` in a run with these sizes. */
export function elements(shape: Shape, sizes: Sizes): number {
  return shape.reduce<number>((product, dim) => product * size(dim, sizes), 1);
}

function size(dim: Dim, sizes: Sizes): number {
  if (typeof dim === 'number') return dim;
  return dim.symbol.split('·').reduce((product, symbol) => product * named(symbol, sizes), dim.factor);
}

/** A size by its name: a symbol, or a sum of products as addDims names it, "(1+196*frames)". */
function named(name: string, sizes: Sizes): number {
  if (name.startsWith('(')) {
    const terms = name.slice(1, -1).split('+');
    return terms.reduce(
      (sum, term) => sum + term.split('*').reduce((product, part) => product * named(part, sizes), 1),
      0,
    );
  }
  const known = sizes[name] ?? Number(name);
  if (Number.isNaN(known)) throw new Error(`The size ${name} is not known.`);
  return known;
}
