// The three kinds of attention against an implementation that is not ours: test/fixtures/attention/<kind> holds a model with
// random weights as transformers 5.18 writes it and, in expected.safetensors, the float64 features, logits, loss and gradients
// of videos, images and longer videos. They were computed by a model written from the paper (make.py) and agree with
// transformers' to the last digits where it computes the same thing. It does not in two places, where the paper's model stands
// alone: space-only attention, of which transformers gives logits per frame where the original averages the frames' class
// tokens before the last norm; and divided attention of another number of frames than its config's.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { modelFor } from '../../src/engine/lowering.ts';
import { type HostTensors, Session } from '../../src/engine/onnxruntime.ts';
import { onnxModel } from '../../src/graph/onnxModel.ts';
import { headOutput, inferenceGraph } from '../../src/model/inferenceGraph.ts';
import { initialParameters } from '../../src/model/initialise.ts';
import { loadWeights } from '../../src/model/loadWeights.ts';
import type { ModelSpec } from '../../src/model/modelSpec.ts';
import { parameterLayout } from '../../src/model/parameters.ts';
import { logitsName, lossName, pixelsName, targetsName, trainingGraph } from '../../src/model/trainingGraph.ts';
import { namesIn } from '../../src/weights/layouts/layout.ts';
import { readSafetensors } from '../../src/weights/safetensors.ts';
import { describeSource } from '../../src/weights/sourceModel.ts';
import { openWeights } from '../../src/weights/weightsSource.ts';
import { testDevices } from '../engine/webgpu.ts';
import { relativeError } from './referenceModel.ts';

const tolerance = 1e-4;
const devices = await testDevices();

describe.each(['joint', 'space', 'divided'] as const)('%s attention', { timeout: 240_000 }, (kind) => {
  const folder = join(__dirname, '../fixtures/attention', kind);
  const { tensors } = readSafetensors(join(folder, 'expected.safetensors'));
  const expected = (name: string) => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`${folder} has no tensor ${name}.`);
    return { data: Float64Array.from(tensor.data as Float64Array, Number), shape: [...tensor.shape] };
  };
  const expectClose = ({ data }: { readonly data: ArrayLike<unknown> }, name: string) =>
    expect(relativeError(data as ArrayLike<number>, expected(name).data), name).toBeLessThan(tolerance);
  const pixels = (part: string) => {
    const { data, shape } = expected(`pixels.${part}`);
    return { data: Float32Array.from(data), shape };
  };

  const source = openWeights(folder);
  const model = describeSource(source);
  const classes = model.heads[0]!.classes!;
  const spec: ModelSpec = {
    imageSize: model.grid * model.patchSize,
    patchSize: model.patchSize,
    hiddenSize: model.hiddenSize,
    depth: model.depth,
    attentionHeads: model.attentionHeads!,
    mlpRatio: model.mlpSize / model.hiddenSize,
    frames: 4,
    layerNormEpsilon: model.layerNormEpsilon,
    imageTemporal: 'keep',
    attention: kind,
    heads: [{ name: 'only', classes }],
  };
  const layout = parameterLayout(spec);
  const flat = initialParameters(spec, layout, 3);
  const report = loadWeights(source, model, spec, layout, flat, {
    name: folder,
    temporalFromSpatial: false,
    timeResize: 'nearest',
  });
  source.close();
  const parts = ['videos', 'images', 'longer'];
  const streams = parts.map((name) => ({ name, frames: expected(`pixels.${name}`).shape[1]!, heads: ['only'] }));

  test('every tensor is loaded, and every parameter', () => {
    expect(report).toMatchObject({ initialised: [], leftOver: [], resized: [] });
    expect(report.loaded).toHaveLength(layout.parameters.length);
    expect(streams.map(({ frames }) => frames)).toEqual([4, 1, 6]);
  });

  for (const { id, note, device } of devices) {
    test.skipIf(!device)(`features and logits on ${id} ${note}`, async () => {
      const graph = inferenceGraph(spec, layout, flat);
      const session = await Session.create(modelFor(graph, device!), { provider: device!.provider });
      for (const part of parts) {
        const results = await session.run({ clips: pixels(part) });
        expectClose(results.features!, `features.${part}`);
        expectClose(results[headOutput('only')]!, `logits.${part}`);
      }
      await session.release();
    });
  }

  test('logits, loss and the gradient of every parameter in a training step', async () => {
    const labels = parts.map((part) => expected(`targets.${part}`).data);
    const clips = labels.reduce((sum, { length }) => sum + length, 0);
    const feeds: Record<string, HostTensors[string]> = { parameters: { data: flat, shape: [layout.size] } };
    parts.forEach((part, p) => {
      const targets = new Float32Array(labels[p]!.length * classes.length);
      labels[p]!.forEach((label, row) => {
        targets[row * classes.length + label] = 1 / clips;
      });
      feeds[pixelsName(part)] = pixels(part);
      feeds[targetsName(part, 'only')] = { data: targets, shape: [labels[p]!.length, classes.length] };
    });
    const graph = trainingGraph(spec, layout, streams, { logits: true });
    const session = await Session.create(onnxModel(graph), { provider: 'cpu' });
    const results = await session.run(feeds);
    await session.release();
    for (const part of parts) expectClose(results[logitsName(part, 'only')]!, `logits.${part}`);
    const loss = parts.reduce((sum, part) => sum + Number(results[lossName(part, 'only')]!.data[0]), 0);
    expectClose({ data: [loss] }, 'loss');
    const gradient = results.gradients!.data as Float32Array;
    for (const { name, offset, size } of layout.parameters) {
      const [theirs] = namesIn(model.layout, model.prefix, name)!;
      expectClose({ data: gradient.subarray(offset, offset + size) }, `gradients.${theirs}`);
    }
  });
});
