import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { initialParameters } from '../../src/model/initialise.ts';
import { type LoadOptions, loadWeights } from '../../src/model/loadWeights.ts';
import type { ModelSpec } from '../../src/model/modelSpec.ts';
import { type ParameterLayout, parameterLayout } from '../../src/model/parameters.ts';
import { tensorsIn } from '../../src/model/saveWeights.ts';
import { type WeightsReport, weightsLines } from '../../src/model/weightsReport.ts';
import { layouts } from '../../src/weights/detectLayout.ts';
import type { WeightLayout } from '../../src/weights/layouts/layout.ts';
import { resizeSquare } from '../../src/weights/resizeEmbeddings.ts';
import { readSafetensors, type TensorToWrite, writeSafetensors } from '../../src/weights/safetensors.ts';
import { describeSource } from '../../src/weights/sourceModel.ts';
import { openWeights } from '../../src/weights/weightsSource.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cover-load-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const spec: ModelSpec = {
  imageSize: 16,
  patchSize: 4,
  hiddenSize: 12,
  depth: 2,
  attentionHeads: 3,
  mlpRatio: 4,
  frames: 4,
  layerNormEpsilon: 1e-6,
  imageTemporal: 'keep',
  heads: [
    { name: 'first', classes: ['a', 'b', 'c'] },
    { name: 'second', classes: ['d', 'e'] },
  ],
};
const layout = parameterLayout(spec);
const random = new Random(5);
const weights = Float32Array.from({ length: layout.size }, () => random.normal());
const options: LoadOptions = { name: 'somewhere', temporalFromSpatial: false, timeResize: 'nearest' };
const classes = (head: string) => ({ [head]: spec.heads.find(({ name }) => name === head)!.classes });
const byId = (id: WeightLayout['id']) => layouts.find((each) => each.id === id)!;

let serial = 0;
const newFile = () => join(folder, `${++serial}.safetensors`);

interface Loaded {
  flat: Float32Array;
  report: WeightsReport;
}

function load(file: string, into: ModelSpec = spec, choice: Partial<LoadOptions> = {}): Loaded {
  const intoLayout = parameterLayout(into);
  const flat = initialParameters(into, intoLayout, 1);
  const source = openWeights(file);
  try {
    const report = loadWeights(source, describeSource(source), into, intoLayout, flat, { ...options, ...choice });
    return { flat, report };
  } finally {
    source.close();
  }
}

function part(flat: Float32Array, name: string, of: ParameterLayout = layout): Float32Array {
  const { offset, size } = of.parameters.find((parameter) => parameter.name === name)!;
  return flat.subarray(offset, offset + size);
}

describe('load, save and load again is lossless', () => {
  test.each(
    layouts.flatMap((each) =>
      each.prefixes.filter((prefix) => prefix !== 'average.').map((prefix) => ({ id: each.id, prefix, each })),
    ),
  )('$id with the prefix "$prefix"', async ({ each, prefix }) => {
    const written: WeightLayout = { ...each, written: prefix };
    const metadata: Record<string, string> = {
      classes: JSON.stringify(each.head ? classes('second') : { ...classes('first'), ...classes('second') }),
    };
    const [first, second] = [newFile(), newFile()];
    await writeSafetensors(first, tensorsIn(written, layout, weights, 'second'), metadata);
    const once = load(first);
    await writeSafetensors(second, tensorsIn(written, layout, once.flat, 'second'), metadata);
    expect(readFileSync(second).equals(readFileSync(first))).toBe(true);
    const twice = load(second);
    expect(twice.flat).toEqual(once.flat);
    expect(once.report.leftOver).toEqual([]);
    for (const name of once.report.loaded) expect(part(once.flat, name), name).toEqual(part(weights, name));
    const temporal = /temporal|time_embed/;
    const lacks = each.id.startsWith('vit') ? temporal : /^$/;
    const otherHead = each.head ? /^heads\.first\./ : /^$/;
    expect(once.report.initialised.map(({ name }) => name)).toEqual(
      layout.parameters.map(({ name }) => name).filter((name) => lacks.test(name) || otherHead.test(name)),
    );
  });
});

test('of a checkpoint with averaged weights those are taken', async () => {
  const file = newFile();
  const averaged = weights.map((value) => value / 2);
  await writeSafetensors(
    file,
    [
      ...tensorsIn(byId('cover'), layout, weights),
      ...tensorsIn({ ...byId('cover'), written: 'average.' }, layout, averaged),
    ],
    { classes: JSON.stringify({ ...classes('first'), ...classes('second') }) },
  );
  const { flat, report } = load(file);
  expect(flat).toEqual(averaged);
  expect([report.initialised, report.leftOver]).toEqual([[], []]);
});

