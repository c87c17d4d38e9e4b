// What an ONNX file from anywhere says of itself, read from its bytes before onnxruntime sees it: its metadata, and the files
// beside it that its weights lie in. Those may only lie in the model's own folder.
import { realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { UserError } from '../base/errors.ts';
import { readingFailed } from '../data/entries.ts';
import { readWhole } from '../data/lines.ts';

export interface OnnxFile {
  /** What onnxruntime is given: the bytes, or the path of a model that has its weights in further files. */
  readonly model: Uint8Array | string;
  readonly metadata: ReadonlyMap<string, string>;
}

/** A protobuf message cannot be larger. */
const mostBytes = 2 ** 31 - 1;

/** Throws UserError `bad-model-file`. */
export async function openOnnxFile(file: string): Promise<OnnxFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readWhole(file, mostBytes);
  } catch (error) {
    throw badModel(file, `could not be read: ${readingFailed(error)}`);
  }
  const metadata = new Map<string, string>();
  const places = new Set<string>();
  try {
    readModel(bytes, metadata, places);
  } catch {
    throw badModel(file, 'is no ONNX model, or is damaged');
  }
  for (const place of places) requireBeside(file, place);
  return { model: places.size > 0 ? file : bytes, metadata };
}

export function badModel(file: string, why: string): UserError {
  return new UserError('bad-model-file', `${file} ${why}.`, file);
}

/** A place outside of the folder, also by way of a link, is refused: a model must not read what is not its own. */
function requireBeside(file: string, place: string): void {
  const folder = dirname(file);
  const outside = badModel(
    file,
    `keeps weights in "${place.slice(0, 200)}", which is not a file in its own folder; it is not loaded`,
  );
  if (place === '' || isAbsolute(place) || /^[A-Za-z]:|\\/.test(place)) throw outside;
  try {
    const inside = relative(realpathSync(folder), realpathSync(join(folder, place)));
    if (inside.startsWith('..') || isAbsolute(inside) || !statSync(join(folder, place)).isFile()) throw outside;
  } catch {
    throw outside;
  }
}

// The parts of ModelProto that matter here, by field number (onnx.proto of onnx 1.17). Whatever may hold a tensor is gone
// through: graphs inside attributes and functions too.

function readModel(bytes: Uint8Array, metadata: Map<string, string>, places: Set<string>): void {
  let graphs = 0;
  for (const [field, value] of messages(bytes)) {
    if (field === 7) {
      graphs++;
      readGraph(value, places, 0);
    } else if (field === 14) {
      const [key, text] = entry(value);
      metadata.set(key, text);
    } else if (field === 25) readFunction(value, places);
  }
  if (graphs === 0) throw new Error('no graph');
}

function readFunction(bytes: Uint8Array, places: Set<string>): void {
  for (const [field, value] of messages(bytes)) {
    if (field === 7) readNode(value, places, 0);
    else if (field === 11) readAttribute(value, places, 0);
  }
}

function readGraph(bytes: Uint8Array, places: Set<string>, depth: number): void {
  if (depth > 64) throw new Error('too deep');
  for (const [field, value] of messages(bytes)) {
    if (field === 1) readNode(value, places, depth);
    else if (field === 5) readTensor(value, places);
    else if (field === 15) readSparse(value, places);
  }
}

function readNode(bytes: Uint8Array, places: Set<string>, depth: number): void {
  for (const [field, value] of messages(bytes)) if (field === 5) readAttribute(value, places, depth);
}

function readAttribute(bytes: Uint8Array, places: Set<string>, depth: number): void {
  for (const [field, value] of messages(bytes)) {
    if (field === 5 || field === 10) readTensor(value, places);
    else if (field === 6 || field === 11) readGraph(value, places, depth + 1);
    else if (field === 22 || field === 23) readSparse(value, places);
  }
}

function readSparse(bytes: Uint8Array, places: Set<string>): void {
  for (const [field, value] of messages(bytes)) if (field === 1 || field === 2) readTensor(value, places);
}

function readTensor(bytes: Uint8Array, places: Set<string>): void {
  for (const [field, value] of messages(bytes)) {
    if (field !== 13) continue;
    const [key, text] = entry(value);
    if (key === 'location') places.add(text);
  }
}

function entry(bytes: Uint8Array): [string, string] {
  const parts = ['', ''];
  for (const [field, value] of messages(bytes))
    if (field === 1 || field === 2) parts[field - 1] = new TextDecoder().decode(value);
  return parts as [string, string];
}

/** The length-delimited fields of a protobuf message; numbers are passed over. Throws where the bytes are no message. */
function* messages(bytes: Uint8Array): Generator<[number, Uint8Array]> {
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0, 1];
    for (let i = 0; i < 10; i++) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('cut off');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new Error('no number');
  };
  while (at < bytes.length) {
    const tag = varint();
    const [field, kind] = [Math.floor(tag / 8), tag % 8];
    if (kind === 0) varint();
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else if (kind === 2) {
      const length = varint();
      if (at + length > bytes.length) throw new Error('cut off');
      yield [field, bytes.subarray(at, at + length)];
      at += length;
    } else throw new Error('no message');
    if (at > bytes.length) throw new Error('cut off');
  }
}
