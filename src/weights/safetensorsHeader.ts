// The header of a .safetensors file, read with distrust: its length, its JSON, and that the byte ranges of the tensors
// fit their shapes, lie inside the file and cover it without overlap or hole.
import { UserError } from '../base/errors.ts';

export type Dtype = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'U8' | 'BOOL';

export interface TensorEntry {
  name: string;
  dtype: Dtype;
  shape: number[];
  /** Byte range after the header. */
  begin: number;
  end: number;
}

const bytesOf: Record<Dtype, number> = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1, BOOL: 1 };
/** The format's own limit. */
const maxHeaderBytes = 100_000_000;
const maxRank = 16;

/** Entries in the order of their bytes; `start` is where the bytes begin in the file. Throws a UserError. */
export function parseHeader(
  at: (position: number, length: number) => Uint8Array,
  size: number,
  file?: string,
): { entries: TensorEntry[]; metadata: Record<string, string>; start: number } {
  const bad = (why: string): UserError => {
    const what = file ?? 'The data';
    const reason = why.length > 300 ? `${why.slice(0, 300)}…` : why; // names and shapes come from the file
    return new UserError('weights-invalid', `${what} is not a usable .safetensors file: ${reason}.`, file);
  };
  if (size < 8) throw bad('it is shorter than 8 bytes');
  const length = Number(new DataView(at(0, 8).buffer).getBigUint64(0, true));
  if (length > maxHeaderBytes) throw bad(`its header claims ${length} bytes, more than the format allows`);
  if (length > size - 8) throw bad(`its header claims ${length} bytes, but the file has only ${size} bytes`);
  const header = parseObject(at(8, length));
  if (!header) throw bad('its header is not a JSON object');

  const { __metadata__: described, ...rest } = header;
  const metadata = described ?? {};
  if (!isStrings(metadata)) throw bad('its __metadata__ is not a table of texts');
  const entries = Object.entries(rest).map(([name, entry]) => checkEntry(name, entry, bad));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const entry of entries) {
    if (entry.begin < end) throw bad(`the bytes of "${entry.name}" overlap those of another tensor`);
    if (entry.begin > end) throw bad(`the bytes before "${entry.name}" belong to no tensor`);
    end = entry.end;
  }
  const bytes = size - 8 - length;
  if (end > bytes) throw bad(`its tensors need ${end} bytes, but it holds ${bytes}; it may be cut off`);
  if (end < bytes) throw bad(`its last ${bytes - end} bytes belong to no tensor`);
  return { entries, metadata, start: 8 + length };
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function checkEntry(name: string, entry: unknown, bad: (why: string) => UserError): TensorEntry {
  if (!isObject(entry)) throw bad(`the entry "${name}" is not an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(bytesOf, dtype)) {
    throw bad(`"${name}" has the number type ${JSON.stringify(dtype)}, which is not one of ${Object.keys(bytesOf)}`);
  }
  if (!isCounts(shape) || shape.length > maxRank) throw bad(`"${name}" has the shape ${JSON.stringify(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw bad(`"${name}" has the byte range ${JSON.stringify(offsets)}`);
  }
  const [begin, end] = offsets as [number, number];
  // A product beyond 2^53 is inexact and one with Infinity is NaN; neither equals a byte count that fits a file.
  const expected = shape.reduce((product, n) => product * n, bytesOf[dtype as Dtype]);
  if (end - begin !== expected) {
    throw bad(`"${name}" is ${dtype} of shape [${shape}], so ${expected} bytes, but its range has ${end - begin}`);
  }
  return { name, dtype: dtype as Dtype, shape, begin, end };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStrings(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((item) => typeof item === 'string');
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
