import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ResolvedExperiment } from '../../src/config/resolved.ts';
import { Session } from '../../src/engine/onnxruntime.ts';
import { TensorProto_DataType as DataType, ModelProtoSchema } from '../../src/graph/onnx/onnx_pb.ts';
import { exportModel, type ModelPrecision } from '../../src/model/exportModel.ts';
import {
  huggingFaceConfig,
  huggingFacePreprocessor,
  picked,
  weightsMetadata,
  withOneHead,
} from '../../src/model/exportWeights.ts';
import { headOutput } from '../../src/model/inferenceGraph.ts';
import { initialParameters } from '../../src/model/initialise.ts';
import { loadWeights } from '../../src/model/loadWeights.ts';
import { parameterLayout } from '../../src/model/parameters.ts';
import { tensorsIn } from '../../src/model/saveWeights.ts';
import { timesformer } from '../../src/weights/layouts/timesformer.ts';
import { timesformerHuggingFace } from '../../src/weights/layouts/timesformerHuggingFace.ts';
import { writeSafetensors } from '../../src/weights/safetensors.ts';
import { describeSource } from '../../src/weights/sourceModel.ts';
import { openWeights } from '../../src/weights/weightsSource.ts';
import { reference, relativeError } from './referenceModel.ts';

const { experiment, spec, layout, flat, parts } = reference();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cover-export-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function logitsOf(model: Uint8Array, part: (typeof parts)[number]): Promise<Float32Array> {
  const session = await Session.create(model, { provider: 'cpu' });
  const { clips: data, samples, frames } = part;
  const shape = [samples, frames, 3, spec.imageSize, spec.imageSize];
  const results = await session.run({ clips: { data, shape } });
  await session.release();
  return results[headOutput(part.dataset)]!.data as Float32Array;
}

describe.each<[ModelPrecision, number]>([
  ['float32', 1e-4],
  ['float16', 1e-2],
])('model.onnx in %s', (precision, tolerance) => {
  const bytes = exportModel(experiment, spec, layout, flat, precision);
  const { graph, metadataProps } = fromBinary(ModelProtoSchema, bytes);

  test.each(parts)('gives the original’s logits of $dataset', async (part) => {
    const logits = await logitsOf(bytes, part);
    expect(logits).toBeInstanceOf(Float32Array);
    expect(relativeError(logits, part.logits)).toBeLessThan(tolerance);
  });

  test('says what its classes and its pixels are', () => {
    const metadata = Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
    expect(JSON.parse(metadata.classes!)).toEqual(
      Object.fromEntries(experiment.datasets.map(({ name, classes }) => [name, classes])),
    );
    expect(JSON.parse(metadata.preprocessing!)).toMatchObject({
      size: spec.imageSize,
      frames: spec.frames,
      mean: [0.4, 0.5, 0.6],
    });
    expect(metadata.precision).toBe(precision);
    expect(graph!.output.map(({ name }) => name)).toEqual([
      ...spec.heads.map(({ name }) => headOutput(name)),
      'features',
    ]);
    expect(graph!.input[0]!.type!.value.value).toMatchObject({
      elemType: DataType.FLOAT,
      shape: { dim: [{ value: { case: 'dimParam' } }, { value: { case: 'dimParam' } }, {}, {}, {}] },
    });
  });
});

describe('model.onnx says which frames and crops are taken', () => {
  const stated = (settings: Partial<Pick<ResolvedExperiment, 'sampling' | 'views'>>) => {
    const bytes = exportModel({ ...experiment, ...settings }, spec, layout, flat);
    const { metadataProps } = fromBinary(ModelProtoSchema, bytes);
    return JSON.parse(metadataProps.find(({ key }) => key === 'preprocessing')!.value);
  };
  const uniform = 'frame i is the one shown at (i + 0.5) / frames of the clip; an image is one frame';

  test.each<[ResolvedExperiment['sampling']['name'], string | RegExp]>([
    ['uniform', uniform],
    ['dense', /frame i is number start \+ i × 7 of the clip’s own/],
    ['whole', /frame i is number round\(i \/ \(frames − 1\) × \(n − 1\)\) of the clip’s own n/],
  ])('%s', (name, expected) => {
    const { sampling, views } = stated({ sampling: { name, stride: 7, places: 4 } });
    expect(sampling).toMatch(expected);
    expect(views).toBeUndefined();
  });

  test.each([
    [2, 3, /^2 clips .* × 3 square crops .*averaged/],
    [1, 3, /^3 square crops .*averaged/],
    [2, 1, /^2 clips [^×]*averaged/],
  ])('%d × %d views', (clips, crops, expected) => {
    const { sampling, views } = stated({ views: { clips, crops } });
    expect(sampling).toBe(uniform);
    expect(views).toMatch(expected);
  });
});

