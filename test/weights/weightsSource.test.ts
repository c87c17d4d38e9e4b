import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSafetensors } from '../../src/weights/safetensors.ts';
import { describeSource } from '../../src/weights/sourceModel.ts';
import { openWeights } from '../../src/weights/weightsSource.ts';

let root: string;
let serial = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cover-source-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A folder with these files: tensors for .safetensors, else text or JSON. */
async function folderOf(files: Record<string, Record<string, number[]> | string | object>): Promise<string> {
  const folder = join(root, `folder ${++serial}`);
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    if (typeof content === 'string') writeFileSync(file, content);
    else if (name.endsWith('.safetensors')) {
      const tensors = Object.entries(content as Record<string, number[]>).map(
        ([tensor, data]) => [tensor, { shape: [data.length], data: Float32Array.from(data) }] as const,
      );
      await writeSafetensors(file, tensors, { from: name });
    } else writeFileSync(file, JSON.stringify(content));
  }
  return folder;
}

const index = (weight_map: unknown) => ({ weight_map });

test.each([
  { name: 'one file', files: { 'model.safetensors': { a: [1], b: [2] } } },
  { name: 'one file of another name', files: { 'weights.safetensors': { a: [1], b: [2] } } },
  {
    name: 'shards',
    files: {
      'model.safetensors.index.json': index({ a: 'one.safetensors', b: 'two.safetensors' }),
      'one.safetensors': { a: [1] },
      'two.safetensors': { b: [2] },
    },
  },
])('a folder of $name', async ({ files }) => {
  const source = openWeights(await folderOf({ ...files, 'config.json': { x: 1 } }));
  expect([...source.tensors.keys()].sort()).toEqual(['a', 'b']);
  expect([...source.read('b').data]).toEqual([2]);
  expect([source.config, source.preprocessor]).toEqual([{ x: 1 }, undefined]);
  source.close();
});

describe('is refused', () => {
  const shard = { 'one.safetensors': { a: [1] } };
  const named = 'model.safetensors.index.json';
  test.each([
    ['an empty folder', {}, 'weights-unreadable', /holds no weights: neither model\.safetensors nor/],
    [
      'two files and no index',
      { 'a.safetensors': {}, 'b.safetensors': {} },
      'weights-unreadable',
      /Name one of the files/,
    ],
    ['only a pickle', { 'pytorch_model.bin': 'x' }, 'weights-pickle', /pytorch_model\.bin is a pickle.*python -c/],
    ['an index that is no JSON', { [named]: '{' }, 'weights-invalid', /not a JSON object/],
    ['an index that is a list', { [named]: [] }, 'weights-invalid', /not a JSON object/],
    ['an index without a map', { [named]: {} }, 'weights-invalid', /no "weight_map"/],
    [
      'an index of another folder',
      { [named]: index({ a: '../x/one.safetensors' }) },
      'weights-invalid',
      /no \.safetensors file of its folder/,
    ],
    [
      'an index of a hidden file',
      { [named]: index({ a: '.one.safetensors' }) },
      'weights-invalid',
      /no \.safetensors file/,
    ],
    [
      'an absolute shard',
      { [named]: index({ a: '/etc/one.safetensors' }) },
      'weights-invalid',
      /no \.safetensors file/,
    ],
    ['a Windows path', { [named]: index({ a: 'C:\\one.safetensors' }) }, 'weights-invalid', /no \.safetensors file/],
    ['a shard of another kind', { [named]: index({ a: 'one.bin' }) }, 'weights-invalid', /no \.safetensors file/],
    ['a shard that is a number', { [named]: index({ a: 7 }) }, 'weights-invalid', /the shard 7/],
    ['a shard that is not there', { [named]: index({ a: 'one.safetensors' }) }, 'weights-unreadable', /no such file/],
    [
      'a tensor no shard has',
      { [named]: index({ a: 'one.safetensors', b: 'one.safetensors' }), ...shard },
      'weights-invalid',
      /tensor "b"/,
    ],
    [
      'a tensor of two shards',
      {
        [named]: index({ a: 'one.safetensors', b: 'two.safetensors' }),
        ...shard,
        'two.safetensors': { a: [1], b: [2] },
      },
      'weights-invalid',
      /another shard holds too/,
    ],
    [
      'a config that is no JSON',
      { 'model.safetensors': { a: [1] }, 'config.json': 'x' },
      'weights-invalid',
      /config\.json/,
    ],
  ])('%s', async (_, files, code, message) => {
    const folder = await folderOf(files);
    expect(() => openWeights(folder)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  test('nothing there', () => {
    expect(() => openWeights(join(root, 'none'))).toThrow(/there is nothing there/);
  });
});

describe('a pickle is known by its name or its first bytes', () => {
  test.each([
    ['model.pt', Buffer.from('{}')],
    ['model.PTH', Buffer.from('{}')],
    ['model.ckpt', Buffer.from('{}')],
    ['model.pyth', Buffer.from('{}')],
    ['zip.safetensors', Buffer.from('PK\u0003\u0004xxxxxxxxxxxx')],
    ['protocol2.safetensors', Buffer.from([0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9])],
    ['protocol4', Buffer.from([0x80, 4, 0x95, 1, 0, 0, 0, 0, 0, 0, 0])],
  ])('%s', (name, bytes) => {
    const file = join(root, name);
    writeFileSync(file, bytes);
    expect(() => openWeights(file)).toThrow(expect.objectContaining({ code: 'weights-pickle' }));
  });

  test('a header of 640 bytes, whose length begins like one, is none', async () => {
    const file = join(root, 'length.safetensors');
    const header = JSON.stringify({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }).padEnd(0x280);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(0x280n);
    writeFileSync(file, Buffer.concat([length, Buffer.from(header), Buffer.alloc(4)]));
    const source = openWeights(file);
    expect([...source.tensors.keys()]).toEqual(['a']);
    source.close();
  });
});

describe('what is no model is told', () => {
  const image = (patches: number) => ({
    cls_token: [1, 1, 4],
    pos_embed: [1, 1 + patches, 4],
    'patch_embed.proj.weight': [4, 3, 2, 2],
    'blocks.0.norm1.weight': [4],
    'blocks.0.attn.qkv.weight': [12, 4],
    'blocks.0.mlp.fc1.weight': [16, 4],
  });
  const without = (name: string) => Object.fromEntries(Object.entries(image(4)).filter(([each]) => each !== name));
  test.each<[string, Record<string, number[]>, object, RegExp]>([
    ['other tensors', { 'conv1.weight': [4, 3] }, {}, /holds no Vision Transformer or TimeSformer.*conv1\.weight/],
    ['two special tokens', image(5), {}, /6 position embeddings are not one for the class token and a square/],
    ['no class token', without('cls_token'), {}, /it has no tensor "cls_token"/],
    [
      'patches of several frames',
      { ...image(4), 'patch_embed.proj.weight': [4, 3, 2, 2, 2] },
      {},
      /has the shape \[4,3,2,2,2\]/,
    ],
    ['another activation', image(4), { hidden_act: 'quick_gelu' }, /its activation is "quick_gelu"/],
  ])('%s', async (_, shapes, config, message) => {
    const folder = await folderOf({ 'config.json': config });
    const tensors = Object.entries(shapes).map(([name, shape]) => {
      const data = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
      return [name, { shape, data }] as const;
    });
    await writeSafetensors(join(folder, 'model.safetensors'), tensors);
    const source = openWeights(folder);
    expect(() => describeSource(source)).toThrow(
      expect.objectContaining({ code: 'weights-unknown', message: expect.stringMatching(message) }),
    );
    source.close();
  });
});
