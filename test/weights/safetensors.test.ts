import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors, type TensorToWrite, writeSafetensors } from '../../src/weights/safetensors.ts';
import { withSafetensors } from '../../src/weights/safetensorsFile.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cover-safetensors-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(header: unknown, bytes: number | Uint8Array): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, typeof bytes === 'number' ? Buffer.alloc(bytes) : bytes]);
}

function entry(dtype: unknown, shape: unknown, ...offsets: unknown[]): unknown {
  return { dtype, shape, data_offsets: offsets };
}

describe('what is written is read again', () => {
  const tensors: Record<string, TensorToWrite> = {
    small: { shape: [3], data: Uint8Array.of(1, 2, 3) },
    flags: { dtype: 'BOOL', shape: [1, 2], data: Uint8Array.of(1, 0) },
    scalar: { shape: [], data: Float64Array.of(Math.PI) },
    empty: { shape: [0, 4], data: new Float32Array() },
    weight: { shape: [2, 2], data: Float32Array.of(1.5, -0, Number.NaN, Number.POSITIVE_INFINITY) },
    labels: { shape: [2], data: BigInt64Array.of(-1n, 2n ** 62n) },
    steps: { shape: [1], data: Int32Array.of(-7) },
    'a "name" with, marks ✓': { shape: [1], data: Float32Array.of(1) },
  };

  it('every type, name and value', async () => {
    const file = join(folder, 'all.safetensors');
    await writeSafetensors(file, Object.entries(tensors), { step: '12', note: 'a, "b"' });
    const read = readSafetensors(file);
    expect(read.metadata).toEqual({ step: '12', note: 'a, "b"' });
    expect(new Set(read.tensors.keys())).toEqual(new Set(Object.keys(tensors)));
    for (const [name, { shape, data }] of Object.entries(tensors)) {
      expect(read.tensors.get(name)).toMatchObject({ shape, data });
    }
    expect(read.tensors.get('flags')?.dtype).toBe('BOOL');
    // From memory, at an address that is not aligned.
    const shifted = Buffer.concat([Buffer.alloc(1), readFileSync(file)]).subarray(1);
    expect(readSafetensors(shifted)).toEqual(read);
    expect(readdirSync(folder)).toEqual(['all.safetensors']);
  });

  it('float32 to where it is wanted, and nothing beside it', async () => {
    const file = join(folder, 'into.safetensors');
    await writeSafetensors(file, Object.entries(tensors));
    const flat = new Float32Array(6).fill(9);
    withSafetensors(file, (opened) => {
      opened.readInto('weight', flat.subarray(1, 5));
      expect(flat).toEqual(Float32Array.of(9, 1.5, -0, Number.NaN, Number.POSITIVE_INFINITY, 9));
      expect(() => opened.readInto('weight', flat)).toThrow(/"weight" of .* is not 6 numbers of float32/);
      expect(() => opened.readInto('steps', flat.subarray(0, 1))).toThrow(/is not 1 numbers of float32/);
    });
    rmSync(file);
  });

  it('the header ends at a multiple of 8 and every tensor is aligned to its element', async () => {
    const file = join(folder, 'aligned.safetensors');
    await writeSafetensors(file, Object.entries(tensors));
    const bytes = readFileSync(file);
    const length = Number(bytes.readBigUInt64LE());
    expect(length % 8).toBe(0);
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<string, { data_offsets: number[] }>;
    for (const [name, { data_offsets: offsets }] of Object.entries(header)) {
      expect(offsets[0]! % tensors[name]!.data.BYTES_PER_ELEMENT, name).toBe(0);
    }
    expect(header).not.toHaveProperty('__metadata__');
  });

  it.each([
    [
      'two tensors of one name',
      [
        ['a', { shape: [1], data: new Float32Array(1) }] as const,
        ['a', { shape: [1], data: new Float32Array(1) }] as const,
      ],
    ],
    ['a shape that does not fit', [['a', { shape: [2], data: new Float32Array(1) }] as const]],
    ['the reserved name', [['__metadata__', { shape: [1], data: new Float32Array(1) }] as const]],
  ])('refuses %s', async (_, list) => {
    await expect(writeSafetensors(join(folder, 'never.safetensors'), list)).rejects.toThrow();
    expect(existsSync(join(folder, 'never.safetensors'))).toBe(false);
  });

  it('a folder that is not there is one clear sentence', async () => {
    const file = join(folder, 'missing', 'a.safetensors');
    await expect(writeSafetensors(file, [])).rejects.toMatchObject({ code: 'weights-unwritable', file });
  });
});

