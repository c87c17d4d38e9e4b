// Reads the one table of MATLAB's that a dataset comes with: ImageNet's devkit has its classes as a list of structures in
// meta.mat. Of the MAT 5 format only that: structures of texts and numbers, compressed or not. Every offset is checked.
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import { readWhole } from './lines.ts';

const unzip = promisify(inflate);
const mostBytes = 64_000_000;
/** Types of data elements. */
const matrix = 14;
const compressed = 15;
/** Classes of arrays. */
const structure = 2;

interface Element {
  type: number;
  bytes: Buffer;
}

/**
 * The structures of the file's first list that has all of `fields`, with the values of those: text, or a number. Throws an
 * Error with the reason where there is none.
 */
export async function readStructures(file: string, fields: readonly string[]): Promise<Map<string, string | number>[]> {
  const bytes = await readWhole(file, mostBytes);
  const isMat5 = bytes.length > 128 && bytes.toString('latin1', 124, 128) === '\x00\x01IM';
  if (!isMat5) throw new Error('it is no MAT file of version 5');
  try {
    for (const element of elements(bytes.subarray(128))) {
      const inner = element.type === compressed ? [...elements(await unzipped(element.bytes))][0] : element;
      const found = inner?.type === matrix ? structures(inner.bytes, fields) : undefined;
      if (found) return found;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Error('it is damaged');
  }
  throw new Error(`it has no list with ${fields.join(', ')}`);
}

async function unzipped(bytes: Buffer): Promise<Buffer> {
  try {
    return await unzip(bytes, { maxOutputLength: mostBytes });
  } catch {
    throw new Error('it is damaged');
  }
}

/** The data elements one after the other. Throws a RangeError where one goes beyond the end. */
function* elements(bytes: Buffer): Generator<Element> {
  for (let at = 0; at < bytes.length; ) {
    const word = bytes.readUInt32LE(at);
    // Up to four bytes stand in the tag itself, whose upper half is then their number.
    const isSmall = word >>> 16 !== 0;
    const type = isSmall ? word & 0xffff : word;
    const length = isSmall ? word >>> 16 : bytes.readUInt32LE(at + 4);
    const begin = at + (isSmall ? 4 : 8);
    if (begin + length > bytes.length || (isSmall && length > 4)) throw new RangeError('beyond the end');
    yield { type, bytes: bytes.subarray(begin, begin + length) };
    const end = isSmall ? at + 8 : begin + length;
    at = isSmall || type === compressed ? end : Math.ceil(end / 8) * 8;
  }
}

/** A matrix is elements in itself: flags, size, name, and what its class has. */
function structures(bytes: Buffer, wanted: readonly string[]): Map<string, string | number>[] | undefined {
  const parts = elements(bytes);
  const next = (): Buffer => {
    const { value, done } = parts.next();
    if (done) throw new RangeError('beyond the end');
    return value.bytes;
  };
  if (next().readUInt8(0) !== structure) return undefined;
  next(); // its size: known from what follows
  next(); // its name
  const width = next().readUInt32LE(0);
  if (width < 1) throw new RangeError('names without letters');
  const text = next().toString('latin1');
  const names = Array.from({ length: Math.floor(text.length / width) }, (_, i) =>
    text.slice(i * width, (i + 1) * width).replace(/\0.*$/s, ''),
  );
  if (!wanted.every((name) => names.includes(name))) return undefined;
  const found: Map<string, string | number>[] = [];
  let number = 0;
  for (const { bytes: cell } of parts) {
    const name = names[number % names.length]!;
    if (number++ % names.length === 0) found.push(new Map());
    const value = wanted.includes(name) ? contentOf(cell) : undefined;
    if (value !== undefined) found.at(-1)!.set(name, value);
  }
  return found;
}

/** A text, or the first number; undefined for anything else. */
function contentOf(cell: Buffer): string | number | undefined {
  const parts = [...elements(cell)];
  const { type, bytes } = parts[3] ?? {};
  if (bytes === undefined) return undefined;
  const isText = parts[0]!.bytes.readUInt8(0) === 4;
  if (isText) return bytes.toString(type === 4 || type === 17 ? 'utf16le' : 'utf8');
  const read = readers[type!];
  return read && bytes.length > 0 ? read(bytes) : undefined;
}

const readers: Readonly<Record<number, (bytes: Buffer) => number>> = {
  1: (bytes) => bytes.readInt8(0),
  2: (bytes) => bytes.readUInt8(0),
  3: (bytes) => bytes.readInt16LE(0),
  4: (bytes) => bytes.readUInt16LE(0),
  5: (bytes) => bytes.readInt32LE(0),
  6: (bytes) => bytes.readUInt32LE(0),
  7: (bytes) => bytes.readFloatLE(0),
  9: (bytes) => bytes.readDoubleLE(0),
};
