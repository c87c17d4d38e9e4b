// Parity with the original implementation: every reference folder below COVER_REFERENCE (default: test/fixtures/reference)
// holds weights, a batch mixed from videos and images, and what the original computed from them in float64. On every device.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test as base, describe, expect } from 'vitest';
import { modelFor } from '../../src/engine/lowering.ts';
import { type HostTensor, type HostTensors, Session } from '../../src/engine/onnxruntime.ts';
import { headOutput, inferenceGraph } from '../../src/model/inferenceGraph.ts';
import type { ModelSpec } from '../../src/model/modelSpec.ts';
import { parameterLayout } from '../../src/model/parameters.ts';
import {
  logitsName,
  lossName,
  pixelsName,
  type Stream,
  targetsName,
  trainingGraph,
} from '../../src/model/trainingGraph.ts';
import type { Optimizer } from '../../src/model/updateGraph.ts';
import { type StreamBatch, TrainingStep } from '../../src/training/trainingStep.ts';
import { readSafetensors } from '../../src/weights/safetensors.ts';
import { testDevices } from '../engine/webgpu.ts';

/** The folder's config.json. */
interface Config {
  image_size: number;
  patch_size: number;
  hidden_size: number;
  depth: number;
  num_heads: number;
  mlp_ratio: number;
  num_frames: number;
  layer_norm_eps: number;
  heads: Record<string, number>;
  batch: { dataset: string; samples: number; frames: number }[];
  sgd: { lr: number; momentum: number; weight_decay: number; nesterov: boolean; steps: number };
  adamw: { lr: number; betas: [number, number]; eps: number; weight_decay: number; steps: number };
}

/** The bound the project promises. */
const tolerance = 1e-4;
const root = process.env.COVER_REFERENCE || join(__dirname, '../fixtures/reference');
const folders = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => /(^|[\\/])config\.json$/.test(file))
  .map((file) => join(root, file, '..'))
  .sort();

base('there is a reference', () => {
  expect(folders.length, `reference folders below ${root}`).toBeGreaterThan(0);
});

const devices = await testDevices();
const cases = folders.flatMap((folder) =>
  devices.map((on) => ({ ...on, folder, name: relative(root, folder) || '.' })),
);

