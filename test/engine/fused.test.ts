import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { FusedGraph } from '../../src/engine/fused.ts';
import { type HostTensors, Session } from '../../src/engine/onnxruntime.ts';
import { Graph } from '../../src/graph/graph.ts';
import { onnxModel } from '../../src/graph/onnxModel.ts';
import * as op from '../../src/graph/operators.ts';
import { symbolic } from '../../src/graph/shape.ts';
import { type Optimizer, squaresGraph, sumGraph, updateGraph, updateNumbers } from '../../src/model/updateGraph.ts';

const random = new Random(5);
const vector = (length: number) => Float32Array.from({ length }, () => random.uniform() + 0.01);
const adamw: Optimizer = { name: 'adamw', betas: [0.9, 0.99], epsilon: 1e-6, weightDecay: 0.1, clipNorm: 1 };
const sgd: Optimizer = { name: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.1, clipNorm: 0 };

const graphs: [string, () => Graph][] = [
  ['AdamW, one rate', () => updateGraph(adamw, { uniform: true })],
  ['AdamW, a rate per element', () => updateGraph(adamw, { uniform: false })],
  ['AdamW with a moving average', () => updateGraph(adamw, { uniform: true, averageDecay: 0.9 })],
  ['SGD', () => updateGraph(sgd, { uniform: false })],
  ['a sum of two', () => sumGraph()],
  ['a sum of squares', () => squaresGraph(symbolic('n'))],
];

test.each(graphs.flatMap(([name, graph]) => [1, 3, 4, 1003, 16_384, 50_001].map((n) => [name, n, graph] as const)))(
  '%s of %i elements: the numbers of onnxruntime',
  async (_, n, graph) => {
    const fused = await FusedGraph.compile(graph());
    const { inputs, outputs } = graph();
    const numbers = {
      ...updateNumbers(adamw, { step: 3, rate: 0.01, gradientScale: 0.5 }),
      ...updateNumbers(sgd, { step: 3, rate: 0.01, gradientScale: 0.5 }),
    } as Record<string, number>;
    const feeds = Object.fromEntries(
      inputs.map(({ name, shape }) => [name, shape[0] === 1 ? Float32Array.of(numbers[name] ?? 0.7) : vector(n)]),
    );
    const session = await Session.create(onnxModel(graph()), { provider: 'cpu' });
    const tensors: HostTensors = Object.fromEntries(
      Object.entries(feeds).map(([name, data]) => [name, { data, shape: [data.length] }]),
    );
    const expected = await session.run(tensors);
    // Over the inputs themselves where they are of that name, as an update is made.
    const into = Object.fromEntries(
      outputs.map(({ name }) => [name, feeds[name.replace('next.', '')] ?? new Float32Array(n)]),
    );
    const sums = fused.run(feeds, into);
    for (const { name, value } of outputs) {
      const wanted = expected[name]!.data as Float32Array;
      if (value.shape[0] === 1) expect(sums[name]! / wanted[0]!).toBeCloseTo(1, 5);
      else expect(largestError(into[name]!, wanted), name).toBeLessThan(1e-6);
    }
  },
);

test('what is no elementwise arithmetic is refused by name', async () => {
  const graph = new Graph('wrong');
  const x = graph.input('x', 'float32', [symbolic('n')]);
  graph.output('y', op.Erf(x));
  await expect(FusedGraph.compile(graph)).rejects.toThrow('Erf');
});

test('a missing vector is named', async () => {
  const fused = await FusedGraph.compile(sumGraph());
  expect(() => fused.run({ a: new Float32Array(2) }, { sum: new Float32Array(2) })).toThrow('The input b');
  expect(() => fused.run({ a: new Float32Array(2), b: new Float32Array(2) })).toThrow('sum');
});

function largestError(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!) / Math.max(1, Math.abs(b[i]!))), 0);
}
