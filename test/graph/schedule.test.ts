import { expect, test } from 'vitest';
import { gradients } from '../../src/graph/gradients.ts';
import { Graph } from '../../src/graph/graph.ts';
import * as op from '../../src/graph/operators.ts';
import { computeEarly, liveNodes } from '../../src/graph/schedule.ts';

function chain() {
  const graph = new Graph('chain');
  const x = graph.input('x', 'float32', [4, 3]);
  const weights = ['a', 'b', 'c'].map((name) => graph.input(name, 'float32', [3, 3]));
  const y = weights.reduce((value, weight) => op.MatMul(value, weight), x);
  const loss = op.ReduceSum(op.Mul(y, y), [0, 1]);
  return { graph, loss, grads: gradients(loss, weights).map((grad) => grad!) };
}

test('nodes that no output needs are left out', () => {
  const { graph, loss } = chain();
  graph.output('loss', loss);
  expect(liveNodes(graph).map(({ op }) => op)).toEqual(['MatMul', 'MatMul', 'MatMul', 'Mul', 'ReduceSum']);
});

test('what serves one result alone comes last, and every node after what it uses', () => {
  const { graph, loss, grads } = chain();
  graph.output('loss', loss);
  const before = new Set(graph.nodes);
  computeEarly(graph, grads);
  expect(new Set(graph.nodes)).toEqual(before);
  const place = new Map(graph.nodes.map((node, i) => [node, i]));
  for (const node of graph.nodes) {
    for (const { producer } of node.inputs) if (producer) expect(place.get(producer)).toBeLessThan(place.get(node)!);
  }
  // onnxruntime takes the later of several inputs first: the last weight's gradient, which is computable first.
  const order = grads.map(({ producer }) => place.get(producer!)!);
  expect(order).toEqual([...order].sort((i, j) => i - j));
  expect(order.at(-1)).toBe(graph.nodes.length - 1);
});
