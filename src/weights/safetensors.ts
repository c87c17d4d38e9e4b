// Reads and writes .safetensors files: an 8-byte length, a JSON header, then the numbers of every tensor, little-endian
// and without holes (github.com/huggingface/safetensors, "Format"). Files come from anywhere, so everything in the
// header is checked against the file before a single tensor is made.
import { writeFileAtomic } from '../base/atomicFile.ts';
import { decode, type Tensor, type TensorData, withSafetensors } from './safetensorsFile.ts';
import { type Dtype, parseHeader } from './safetensorsHeader.ts';

export interface Safetensors {
  /** In the order of the bytes in the file. */
  tensors: Map<string, Tensor>;
  metadata: Record<string, string>;
}

/** Reads a file, tensor by tensor (it may be larger than 2 GiB), or bytes already in memory. Throws a UserError. */
export function readSafetensors(source: string | Uint8Array): Safetensors {
  if (typeof source === 'string')
    return withSafetensors(source, (file) => ({
      tensors: new Map([...file.entries.keys()].map((name) => [name, file.read(name)])),
      metadata: file.metadata,
    }));
  // Copies (a Buffer's slice would not), so that every element type is aligned and the caller keeps its bytes.
  const at = (position: number, length: number) => new Uint8Array(source.subarray(position, position + length));
  const { entries, metadata, start } = parseHeader(at, source.length);
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    tensors.set(name, { dtype, shape, data: decode(dtype, at(start + begin, end - begin)) });
  }
  return { tensors, metadata };
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