test('q, k and v apart become one, in this order', async () => {
  const file = newFile();
  await writeSafetensors(file, tensorsIn(byId('vit-huggingface'), layout, weights));
  const names = [...readSafetensors(file).tensors.keys()];
  expect(names).toContain('vit.encoder.layer.1.attention.attention.key.bias');
  const query = readSafetensors(file).tensors.get('vit.encoder.layer.1.attention.attention.query.weight')!;
  expect(query.shape).toEqual([12, 12]);
  expect(query.data).toEqual(part(weights, 'blocks.1.attn.qkv.weight').slice(0, 144));
});

describe('a model of another image size and number of frames', () => {
  const larger = { ...spec, imageSize: 24, frames: 8 };
  test('has its embeddings resized, the class token’s kept', async () => {
    const file = newFile();
    await writeSafetensors(file, tensorsIn(byId('timesformer'), layout, weights));
    const { flat, report } = load(file, larger);
    expect(report.resized).toEqual([
      { name: 'pos_embed', from: '4 × 4', to: '6 × 6', how: 'bicubic' },
      { name: 'time_embed', from: '4 frames', to: '8', how: 'nearest' },
    ]);
    const of = parameterLayout(larger);
    const position = part(flat, 'pos_embed', of);
    const stored = part(weights, 'pos_embed');
    expect(position.slice(0, 12)).toEqual(stored.slice(0, 12));
    expect(position.slice(12)).toEqual(resizeSquare(stored.slice(12), 4, 6, 12));
    const [times, before] = [part(flat, 'time_embed', of), part(weights, 'time_embed')];
    expect(times.slice(0, 24)).toEqual(Float32Array.from([...before.slice(0, 12), ...before.slice(0, 12)]));
    expect(load(file, larger, { timeResize: 'linear' }).flat).not.toEqual(flat);
  });
});

describe('an image model', () => {
  test('starts the video model as its frames one by one', async () => {
    const file = newFile();
    await writeSafetensors(file, tensorsIn(byId('vit-timm'), layout, weights));
    const { flat, report } = load(file);
    expect(part(flat, 'time_embed').every((value) => value === 0)).toBe(true);
    expect(part(flat, 'blocks.1.temporal_fc.weight').every((value) => value === 0)).toBe(true);
    expect(report.initialised).toContainEqual({ name: 'time_embed', how: 'zeros' });
  });

  test('gives its spatial attention to the temporal one where that is wanted', async () => {
    const file = newFile();
    await writeSafetensors(file, tensorsIn(byId('vit-timm'), layout, weights));
    const { flat } = load(file, spec, { temporalFromSpatial: true });
    for (const [temporal, spatial] of [
      ['temporal_attn.qkv.weight', 'attn.qkv.weight'],
      ['temporal_attn.proj.bias', 'attn.proj.bias'],
      ['temporal_norm1.weight', 'norm1.weight'],
    ])
      expect(part(flat, `blocks.1.${temporal}`), temporal).toEqual(part(weights, `blocks.1.${spatial}`));
    expect(part(flat, 'blocks.1.temporal_fc.weight').every((value) => value === 0)).toBe(true);
  });
});

describe('heads', () => {
  const stored = { first: ['a', 'b', 'c'], second: ['d', 'e'] };
  test.each([
    { name: 'fit', stated: stored, loaded: ['first', 'second'], why: [] },
    {
      name: 'have other classes',
      stated: { ...stored, second: ['d', 'x'] },
      loaded: ['first'],
      why: ['a head of other classes'],
    },
    {
      name: 'are in another order',
      stated: { ...stored, second: ['e', 'd'] },
      loaded: ['first'],
      why: ['a head of other classes'],
    },
    { name: 'say nothing of their classes', stated: undefined, loaded: [], why: ['a head of other classes'] },
  ])('that $name', async ({ stated, loaded, why }) => {
    const file = newFile();
    const metadata: Record<string, string> = stated ? { classes: JSON.stringify(stated) } : {};
    await writeSafetensors(file, tensorsIn(byId('cover'), layout, weights), metadata);
    const { report } = load(file);
    const heads = report.loaded.filter((name) => name.startsWith('heads.'));
    expect(heads).toEqual(loaded.flatMap((head) => [`heads.${head}.weight`, `heads.${head}.bias`]));
    expect([...new Set(report.leftOver.map((each) => each.why))]).toEqual(why);
  });

  test('of a dataset that is not trained are left over, and the optimizer’s state is not even that', async () => {
    const file = newFile();
    const state: [string, TensorToWrite] = ['optimizer.m.cls_token', { shape: [1, 1, 12], data: new Float32Array(12) }];
    await writeSafetensors(file, [...tensorsIn(byId('cover'), layout, weights), state]);
    const { report } = load(file, { ...spec, heads: [] });
    expect(report.leftOver).toHaveLength(4);
    expect(report.leftOver[0]).toMatchObject({ why: 'a head of another dataset' });
  });
});

