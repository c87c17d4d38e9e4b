// Reverse-mode differentiation: walks a graph backwards from a scalar and adds the nodes that compute its gradient.
// One short rule per operator stands in gradientRules.ts; broadcasting is summed here, once for all rules.
import { gradientRules } from './gradientRules.ts';
import type { GraphNode, Value } from './graph.ts';
import * as op from './operators.ts';
import { type Shape, sameDim, sameShape } from './shape.ts';

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

/**
 * The gradients of a scalar by `wrt`, each in the shape of its value; undefined where the loss does not depend on it.
 * Adds the nodes to the same graph, each under the name of the node it differentiates, plus "/grad".
 */
export function gradients(loss: Value, wrt: readonly Value[]): (Value | undefined)[] {
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
  for (const node of nodes.reverse()) {
    if (!node.outputs.some((output) => wanted.has(output) && parts.has(output))) continue;
    graph.scope(`${node.name}/grad`, () => {
      const rule = gradientRules[node.op];
      if (rule === undefined) throw new Error(`No gradient rule for ${node.op} (node ${node.name}).`);
      if (rule === 'none') return;
      const grads = node.outputs.map(collect);
      const results = rule({ node, grads, needs: (i) => node.inputs[i] !== undefined && wanted.has(node.inputs[i]) });
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

/** Undoes broadcasting: sums `x` over the dimensions along which `shape` was repeated. */
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
