// An open .safetensors file whose tensors are read one at a time, so that a large file is never in memory whole. Files
// come from anywhere: the header is checked against the file's size before a single tensor is made.
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { messageOf, systemCode, UserError } from '../base/errors.ts';
import { float16Numbers } from '../base/float16.ts';
import { type Dtype, parseHeader, type TensorEntry } from './safetensorsHeader.ts';

export type TensorData = Float64Array | Float32Array | BigInt64Array | Int32Array | Uint8Array;

/** `dtype` is how the file stores it; F16 and BF16 are widened to float32 in `data`, which is row-major. */
export interface Tensor {
  dtype: Dtype;
  shape: number[];
  data: TensorData;
}

/** What `use` makes of a file, which is open that long. Throws UserError `weights-unreadable` or `weights-invalid`. */
export function withSafetensors<T>(path: string, use: (file: SafetensorsFile) => T): T {
  const file = SafetensorsFile.open(path);
  try {
    return use(file);
  } finally {
    file.close();
  }
}

export class SafetensorsFile {
  private constructor(
    readonly file: string,
    private readonly handle: number,
    private readonly start: number,
    /** In the order of the bytes in the file. */
    readonly entries: ReadonlyMap<string, TensorEntry>,
    readonly metadata: Record<string, string>,
  ) {}

  /** Throws UserError `weights-unreadable` or `weights-invalid`. Close it when done. */
  static open(file: string): SafetensorsFile {
    let handle: number | undefined;
    try {
      // Asked before, too: opening a pipe waits for whoever writes to it.
      if (!statSync(file).isFile()) throw notFile(file);
      const opened = openSync(file, 'r');
      handle = opened;
      const stat = fstatSync(opened);
      if (!stat.isFile()) throw notFile(file);
      const at = (position: number, length: number) => {
        const bytes = new Uint8Array(length);
        readExactly(opened, position, bytes, file);
        return bytes;
      };
      const { entries, metadata, start } = parseHeader(at, stat.size, file);
      return new SafetensorsFile(file, opened, start, new Map(entries.map((entry) => [entry.name, entry])), metadata);
    } catch (error) {
      if (handle !== undefined) closeSync(handle);
      throw unreadable(error, file);
    }
  }

  read(name: string): Tensor {
    const { dtype, shape, begin, end } = this.entry(name);
    const bytes = new Uint8Array(end - begin);
    this.fill(bytes, begin);
    return { dtype, shape, data: decode(dtype, bytes) };
  }

  /** Reads a tensor of float32 to where its numbers are wanted, which is of its size. */
  readInto(name: string, { buffer, byteOffset, byteLength }: Float32Array): void {
    const { dtype, begin, end } = this.entry(name);
    if (dtype !== 'F32' || end - begin !== byteLength)
      throw new Error(`"${name}" of ${this.file} is not ${byteLength / 4} numbers of float32.`);
    this.fill(new Uint8Array(buffer, byteOffset, byteLength), begin);
  }

  private entry(name: string): TensorEntry {
    const entry = this.entries.get(name);
    if (!entry) throw new Error(`${this.file} has no tensor "${name}".`);
    return entry;
  }

  private fill(bytes: Uint8Array, begin: number): void {
    try {
      readExactly(this.handle, this.start + begin, bytes, this.file);
    } catch (error) {
      throw unreadable(error, this.file);
    }
  }

  close(): void {
    closeSync(this.handle);
  }
}

function notFile(file: string): UserError {
  return new UserError('weights-unreadable', `The weights ${file} are not a file.`, file);
}

function unreadable(error: unknown, file: string): UserError {
  if (error instanceof UserError) return error;
  const why = systemCode(error) === 'ENOENT' ? 'there is no such file' : messageOf(error);
  return new UserError('weights-unreadable', `The weights ${file} could not be read: ${why}.`, file);
}

/** Fills `bytes`. */
function readExactly(handle: number, position: number, bytes: Uint8Array, file: string): void {
  for (let done = 0; done < bytes.length; ) {
    // Linux reads at most 2 GiB at once.
    const count = readSync(handle, bytes, done, Math.min(bytes.length - done, 1 << 30), position + done);
    if (count === 0) throw new UserError('weights-invalid', `The weights ${file} became shorter while read.`, file);
    done += count;
  }
}

/** `bytes` must start at a multiple of the element size of their buffer. */
export function decode(dtype: Dtype, bytes: Uint8Array): TensorData {
  const { buffer, byteOffset, length } = bytes;
  switch (dtype) {
    case 'F64':
      return new Float64Array(buffer, byteOffset, length / 8);
    case 'F32':
      return new Float32Array(buffer, byteOffset, length / 4);
    case 'F16':
      return float16Numbers(new Uint16Array(buffer, byteOffset, length / 2));
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