describe('half precision is widened', () => {
  it.each([
    ['F16', [0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0x8000], [1, -2, 2 ** -24, 65504, Number.POSITIVE_INFINITY, -0]],
    ['BF16', [0x3f80, 0xc000, 0x4049, 0xff80, 0x8000], [1, -2, 3.140625, Number.NEGATIVE_INFINITY, -0]],
  ])('%s', (dtype, halves, expected) => {
    const bytes = new Uint8Array(Uint16Array.from(halves).buffer);
    const { tensors } = readSafetensors(fileOf({ a: entry(dtype, [halves.length], 0, bytes.length) }, bytes));
    expect(tensors.get('a')).toEqual({ dtype, shape: [halves.length], data: Float32Array.from(expected) });
  });
});

describe('a hostile or broken file is one clear sentence', () => {
  const f32 = entry('F32', [2], 0, 8);
  const cases: [string, Uint8Array, RegExp][] = [
    ['nothing', new Uint8Array(), /shorter than 8 bytes/],
    ['a header of 2^63 bytes', Buffer.from('ffffffffffffff7f7b7d', 'hex'), /more than the format allows/],
    ['a header longer than the file', Buffer.from('00010000000000007b7d', 'hex'), /the file has only/],
    ['no JSON', fileOf('{"a"', 0), /not a JSON object/],
    ['a JSON list', fileOf([], 0), /not a JSON object/],
    ['bytes that are no UTF-8', Buffer.from('0300000000000000ff7b7d', 'hex'), /not a JSON object/],
    ['metadata that is no table of texts', fileOf({ __metadata__: { a: 1 } }, 0), /__metadata__/],
    ['an entry that is no object', fileOf({ a: 1 }, 0), /entry "a"/],
    ['an unknown type', fileOf({ a: entry('F8_E4M3', [1], 0, 1) }, 1), /number type "F8_E4M3"/],
    ['a type off the prototype', fileOf({ a: entry('constructor', [1], 0, 1) }, 1), /number type/],
    ['a negative size', fileOf({ a: entry('F32', [-2], 0, 8) }, 8), /shape \[-2\]/],
    ['a fraction', fileOf({ a: entry('F32', [0.5], 0, 2) }, 2), /shape \[0.5\]/],
    ['a shape that overflows', fileOf({ a: entry('F32', [2 ** 53 - 1, 2 ** 53 - 1, 4], 0, 8) }, 8), /its range has 8/],
    ['infinity times nothing', fileOf({ a: entry('F32', [...Array(30).fill(2 ** 52), 0], 0, 0) }, 0), /shape/],
    ['a shape that does not fit its bytes', fileOf({ a: entry('F32', [3], 0, 8) }, 8), /12 bytes, but its range has 8/],
    ['a range backwards', fileOf({ a: entry('F32', [2], 8, 0) }, 8), /byte range \[8,0\]/],
    ['a range of three', fileOf({ a: entry('F32', [2], 0, 8, 8) }, 8), /byte range/],
    ['a range outside', fileOf({ a: entry('F32', [2], 0, 8) }, 7), /may be cut off/],
    ['an overlap', fileOf({ a: f32, b: entry('F32', [2], 4, 12) }, 12), /overlap/],
    ['the same bytes twice', fileOf({ a: f32, b: f32 }, 8), /overlap/],
    ['a hole', fileOf({ a: f32, b: entry('F32', [1], 12, 16) }, 16), /belong to no tensor/],
    ['bytes at the end', fileOf({ a: f32 }, 9), /last 1 bytes belong to no tensor/],
  ];
  it.each(cases)('%s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(
      expect.objectContaining({ name: 'UserError', code: 'weights-invalid' }),
    );
    expect(() => readSafetensors(bytes)).toThrow(message);
    const file = join(folder, 'hostile.safetensors');
    writeFileSync(file, bytes);
    expect(() => readSafetensors(file)).toThrow(expect.objectContaining({ code: 'weights-invalid', file }));
  });

  it('quotes only the start of a name of a million letters', () => {
    expect(() => readSafetensors(fileOf({ ['x'.repeat(1e6)]: 1 }, 0))).toThrow(/^.{0,400}$/s);
  });

  it.each([
    ['a missing file', () => join(folder, 'none.safetensors'), /no such file/],
    ['a folder', () => folder, /not a file/],
  ])('%s', (_, file, message) => {
    expect(() => readSafetensors(file())).toThrow(message);
  });
});

const reference = join(process.env.COVER_REFERENCE ?? '../shared/reference', 'timesformer-a');
describe.skipIf(!existsSync(reference))('the reference files', () => {
  it.each(['weights', 'inputs', 'expected'])('%s.safetensors comes back byte for byte', async (name) => {
    const original = readSafetensors(join(reference, `${name}.safetensors`));
    expect(original.tensors.size).toBeGreaterThan(3);
    const copy = join(folder, `${name}.safetensors`);
    await writeSafetensors(copy, original.tensors, original.metadata);
    const again = readSafetensors(copy);
    expect(again.tensors.size).toBe(original.tensors.size);
    for (const [key, tensor] of original.tensors) expect(again.tensors.get(key), key).toEqual(tensor);
  });
});