describe.each(cases)('$name on $id $note', { timeout: 240_000 }, ({ folder, device }) => {
  const test = base.skipIf(!device);
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Config;
  const tensors = (file: string) => readSafetensors(join(folder, `${file}.safetensors`)).tensors;
  const [inputs, expected, weights] = [tensors('inputs'), tensors('expected'), tensors('weights')];
  const spec: ModelSpec = {
    imageSize: config.image_size,
    patchSize: config.patch_size,
    hiddenSize: config.hidden_size,
    depth: config.depth,
    attentionHeads: config.num_heads,
    mlpRatio: config.mlp_ratio,
    frames: config.num_frames,
    layerNormEpsilon: config.layer_norm_eps,
    imageTemporal: 'keep',
    heads: Object.entries(config.heads).map(([name, count]) => ({
      name,
      classes: Array.from({ length: count }, String),
    })),
  };
  const layout = parameterLayout(spec);
  const streams: Stream[] = [...new Set(config.batch.map(({ frames }) => frames))].map((frames) => ({
    name: `frames${frames}`,
    frames,
    heads: config.batch.filter((part) => part.frames === frames).map(({ dataset }) => dataset),
  }));
  const total = config.batch.reduce((sum, { samples }) => sum + samples, 0);

  const numbers = (from: typeof expected, name: string): number[] => {
    const tensor = from.get(name);
    if (!tensor) throw new Error(`${folder} has no tensor ${name}.`);
    return Array.from(tensor.data as Float64Array, Number);
  };
  const flatWeights = () => {
    const flat = new Float32Array(layout.size);
    for (const { name, offset } of layout.parameters) flat.set(numbers(weights, name), offset);
    return flat;
  };

  /** [samples, 3, t, h, w] as the original takes it, to our [samples, t, 3, h, w]. */
  const clips = (dataset: string): number[] => {
    const [samples, channels, t, height, width] = inputs.get(`input.${dataset}`)!.shape as [
      number,
      number,
      number,
      number,
      number,
    ];
    const data = numbers(inputs, `input.${dataset}`);
    const plane = height * width;
    const moved = new Array<number>(data.length);
    for (let s = 0; s < samples; s++) {
      for (let c = 0; c < channels; c++) {
        for (let f = 0; f < t; f++) {
          const from = ((s * channels + c) * t + f) * plane;
          const to = ((s * t + f) * channels + c) * plane;
          for (let i = 0; i < plane; i++) moved[to + i] = data[from + i]!;
        }
      }
    }
    return moved;
  };

  /** The batch of a step. Rows of a stream are its datasets' samples, one dataset after the other. */
  const batch = (smoothing: number): StreamBatch[] =>
    streams.map((stream) => {
      const parts = config.batch.filter(({ frames }) => frames === stream.frames);
      const rows = parts.reduce((sum, { samples }) => sum + samples, 0);
      const result: Record<string, Float32Array> = {};
      let row = 0;
      for (const { dataset, samples } of parts) {
        const classes = config.heads[dataset]!;
        const targets = new Float32Array(rows * classes);
        const labels = numbers(inputs, `label.${dataset}`);
        for (let s = 0; s < samples; s++, row++) {
          targets.fill(smoothing / classes / total, row * classes, (row + 1) * classes);
          targets[row * classes + labels[s]!] = (1 - smoothing + smoothing / classes) / total;
        }
        result[dataset] = targets;
      }
      const pixels = Float32Array.from(parts.flatMap(({ dataset }) => clips(dataset)));
      return { stream, samples: rows, pixels, targets: result };
    });

  /** The same as the training graph takes it. */
  const feeds = (smoothing: number): HostTensors =>
    Object.fromEntries(
      batch(smoothing).flatMap(({ stream, samples, pixels, targets }): [string, HostTensor][] => [
        [pixelsName(stream.name), { data: pixels, shape: [samples, stream.frames, 3, spec.imageSize, spec.imageSize] }],
        ...Object.entries(targets).map(([head, data]): [string, HostTensor] => [
          targetsName(stream.name, head),
          { data, shape: [samples, data.length / samples] },
        ]),
      ]),
    );

  const session = (graph: ReturnType<typeof trainingGraph>) =>
    Session.create(modelFor(graph, device!), { provider: device!.provider });
  const lossOf = (results: HostTensors) =>
    streams
      .flatMap(({ name, heads }) => heads.map((head) => results[lossName(name, head)]!.data[0] as number))
      .reduce((a, b) => a + b, 0);

  test.each([
    ['plain', 0],
    ['smooth0.1', 0.1],
  ])('logits, %s loss and every gradient', async (kind, smoothing) => {
    const step = await session(trainingGraph(spec, layout, streams, { logits: true }));
    const results = await step.run({ parameters: { data: flatWeights(), shape: [layout.size] }, ...feeds(smoothing) });
    for (const stream of streams) {
      let row = 0;
      for (const { dataset, samples } of config.batch.filter(({ frames }) => frames === stream.frames)) {
        const classes = config.heads[dataset]!;
        const logits = results[logitsName(stream.name, dataset)]!.data.slice(row * classes, (row + samples) * classes);
        expect(relativeError(logits, numbers(expected, `logits.${dataset}`)), `logits.${dataset}`).toBeLessThan(
          tolerance,
        );
        row += samples;
      }
    }
    expect(relativeError([lossOf(results)], numbers(expected, `loss.${kind}`)), 'loss').toBeLessThan(tolerance);
    const gradient = results.gradients!.data as Float32Array;
    for (const { name, offset, size } of layout.parameters) {
      const error = relativeError(gradient.subarray(offset, offset + size), numbers(expected, `grad.${kind}.${name}`));
      expect(error, `gradient of ${name}`).toBeLessThan(tolerance);
    }
  });

  test('the exported model gives the same logits and features', async () => {
    const model = await session(inferenceGraph(spec, layout, flatWeights()));
    for (const { dataset, samples, frames } of config.batch) {
      const shape = [samples, frames, 3, spec.imageSize, spec.imageSize];
      const results = await model.run({ clips: { data: Float32Array.from(clips(dataset)), shape } });
      expect(
        relativeError(results[headOutput(dataset)]!.data, numbers(expected, `logits.${dataset}`)),
        dataset,
      ).toBeLessThan(tolerance);
      expect(relativeError(results.features!.data, numbers(expected, `feature.${dataset}`)), dataset).toBeLessThan(
        tolerance,
      );
    }
  });

  const optimizers: { kind: 'sgd' | 'adamw'; optimizer: Optimizer; rate: number; steps: number }[] = [
    {
      kind: 'sgd',
      optimizer: {
        name: 'sgd',
        momentum: config.sgd.momentum,
        nesterov: config.sgd.nesterov,
        weightDecay: config.sgd.weight_decay,
        clipNorm: 0,
      },
      rate: config.sgd.lr,
      steps: config.sgd.steps,
    },
    {
      kind: 'adamw',
      optimizer: {
        name: 'adamw',
        betas: config.adamw.betas,
        epsilon: config.adamw.eps,
        weightDecay: config.adamw.weight_decay,
        clipNorm: 0,
      },
      rate: config.adamw.lr,
      steps: config.adamw.steps,
    },
  ];

  test.each(optimizers)('$steps steps of $kind', async ({ kind, optimizer, rate, steps }) => {
    // The reference decays every parameter alike.
    const alike = { ...layout, parameters: layout.parameters.map((parameter) => ({ ...parameter, decays: true })) };
    const options = { spec, layout: alike, optimizer, device: device!, spatialOnly: false };
    const step = await TrainingStep.create(options, { parameters: flatWeights() });
    const losses: number[] = [];
    for (let i = 0; i < steps; i++) losses.push((await step.step([batch(0)], rate)).loss);
    const { parameters } = await step.read();
    await step.release();
    expect(relativeError(losses, numbers(expected, `losses.${kind}`)), 'losses').toBeLessThan(tolerance);
    for (const { name, offset, size } of layout.parameters) {
      const known = kind === 'sgd' ? [...Array(size).keys()] : decided(numbers(expected, `grad.plain.${name}`));
      expect(size - known.length, `elements of ${name} left out`).toBeLessThanOrEqual(Math.max(2, 0.05 * size));
      const after = numbers(expected, `after3.${kind}.${name}`);
      const error = relativeError(
        known.map((i) => parameters[offset + i]!),
        known.map((i) => after[i]!),
      );
      expect(error, name).toBeLessThan(tolerance);
    }
  });
});

/**
 * The elements whose first step float32 can know. AdamW's first step is the sign of the gradient: where that is not zero
 * but near float32's rounding of its tensor, its sign is chance, in PyTorch's float32 as in ours.
 */
function decided(gradient: readonly number[]): number[] {
  const rms = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0) / gradient.length);
  const isChance = (g: number) => Math.abs(g) > 1e-12 * rms && Math.abs(g) < 1e-4 * rms;
  return [...gradient.keys()].filter((i) => !isChance(gradient[i]!));
}

/** ‖a − b‖ / ‖b‖, with ‖b‖ no smaller than what float32 can tell from zero. */
function relativeError(a: ArrayLike<number | bigint>, b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  let [difference, norm] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (Number(a[i]) - b[i]!) ** 2;
    norm += b[i]! ** 2;
  }
  return Math.sqrt(difference) / Math.max(Math.sqrt(norm), 1e-6);
}
