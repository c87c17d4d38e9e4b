// Reads and writes .safetensors files: an 8-byte length, a JSON header, then the numbers of every tensor, little-endian
// and without holes (github.com/huggingface/safetensors, "Format"). Files come from anywhere, so everything in the
// header is checked against the file before a single tensor is made.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { messageOf, systemCode, UserError } from '../base/errors.ts';
import { type Dtype, parseHeader, type TensorEntry } from './safetensorsHeader.ts';

export type TensorData = Float64Array | Float32Array | BigInt64Array | Int32Array | Uint8Array;

/** `dtype` is how the file stores it; F16 and BF16 are widened to float32 in `data`, which is row-major. */
export interface Tensor {
  dtype: Dtype;
  shape: number[];
  data: TensorData;
}

export interface Safetensors {
  /** In the order of the bytes in the file. */
  tensors: Map<string, Tensor>;
  metadata: Record<string, string>;
}

/** Reads a file, tensor by tensor (it may be larger than 2 GiB), or bytes already in memory. Throws a UserError. */
export function readSafetensors(source: string | Uint8Array): Safetensors {
  if (typeof source !== 'string') {
    // Copies (a Buffer's slice would not), so that every element type is aligned and the caller keeps its bytes.
    return read((position, length) => new Uint8Array(source.subarray(position, position + length)), source.length);
  }
  let handle: number | undefined;
  try {
    const file = openSync(source, 'r');
    handle = file;
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new UserError('weights-unreadable', `The weights ${source} are not a file.`, source);
    return read((position, length) => readExactly(file, position, length, source), stat.size, source);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const why = systemCode(error) === 'ENOENT' ? 'there is no such file' : messageOf(error);
    throw new UserError('weights-unreadable', `The weights ${source} could not be read: ${why}.`, source);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function read(at: (position: number, length: number) => Uint8Array, size: number, file?: string): Safetensors {
  const { entries, metadata, start } = parseHeader(at, size, file);
  const tensors = new Map<string, Tensor>();
  for (const entry of entries) {
    const bytes = at(start + entry.begin, entry.end - entry.begin);
    tensors.set(entry.name, { dtype: entry.dtype, shape: entry.shape, data: decode(entry, bytes) });
  }
  return { tensors, metadata };
}

function readExactly(handle: number, position: number, length: number, file: string): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    // Linux reads at most 2 GiB at once.
    const count = readSync(handle, bytes, done, Math.min(length - done, 1 << 30), position + done);
    if (count === 0) throw new UserError('weights-invalid', `The weights ${file} became shorter while read.`, file);
    done += count;
  }
  return bytes;
}

function decode(entry: TensorEntry, bytes: Uint8Array): TensorData {
  const { buffer, byteOffset, length } = bytes;
  switch (entry.dtype) {
    case 'F64':
      return new Float64Array(buffer, byteOffset, length / 8);
    case 'F32':
      return new Float32Array(buffer, byteOffset, length / 4);
    case 'F16':
      return Float32Array.from(new Uint16Array(buffer, byteOffset, length / 2), float32FromFloat16);
    case 'BF16': {
      const words = new Uint32Array(length / 2);
      new Uint16Array(buffer, byteOffset, length / 2).forEach((half, i) => {
        words[i] = half << 16;
      });
      return new Float32Array(words.buffer);
    }
    case 'I64':
      return new BigInt64Array(buffer, byteOffset, length / 8);
    case 'I32':
      return new Int32Array(buffer, byteOffset, length / 4);
    case 'U8':
    case 'BOOL':
      return bytes;
  }
}

function float32FromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The stored type follows the array; a Uint8Array is U8 unless `dtype` says BOOL. */
export interface TensorToWrite {
  dtype?: Dtype;
  shape: readonly number[];
  data: TensorData;
}

/**
 * Writes a file atomically: readers see the old file or the whole new one. Throws a UserError with `code` when the
 * folder cannot be written. Wider types come first, so that every tensor is aligned to its own element size.
 */
export async function writeSafetensors(
  file: string,
  tensors: Iterable<readonly [string, TensorToWrite]>,
  metadata: Record<string, string> = {},
  code = 'weights-unwritable',
): Promise<void> {
  const sorted = [...tensors].sort(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const header = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) header.set('__metadata__', metadata);
  let offset = 0;
  for (const [name, { dtype, shape, data }] of sorted) {
    if (header.has(name) || name === '__metadata__') throw new Error(`Two tensors are named "${name}".`);
    const elements = shape.reduce((product, n) => product * n, 1);
    if (elements !== data.length) throw new Error(`"${name}" has ${data.length} numbers for the shape [${shape}].`);
    header.set(name, {
      dtype: storedDtype(data, dtype),
      shape,
      data_offsets: [offset, offset + data.byteLength],
    });
    offset += data.byteLength;
  }
  // Not Object.fromEntries: a tensor may be named "__proto__" or "1", and the order should stay.
  const json = `{${[...header].map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(',')}}`;
  const text = new TextEncoder().encode(json);
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  padded.set(text);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(padded.length), true);
  const bytes = sorted.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  await writeFileAtomic(file, [length, padded, ...bytes], code);
}

function storedDtype(data: TensorData, wanted: Dtype | undefined): Dtype {
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof BigInt64Array) return 'I64';
  if (data instanceof Int32Array) return 'I32';
  return wanted === 'BOOL' ? 'BOOL' : 'U8';
}
