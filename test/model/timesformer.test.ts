import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { Session } from '../../src/engine/onnxruntime.ts';
import { onnxModel } from '../../src/graph/onnxModel.ts';
import { headOutput, inferenceGraph } from '../../src/model/inferenceGraph.ts';
import { initialParameters } from '../../src/model/initialise.ts';
import type { ModelSpec } from '../../src/model/modelSpec.ts';
import { parameterLayout } from '../../src/model/parameters.ts';
import { logitsName, pixelsName, targetsName, trainingGraph } from '../../src/model/trainingGraph.ts';

const spec: ModelSpec = {
  imageSize: 8,
  patchSize: 4,
  hiddenSize: 12,
  depth: 2,
  attentionHeads: 3,
  mlpRatio: 4,
  frames: 4,
  layerNormEpsilon: 1e-6,
  imageTemporal: 'keep',
  heads: [{ name: 'a', classes: ['x', 'y', 'z'] }],
};
const random = new Random(4);
const noise = (length: number, scale = 1) => Float32Array.from({ length }, () => scale * random.normal());

/** Random weights everywhere, so that no branch is silent. */
const weights = noise(parameterLayout(spec).size, 0.3);
const clipSize = (frames: number) => frames * 3 * 8 * 8;

async function exported(model: ModelSpec, pixels: Float32Array, clips: number, frames: number): Promise<number[]> {
  const session = await Session.create(onnxModel(inferenceGraph(model, parameterLayout(model), weights)), {
    provider: 'cpu',
  });
  const results = await session.run({ clips: { data: pixels, shape: [clips, frames, 3, 8, 8] } });
  return Array.from(results[headOutput('a')]!.data as Float32Array);
}

async function trained(model: ModelSpec, pixels: Float32Array, clips: number, frames: number): Promise<number[]> {
  const layout = parameterLayout(model);
  const graph = trainingGraph(model, layout, [{ name: 's', frames, heads: ['a'] }], { logits: true });
  const session = await Session.create(onnxModel(graph), { provider: 'cpu' });
  const results = await session.run({
    parameters: { data: weights, shape: [layout.size] },
    [pixelsName('s')]: { data: pixels, shape: [clips, frames, 3, 8, 8] },
    [targetsName('s', 'a')]: { data: new Float32Array(clips * 3), shape: [clips, 3] },
  });
  return Array.from(results[logitsName('s', 'a')]!.data as Float32Array);
}

test.each([
  { frames: 4, imageTemporal: 'keep' as const },
  { frames: 1, imageTemporal: 'keep' as const },
  { frames: 1, imageTemporal: 'skip' as const },
  { frames: 4, imageTemporal: 'skip' as const },
  { frames: 2, imageTemporal: 'keep' as const },
  { frames: 7, imageTemporal: 'keep' as const },
])(
  'the exported model, whose frames are known when it runs, equals the training graph: $frames frames, $imageTemporal',
  async ({ frames, imageTemporal }) => {
    const model = { ...spec, imageTemporal };
    const pixels = noise(3 * clipSize(frames));
    const [a, b] = [await exported(model, pixels, 3, frames), await trained(model, pixels, 3, frames)];
    a.forEach((value, i) => void expect(value).toBeCloseTo(b[i]!, 4));
  },
);

test('skipping the temporal branch changes images and only images', async () => {
  const skip = { ...spec, imageTemporal: 'skip' as const };
  const [image, video] = [noise(clipSize(1)), noise(clipSize(4))];
  expect(await exported(skip, video, 1, 4)).toEqual(await exported(spec, video, 1, 4));
  expect(await exported(skip, image, 1, 1)).not.toEqual(await exported(spec, image, 1, 1));
});

test('a new model without times sees a still video as it sees the image', async () => {
  const layout = parameterLayout(spec);
  const fresh = initialParameters(spec, layout, 3);
  // Every frame at the same time: the time embedding is what tells them apart.
  const time = layout.parameters.find(({ name }) => name === 'time_embed')!;
  fresh.fill(0, time.offset, time.offset + time.size);
  const session = await Session.create(onnxModel(inferenceGraph(spec, layout, fresh)), { provider: 'cpu' });
  const image = noise(clipSize(1));
  const still = new Float32Array(clipSize(4));
  for (let t = 0; t < 4; t++) still.set(image, t * clipSize(1));
  const logits = async (data: Float32Array, frames: number) =>
    Array.from(
      (await session.run({ clips: { data, shape: [1, frames, 3, 8, 8] } }))[headOutput('a')]!.data as Float32Array,
    );
  const [one, four] = [await logits(image, 1), await logits(still, 4)];
  one.forEach((value, i) => void expect(value).toBeCloseTo(four[i]!, 5));
});

test('a batch gives each clip the logits it has alone', async () => {
  const pixels = noise(2 * clipSize(4));
  const both = await exported(spec, pixels, 2, 4);
  const second = await exported(spec, pixels.slice(clipSize(4)), 1, 4);
  second.forEach((value, i) => void expect(both[3 + i]).toBeCloseTo(value, 5));
});

test('ViT-B of 8 × 224² with 400 classes has the published number of parameters', () => {
  const base = { ...spec, imageSize: 224, patchSize: 16, hiddenSize: 768, depth: 12, attentionHeads: 12, frames: 8 };
  const layout = parameterLayout({ ...base, heads: [{ name: 'k400', classes: Array.from({ length: 400 }, String) }] });
  expect(layout.parameters.length).toBe(249);
  expect(layout.size).toBe(121_566_352);
});
