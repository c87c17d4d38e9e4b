// The weights of the attentions that the graph gives out, and the roll-out made of them, against the direct model.
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { Session } from '../../src/engine/onnxruntime.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { onnxModel } from '../../src/graph/onnxModel.ts';
import { type BlockAttention, rollout } from '../../src/model/attentionRollout.ts';
import { attentionOutput, headOutput, inferenceGraph } from '../../src/model/inferenceGraph.ts';
import type { ModelSpec } from '../../src/model/modelSpec.ts';
import { parameterLayout } from '../../src/model/parameters.ts';
import { storedWeights } from '../../src/model/storedWeights.ts';
import { direct } from './directModel.ts';

const spec: ModelSpec = {
  imageSize: 12,
  patchSize: 4,
  hiddenSize: 12,
  depth: 3,
  attentionHeads: 3,
  mlpRatio: 2,
  frames: 4,
  layerNormEpsilon: 1e-6,
  imageTemporal: 'keep',
  heads: [{ name: 'a', classes: ['x', 'y', 'z'] }],
};
const patches = 9;
const random = new Random(11);
const noise = (length: number, scale = 1) => Float32Array.from({ length }, () => scale * random.normal());

async function maps(model: ModelSpec, weights: Float32Array, pixels: Float32Array, clips: number, frames: number) {
  const graph = inferenceGraph(model, parameterLayout(model), weights, { attention: true });
  const session = await Session.create(onnxModel(graph), { provider: 'cpu' });
  const results = await session.run({ clips: { data: pixels, shape: [clips, frames, 3, 12, 12] } });
  const of = (block: number, name: 'temporal' | 'spatial') => results[attentionOutput(block, name)];
  await session.release();
  const blocks = Array.from({ length: model.depth }, (_, i) => ({
    temporal: of(i, 'temporal')?.data as Float32Array | undefined,
    spatial: of(i, 'spatial')!.data as Float32Array,
  }));
  return { blocks, logits: Array.from(results[headOutput('a')]!.data as Float32Array) };
}

describe.each([
  ['divided', 'keep', 4],
  ['divided', 'keep', 3],
  ['divided', 'keep', 1],
  ['divided', 'skip', 1],
  ['divided', 'skip', 4],
  ['joint', 'keep', 4],
  ['joint', 'keep', 1],
  ['space', 'keep', 4],
  ['space', 'keep', 1],
] as const)('%s attention, %s, %i frames', (attention, imageTemporal, frames) => {
  const model = { ...spec, attention, imageTemporal };
  const layout = parameterLayout(model);
  const weights = noise(layout.size, 0.35);
  const pixels = noise(frames * 3 * 12 * 12);

  test('the roll-out is the class token’s row of the product of all tokens’ matrices, and sums to 1', async () => {
    const { blocks, logits } = await maps(model, weights, pixels, 1, frames);
    const slow = direct(model, layout, weights, pixels);
    logits.forEach((value, i) => void expect(value).toBeCloseTo(slow.logits[i]!, 4));

    const { patches: seen, classToken } = rollout(attention, blocks, frames, patches);
    expect(seen.length).toBe(frames * patches);
    expect(seen.reduce((sum, value) => sum + value, classToken)).toBeCloseTo(1, 5);
    const tokens = attention === 'space' ? frames : 1;
    const rows = slow.rollout.slice(0, tokens);
    for (const row of slow.rollout) expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
    const expected = rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / tokens);
    seen.forEach((value, i) => void expect(value).toBeCloseTo(expected[tokens + i]!, 6));
    expect(classToken).toBeCloseTo(
      expected.slice(0, tokens).reduce((sum, value) => sum + value, 0),
      6,
    );
  });

  test('every row of weights sums to 1, and a clip has its own in a batch', async () => {
    const two = noise(2 * frames * 3 * 12 * 12);
    const alone = await maps(model, weights, two.slice(two.length / 2), 1, frames);
    const both = await maps(model, weights, two, 2, frames);
    const widths = { divided: patches + 1, space: patches + 1, joint: 1 + frames * patches };
    const rowsSumTo1 = (values: Float32Array, width: number) => {
      for (let at = 0; at < values.length; at += width)
        expect(values.subarray(at, at + width).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
    };
    for (const [i, { spatial, temporal }] of both.blocks.entries()) {
      rowsSumTo1(spatial, widths[attention]);
      expect(temporal === undefined).toBe(attention !== 'divided');
      if (temporal) rowsSumTo1(temporal, frames);
      const own = alone.blocks[i]!;
      spatial.slice(spatial.length / 2).forEach((value, at) => void expect(value).toBeCloseTo(own.spatial[at]!, 5));
      expect(spatial.length).toBe(2 * own.spatial.length);
    }
  });

  test('a graph that gives the weights out is otherwise the same, node by node', () => {
    const nodes = ({ nodes: list }: Graph) =>
      list.map(({ name, op, inputs, attributes }) => [name, op, inputs.map((value) => value.name), attributes]);
    const plain = nodes(inferenceGraph(model, layout, weights));
    const seen = nodes(inferenceGraph(model, layout, weights, { attention: true }));
    expect(seen.slice(0, plain.length)).toEqual(plain);
    expect(seen.length).toBeGreaterThan(plain.length);
  });
});

test('attention that looks everywhere alike gives every patch the same', () => {
  const [t, n] = [3, 4];
  const even = (length: number, width: number) => new Float32Array(length).fill(1 / width);
  const block: BlockAttention = { temporal: even(n * t * t, t), spatial: even(t * (n + 1) ** 2, n + 1) };
  const { patches: seen } = rollout('divided', [block, { ...block, spatial: even(t * (n + 1), n + 1) }], t, n);
  for (const value of seen) expect(value).toBeCloseTo(seen[0]!, 12);
});

test('weights come back from the exported file, and from no other model’s', () => {
  const layout = parameterLayout(spec);
  const weights = noise(layout.size);
  const model = onnxModel(inferenceGraph(spec, layout, weights));
  expect(storedWeights(model, layout)).toEqual(weights);
  const larger = { ...spec, depth: 4 };
  expect(() => storedWeights(model, parameterLayout(larger))).toThrow(
    'The model has no blocks.3.temporal_norm1.weight',
  );
});
