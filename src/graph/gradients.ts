// Reverse-mode differentiation: walks a graph backwards from a scalar and adds the nodes that compute its gradient.
// One short rule per operator stands in gradientRules.ts; broadcasting is summed here, once for all rules.
import { gradientRules } from './gradientRules.ts';
import type { GraphNode, Value } from './graph.ts';
import * as op from './operators.ts';
import { sumToShape } from './sumToShape.ts';

/** What a rule is given. */
export interface RuleContext {
  readonly node: GraphNode;
  /** The gradient of the loss by each output; undefined where the loss does not depend on it. */
  readonly grads: readonly (Value | undefined)[];
  /** Whether the gradient by input `i` is wanted, so that a rule can leave out what nobody asks for. */
  needs(i: number): boolean;
}

/** Gradients by the inputs, in order, in the shape of the output where the operator broadcasts. */
export type Rule = (context: RuleContext) => (Value | undefined)[];

/** A part of the graph whose values are computed again on the way back instead of being kept. */
export interface Segment {
  /** Where its nodes stand among the graph's: from `start` to before `end`. */
  readonly start: number;
  readonly end: number;
  /** What is kept: the values it starts from. */
  readonly inputs: readonly Value[];
}

/**
 * The gradients of a scalar by `wrt`, each in the shape of its value; undefined where the loss does not depend on it.
 * Adds the nodes to the same graph, each under the name of the node it differentiates, plus "/grad". The nodes of
 * `segments` are there twice then: activation checkpointing (Chen et al. 2016, arXiv 1604.06174).
 */
export function gradients(
  loss: Value,
  wrt: readonly Value[],
  segments: readonly Segment[] = [],
): (Value | undefined)[] {
  if (loss.shape.length !== 0) throw new op.ShapeError('gradients', 'the loss must be a scalar', loss.shape);
  const { graph } = loss;
  const wanted = new Set<Value>(wrt);
  const nodes = [...graph.nodes];
  for (const node of nodes) {
    if (node.inputs.some((input) => wanted.has(input))) for (const output of node.outputs) wanted.add(output);
  }
  const parts = new Map<Value, Value[]>();
  const collect = (value: Value): Value | undefined => {
    const found = parts.get(value);
    if (!found) return undefined;
    const sum = found.reduce((total, part) => op.Add(total, part));
    parts.set(value, [sum]);
    return sum;
  };
  parts.set(loss, [graph.scalar(1)]);
  const pending = [...segments].sort((a, b) => a.end - b.end);
  const again = new Map<GraphNode, GraphNode>();
  for (const [i, node] of [...nodes.entries()].reverse()) {
    if (!node.outputs.some((output) => wanted.has(output) && parts.has(output))) continue;
    while (pending.length > 0 && pending.at(-1)!.start > i) pending.pop();
    const segment = pending.at(-1);
    if (segment && i < segment.end) {
      pending.pop();
      const grad = node.outputs.map(collect).find((value) => value !== undefined)!;
      recompute(nodes.slice(segment.start, i + 1), segment.inputs, grad, again);
    }
    graph.scope(`${node.name}/grad`, () => {
      const rule = gradientRules[node.op];
      if (rule === undefined) throw new Error(`No gradient rule for ${node.op} (node ${node.name}).`);
      if (rule === 'none') return;
      const grads = node.outputs.map(collect);
      const needs = (i: number) => node.inputs[i] !== undefined && wanted.has(node.inputs[i]);
      const results = rule({ node: again.get(node) ?? node, grads, needs });
      node.inputs.forEach((input, i) => {
        const result = results[i];
        if (!result || !wanted.has(input)) return;
        const list = parts.get(input);
        const part = sumToShape(result, input.shape);
        if (list) list.push(part);
        else parts.set(input, [part]);
      });
    });
  }
  return graph.scope('grad', () => wrt.map(collect));
}

/**
 * Adds the nodes once more, from `inputs`, and notes them in `again`. They wait for `grad`, the first gradient that comes
 * back to them: nothing would otherwise keep onnxruntime from taking them for the same nodes as before and for one.
 */
function recompute(
  nodes: readonly GraphNode[],
  inputs: readonly Value[],
  grad: Value,
  again: Map<GraphNode, GraphNode>,
): void {
  const { graph } = grad;
  const values = new Map<Value, Value>();
  graph.scope(`${nodes[0]!.name}/again`, () => {
    let one = grad;
    grad.shape.forEach((_, axis) => {
      one = op.Slice(one, axis, 0, 1);
    });
    const zero = op.Reshape(op.Mul(one, op.scalarOf(one, 0)), []);
    for (const input of inputs) values.set(input, op.Add(input, zero));
  });
  for (const node of nodes) {
    const outputs = node.outputs.map(({ dtype, shape }) => ({ dtype, shape }));
    const operands = node.inputs.map((input) => values.get(input) ?? input);
    const made = graph.scope(`${node.name}/again`, () => graph.add(node.op, operands, node.attributes, outputs));
    node.outputs.forEach((output, i) => void values.set(output, made[i]!));
    again.set(node, made[0]!.producer!);
  }
}
