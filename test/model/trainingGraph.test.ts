// The options of the training graph: what must change nothing changes nothing, and what is computed otherwise (stochastic
// depth, dropout, joint and space-only attention) has the gradient that differences of its loss show.
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { type HostTensors, Session } from '../../src/engine/onnxruntime.ts';
import { halfPrecision } from '../../src/graph/halfPrecision.ts';
import { onnxModel } from '../../src/graph/onnxModel.ts';
import type { ModelSpec } from '../../src/model/modelSpec.ts';
import { parameterLayout, piecesOf } from '../../src/model/parameters.ts';
import {
  isOfLoss,
  keptBranchesName,
  keptFeaturesName,
  lossName,
  pixelsName,
  type Stream,
  type TrainingGraphOptions,
  targetsName,
  trainingGraph,
} from '../../src/model/trainingGraph.ts';

const spec: ModelSpec = {
  imageSize: 8,
  patchSize: 4,
  hiddenSize: 12,
  depth: 2,
  attentionHeads: 3,
  mlpRatio: 4,
  frames: 3,
  layerNormEpsilon: 1e-6,
  imageTemporal: 'keep',
  heads: [
    { name: 'moves', classes: ['x', 'y', 'z'] },
    { name: 'things', classes: ['p', 'q'] },
  ],
};
const streams: Stream[] = [
  { name: 'videos', frames: 3, heads: ['moves'] },
  { name: 'images', frames: 1, heads: ['things'] },
];
const samples = { videos: 2, images: 3 };
const random = new Random(11);
const noise = (length: number, scale = 1) => Float32Array.from({ length }, () => scale * random.normal());

const pixels = { videos: noise(2 * 3 * 3 * 64), images: noise(3 * 3 * 64) };
const keptBranches = {
  videos: noise(3 * spec.depth * 2).map(Math.abs),
  images: noise(3 * spec.depth * 3).map(Math.abs),
};
const keptFeatures = { videos: noise(2 * 12), images: noise(3 * 12) };

function feedsOf(layoutSize: number, weights: Float32Array, options: TrainingGraphOptions, kept?: number): HostTensors {
  const feeds: Record<string, HostTensors[string]> = { parameters: { data: weights, shape: [layoutSize] } };
  for (const { name, frames, heads } of streams) {
    const b = samples[name as keyof typeof samples];
    feeds[pixelsName(name)] = { data: pixels[name as keyof typeof pixels], shape: [b, frames, 3, 8, 8] };
    const classes = spec.heads.find((head) => head.name === heads[0])!.classes.length;
    const targets = new Float32Array(b * classes);
    for (let i = 0; i < b; i++) targets[i * classes + (i % classes)] = 1 / 5;
    feeds[targetsName(name, heads[0]!)] = { data: targets, shape: [b, classes] };
    const or = (values: Float32Array) => (kept === undefined ? values : values.map(() => kept));
    if (options.dropPath) {
      const data = or(keptBranches[name as keyof typeof keptBranches]);
      feeds[keptBranchesName(name)] = { data, shape: [3 * spec.depth, b] };
    }
    if (options.dropout) {
      feeds[keptFeaturesName(name)] = { data: or(keptFeatures[name as keyof typeof keptFeatures]), shape: [b, 12] };
    }
  }
  if (options.lossScale) feeds.loss_scale = { data: Float32Array.of(2 ** 17), shape: [1] };
  return feeds;
}

async function stepOf(
  model: ModelSpec,
  options: TrainingGraphOptions = {},
  { half = false, kept = undefined as number | undefined } = {},
) {
  const layout = parameterLayout(model);
  const graph = trainingGraph(model, layout, streams, options);
  const session = await Session.create(onnxModel(half ? halfPrecision(graph, isOfLoss) : graph), { provider: 'cpu' });
  return async (weights: Float32Array) => {
    const all = feedsOf(layout.size, weights, options, kept);
    const pieces = piecesOf(layout).map(({ name, shape, offset, size }) => [
      `parameters.${name}`,
      { data: weights.subarray(offset, offset + size), shape },
    ]);
    const results = await session.run({ ...all, ...Object.fromEntries(pieces) });
    const gradient = new Float32Array(layout.size);
    if (results.gradients) gradient.set(results.gradients.data as Float32Array);
    else {
      for (const { name, offset } of piecesOf(layout))
        gradient.set(results[`gradients.${name}`]!.data as Float32Array, offset);
    }
    const loss = streams.reduce((sum, { name, heads }) => sum + Number(results[lossName(name, heads[0]!)]!.data[0]), 0);
    return { loss, gradient };
  };
}

const attentions = ['divided', 'joint', 'space'] as const;
const weightsOf = (model: ModelSpec) => noise(parameterLayout(model).size, 0.3);

function difference(a: Float32Array, b: Float32Array): number {
  let [error, norm] = [0, 0];
  b.forEach((value, i) => {
    error += (a[i]! - value) ** 2;
    norm += value ** 2;
  });
  return Math.sqrt(error / norm);
}

describe.each(attentions)('%s attention', (attention) => {
  const model = { ...spec, attention };
  const weights = weightsOf(model);

  test.each([
    ['each piece of its own', { pieces: true }, {}, 1e-6],
    ['values computed again', { checkpointing: true }, {}, 1e-6],
    ['values computed again, each piece of its own', { checkpointing: true, pieces: true }, {}, 1e-6],
    ['nothing left out', { dropPath: true, dropout: true }, { kept: 1 }, 1e-6],
  ] as const)('%s: the same gradient', async (_, options, how, tolerance) => {
    const [plain, other] = [await stepOf(model), await stepOf(model, options, how)];
    const [a, b] = [await plain(weights), await other(weights)];
    expect(b.loss).toBeCloseTo(a.loss, 5);
    expect(difference(b.gradient, a.gradient)).toBeLessThan(tolerance);
  });

  test('half precision: nearly the same gradient, times the loss scale', async () => {
    const [plain, half] = [await stepOf(model), await stepOf(model, { lossScale: true }, { half: true })];
    const [a, b] = [await plain(weights), await half(weights)];
    expect(b.loss).toBeCloseTo(a.loss, 2);
    const error = difference(
      b.gradient.map((value) => value / 2 ** 17),
      a.gradient,
    );
    expect(error).toBeLessThan(1e-2);
    expect(error).toBeGreaterThan(1e-6); // it is half precision
  });

  test.each([
    ['plain', {}],
    ['branches and features weighted', { dropPath: true, dropout: true }],
  ] as const)('the gradient is that of the loss: %s', async (_, options) => {
    const step = await stepOf(model, options);
    const { gradient } = await step(weights);
    for (let k = 0; k < 6; k++) {
      const direction = noise(weights.length);
      const along = async (h: number) => (await step(weights.map((value, i) => value + h * direction[i]!))).loss;
      const h = 2e-3;
      const [far, near] = [(await along(2 * h)) - (await along(-2 * h)), (await along(h)) - (await along(-h))];
      const numeric = (8 * near - far) / (12 * h); // fourth order
      const analytic = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
      expect(Math.abs(numeric - analytic) / Math.max(Math.abs(analytic), 0.1)).toBeLessThan(1e-2);
    }
  });
});
