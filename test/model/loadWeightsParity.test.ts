// Parity with the libraries whose weights are read: test/fixtures/weights/<layout> holds a model with random weights as timm
// 1.0.29 or transformers 5.18 has it (save_pretrained, which writes the older names for ViT; vit-huggingface-5 is its
// state_dict, the names it has in memory) and, in expected.safetensors, what they compute from it in float64.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Session } from '../../src/engine/onnxruntime.ts';
import { onnxModel } from '../../src/graph/onnxModel.ts';
import { headOutput, inferenceGraph } from '../../src/model/inferenceGraph.ts';
import { initialParameters } from '../../src/model/initialise.ts';
import { loadWeights } from '../../src/model/loadWeights.ts';
import type { ModelSpec } from '../../src/model/modelSpec.ts';
import { parameterLayout } from '../../src/model/parameters.ts';
import { readSafetensors } from '../../src/weights/safetensors.ts';
import { describeSource } from '../../src/weights/sourceModel.ts';
import { openWeights } from '../../src/weights/weightsSource.ts';
import { relativeError } from './referenceModel.ts';

const grey = (value: number) => [value, value, value];

describe.each([
  {
    name: 'vit-timm',
    found: { layerNormEpsilon: 1e-6, mean: grey(0.5), normalisationFrom: 'config.json', frames: undefined },
    head: false, // it does not tell its classes
  },
  {
    name: 'vit-huggingface',
    found: { layerNormEpsilon: 1e-12, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], attentionHeads: 3 },
    head: true,
  },
  { name: 'vit-huggingface-5', found: { layerNormEpsilon: 1e-12, mean: grey(0.5), attentionHeads: 3 }, head: true },
  {
    name: 'timesformer-huggingface',
    found: { layerNormEpsilon: 1e-6, mean: grey(0.45), std: grey(0.225), frames: 4 },
    head: true,
  },
])('$name', ({ name, found, head }) => {
  const folder = join(__dirname, '../fixtures/weights', name);
  const source = openWeights(folder);
  const model = describeSource(source);
  const classes = model.heads[0]!.classes ?? Array.from({ length: 5 }, (_, i) => `class ${i}`);
  const spec: ModelSpec = {
    imageSize: model.grid * model.patchSize,
    patchSize: model.patchSize,
    hiddenSize: model.hiddenSize,
    depth: model.depth,
    attentionHeads: 3,
    mlpRatio: model.mlpSize / model.hiddenSize,
    frames: model.frames ?? 4,
    layerNormEpsilon: model.layerNormEpsilon,
    imageTemporal: 'keep',
    heads: [{ name: 'only', classes }],
  };
  const layout = parameterLayout(spec);
  const flat = initialParameters(spec, layout, 3);
  const options = { name, temporalFromSpatial: false, timeResize: 'nearest' } as const;
  const report = loadWeights(source, model, spec, layout, flat, options);
  source.close();

  test('its sizes, normalisation and layer norm are found', () => {
    expect(model).toMatchObject({ hiddenSize: 24, depth: 2, patchSize: 8, grid: 2, mlpSize: 96, ...found });
  });

  test('nothing of it but a head without class names is left over', () => {
    expect(report.leftOver.map((each) => each.name)).toEqual(head ? [] : ['head.bias', 'head.weight']);
  });

  test('gives the same features and logits', async () => {
    const { tensors } = readSafetensors(join(folder, 'expected.safetensors'));
    const pixels = tensors.get('pixels')!;
    const frames = pixels.shape.length === 5 ? pixels.shape[1]! : 1;
    const session = await Session.create(onnxModel(inferenceGraph(spec, layout, flat)), { provider: 'cpu' });
    const clips = { data: pixels.data as Float32Array, shape: [2, frames, 3, 16, 16] };
    const results = await session.run({ clips });
    await session.release();
    const compared = { features: 'features', ...(head && { logits: headOutput('only') }) };
    for (const [theirs, ours] of Object.entries(compared))
      expect(
        relativeError(results[ours]!.data as Float32Array, tensors.get(theirs)!.data as Float64Array),
        theirs,
      ).toBeLessThan(1e-5);
  });
});