test.each([
  { change: { depth: 3 }, message: /blocks 2,.*blocks 3,.*set model.hiddenSize 12, model.depth 2, model.patchSize 4/s },
  { change: { hiddenSize: 24 }, message: /hidden size 12,.*hidden size 24,/s },
  { change: { patchSize: 8 }, message: /patch size 4; .*patch size 8\./s },
  { change: { mlpRatio: 2 }, message: /MLP width 48,.*MLP width 24,.*Only weights whose MLP|MLP width/s },
])('another size is refused with both models’ sizes: $change', async ({ change, message }) => {
  const file = newFile();
  await writeSafetensors(file, tensorsIn(byId('vit-timm'), layout, weights));
  expect(() => load(file, { ...spec, ...change })).toThrow(message);
  expect(() => load(file, { ...spec, ...change })).toThrow(expect.objectContaining({ code: 'weights-do-not-fit' }));
});

test('other numbers of attention heads are refused where the source tells its own', async () => {
  const own = mkdtempSync(join(folder, 'heads-'));
  await writeSafetensors(join(own, 'model.safetensors'), tensorsIn(byId('vit-huggingface'), layout, weights));
  writeFileSync(join(own, 'config.json'), JSON.stringify({ num_attention_heads: 4 }));
  expect(() => load(own)).toThrow(/attention heads 4,.*attention heads 3,/s);
});

test('numbers of half precision and doubles become float32', async () => {
  const bytes = (data: Uint16Array) => new Uint8Array(data.buffer);
  const file = newFile();
  await writeSafetensors(file, tensorsIn(byId('vit-timm'), layout, weights));
  const { tensors } = readSafetensors(file);
  // As a file of another program has them: the dtype says F16 or BF16, the numbers are 16 bits wide.
  const norm = { F16: bytes(new Uint16Array(12).fill(0x3e00)), BF16: bytes(new Uint16Array(12).fill(0xbf80)) };
  const header: Record<string, unknown> = {};
  const parts: Uint8Array[] = [];
  let at = 0;
  const add = (name: string, dtype: string, shape: number[], data: Uint8Array) => {
    header[name] = { dtype, shape, data_offsets: [at, at + data.length] };
    parts.push(data);
    at += data.length;
  };
  for (const [name, { shape, data }] of tensors) {
    if (name === 'norm.weight') add(name, 'F16', shape, norm.F16);
    else if (name === 'norm.bias') add(name, 'BF16', shape, norm.BF16);
    else if (name === 'cls_token')
      add(name, 'F64', shape, new Uint8Array(Float64Array.from(data as Float32Array).buffer));
    else add(name, 'F32', shape, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const half = newFile();
  writeFileSync(half, Buffer.concat([length, text, ...parts]));
  const { flat } = load(half);
  expect(part(flat, 'norm.weight')).toEqual(new Float32Array(12).fill(1.5));
  expect(part(flat, 'norm.bias')).toEqual(new Float32Array(12).fill(-1));
  expect(part(flat, 'cls_token')).toEqual(part(weights, 'cls_token'));
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('a tensor with %d in it is refused by its name', async (number) => {
  const damaged = weights.slice();
  part(damaged, 'blocks.1.mlp.fc1.weight')[7] = number;
  const file = newFile();
  await writeSafetensors(file, tensorsIn(byId('vit-timm'), layout, damaged));
  expect(() => load(file)).toThrow(/^The tensor "blocks\.1\.mlp\.fc1\.weight" of the weights .* it is damaged\.$/);
});

test('the report in words', async () => {
  const file = newFile();
  await writeSafetensors(file, tensorsIn(byId('vit-timm'), layout, weights, 'first'));
  const { report } = load(file, { ...spec, imageSize: 32 });
  expect(weightsLines(report)).toEqual([
    'Weights of somewhere: ViT (timm names), 30 parameters loaded.',
    '  resized: pos_embed from 4 × 4 to 8 × 8 (bicubic)',
    '  newly initialised (zeros): time_embed',
    '  newly initialised (at random, as in a new model): blocks.*.temporal_norm1.weight ×2, blocks.*.temporal_norm1.bias ×2, ' +
      'blocks.*.temporal_attn.qkv.weight ×2, blocks.*.temporal_attn.qkv.bias ×2, blocks.*.temporal_attn.proj.weight ×2, ' +
      'blocks.*.temporal_attn.proj.bias ×2, blocks.*.temporal_fc.weight ×2, blocks.*.temporal_fc.bias ×2, … (20 tensors in all)',
    '  left over (a head of other classes): head.bias, head.weight',
    '  normalisation: mean 0.5, std 0.5 (the default of ViT (timm names)); layer norm eps 0.000001 (the default of ViT (timm names))',
  ]);
});