test('in float16 every matrix of weights is stored in half, and softmax and norms are computed in float32', () => {
  const { graph } = fromBinary(ModelProtoSchema, exportModel(experiment, spec, layout, flat, 'float16'));
  const types = new Map(graph!.initializer.map(({ name, dataType }) => [name, dataType]));
  const matrices = graph!.initializer.filter(({ name, dims }) => dims.length > 1 && !name.startsWith('constants/'));
  expect(matrices.length).toBeGreaterThan(10);
  for (const { name, dataType } of matrices) {
    // Looked up by time: whole places of rows, not products.
    if (name !== 'time_embed') expect(dataType, name).toBe(DataType.FLOAT16);
  }
  const casts = new Map(
    graph!.node
      .filter(({ opType }) => opType === 'Cast')
      .map(({ output, attribute }) => [output[0]!, Number(attribute[0]!.i)]),
  );
  for (const { opType, input, name } of graph!.node) {
    if (opType !== 'Softmax' && opType !== 'LayerNormalization') continue;
    expect(casts.get(input[0]!) ?? DataType.FLOAT, name).toBe(DataType.FLOAT);
    for (const scale of input.slice(1)) expect(types.get(scale), scale).toBe(DataType.FLOAT);
  }
});

test('a Hugging Face TimeSformer folder gives its reference logits', async () => {
  const part = parts.find(({ frames }) => frames > 1)!;
  const one = withOneHead(spec, part.dataset);
  const place = join(folder, 'huggingface');
  mkdirSync(place);
  writeFileSync(join(place, 'config.json'), JSON.stringify(huggingFaceConfig(one)));
  writeFileSync(join(place, 'preprocessor_config.json'), JSON.stringify(huggingFacePreprocessor(experiment)));
  await writeSafetensors(
    join(place, 'model.safetensors'),
    tensorsIn(timesformerHuggingFace, layout, flat, part.dataset),
  );

  const source = openWeights(place);
  const found = describeSource(source);
  expect(found).toMatchObject({
    layerNormEpsilon: spec.layerNormEpsilon,
    mean: [0.4, 0.5, 0.6],
    std: [0.2, 0.25, 0.3],
    attentionHeads: spec.attentionHeads,
    frames: spec.frames,
  });
  const oneLayout = parameterLayout(one);
  const loaded = initialParameters(one, oneLayout, 9);
  const options = { name: place, temporalFromSpatial: false, timeResize: 'nearest' } as const;
  const report = loadWeights(source, found, one, oneLayout, loaded, options);
  source.close();
  expect([report.initialised, report.leftOver, report.resized]).toEqual([[], [], []]);
  const logits = await logitsOf(exportModel(experiment, one, oneLayout, loaded), part);
  expect(relativeError(logits, part.logits)).toBeLessThan(1e-4);
});

test.each(spec.heads)(
  'a TimeSformer file of the head $name of several is loaded back with it',
  async ({ name, classes }) => {
    const file = join(folder, `${name}.timesformer.safetensors`);
    const one = withOneHead(spec, name);
    const metadata = weightsMetadata(experiment, one, 'reference-1', '12');
    await writeSafetensors(file, tensorsIn(timesformer, layout, flat, name), metadata);
    const source = openWeights(file);
    const found = describeSource(source);
    expect(found.heads).toEqual([{ name: 'head', size: classes.length, classes }]);
    const oneLayout = parameterLayout(one);
    const loaded = initialParameters(one, oneLayout, 9);
    const options = { name: file, temporalFromSpatial: false, timeResize: 'nearest' } as const;
    const report = loadWeights(source, found, one, oneLayout, loaded, options);
    source.close();
    expect([report.initialised, report.leftOver]).toEqual([[], []]);
    expect(loaded).toEqual(picked(layout, flat, oneLayout));
  },
);

test('what a file of weights says of itself', () => {
  const one = withOneHead(spec, spec.heads[0]!.name);
  const metadata = weightsMetadata(experiment, one, 'reference-1', '12');
  expect(metadata).toMatchObject({ format: 'pt', run: 'reference-1', step: '12', experiment_name: 'reference' });
  expect(JSON.parse(metadata.classes!)).toEqual({ [one.heads[0]!.name]: one.heads[0]!.classes });
  expect(JSON.parse(metadata.datasets!)).toHaveLength(1);
  expect(JSON.parse(metadata.normalisation!)).toEqual({ mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3] });
  expect([metadata.frames, metadata.size]).toEqual([String(spec.frames), String(spec.imageSize)]);
});
