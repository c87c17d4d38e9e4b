// The table of contents of an MP4 or QuickTime file: where each frame of its video lies, when it is shown, and where
// decoding can begin. With it only the frames that are needed are read and decoded. Only plain files with one H.264 track
// are understood; of everything else nothing is said, and ffmpeg looks itself. (ISO/IEC 14496-12 and 14496-15.)
import type { FileHandle } from 'node:fs/promises';

/** Tables of contents larger than this (bytes) are left to ffmpeg, and so are longer videos. */
const mostIndex = 32 * 2 ** 20;
const mostSamples = 2_000_000;

/** Descriptions of a codec are some hundred bytes. */
const mostDescription = 2 ** 16;

/** Boxes to be copied as they are: what the file says of the movie, the track and the codec. */
export interface Mp4Headers {
  readonly movieHeader: Uint8Array;
  readonly trackHeader: Uint8Array;
  readonly descriptions: Uint8Array;
}

export interface Mp4Index {
  readonly headers: Mp4Headers;
  /** Everything that a decoder and what follows it are set up by: the same for files that differ in their frames alone. */
  readonly kind: string;
  /** Bytes of the number before each NAL unit. */
  readonly lengthSize: number;
  /** NAL units that set up the decoder. */
  readonly parameterSets: readonly Uint8Array[];
  /** Per frame, in decoding order: where it lies in the file, in bytes. */
  readonly offsets: Float64Array;
  readonly sizes: Uint32Array;
  /** Per frame, in decoding order: whether decoding may begin there, according to the file. */
  readonly sync: Uint8Array;
  /** Decoding order's numbers of the frames in the order they are shown. */
  readonly shown: Uint32Array;
  /** When each frame is shown, in that order: seconds from the first. */
  readonly times: readonly number[];
}

/** Undefined where the file is of another kind, damaged, or needs ffmpeg's own eyes. `size`: of the file, in bytes. */
export async function readMp4Index(file: FileHandle, size: number): Promise<Mp4Index | undefined> {
  const moov = await findMoov(file, size);
  if (!moov) return undefined;
  try {
    return parse(moov, size);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // a table that reaches beyond its box
    throw error;
  }
}

async function findMoov(file: FileHandle, size: number): Promise<DataView | undefined> {
  const header = Buffer.alloc(16);
  for (let at = 0, boxes = 0; at + 8 <= size && boxes < 1000; boxes++) {
    const { bytesRead } = await file.read(header, 0, 16, at);
    if (bytesRead < 8) return undefined;
    const type = header.toString('latin1', 4, 8);
    let length = header.readUInt32BE(0);
    let body = 8;
    if (length === 1 && bytesRead === 16) {
      length = Number(header.readBigUInt64BE(8));
      body = 16;
    }
    if (length < body || at + length > size) return undefined;
    if (boxes === 0 && type !== 'ftyp') return undefined;
    if (type === 'moof') return undefined;
    if (type === 'moov') {
      if (length > mostIndex) return undefined;
      const bytes = Buffer.alloc(length - body);
      const read = await file.read(bytes, 0, bytes.length, at + body);
      return read.bytesRead === bytes.length ? new DataView(bytes.buffer, bytes.byteOffset, bytes.length) : undefined;
    }
    at += length;
  }
  return undefined;
}

interface Box {
  readonly type: string;
  /** The box with its header. */
  readonly whole: Uint8Array;
  readonly body: DataView;
}

function* boxesOf(view: DataView): Generator<Box> {
  for (let at = 0; at + 8 <= view.byteLength; ) {
    const length = view.getUint32(at);
    if (length < 8 || at + length > view.byteLength) throw new RangeError('A box reaches beyond its parent.');
    const start = view.byteOffset + at;
    const whole = new Uint8Array(view.buffer, start, length);
    const type = String.fromCharCode(...whole.subarray(4, 8));
    yield { type, whole, body: new DataView(view.buffer, start + 8, length - 8) };
    at += length;
  }
}

/** The first box at the end of a path of types. */
function find(view: DataView, ...path: string[]): Box | undefined {
  let found: Box | undefined;
  for (const type of path) {
    found = undefined;
    for (const box of boxesOf(view)) {
      if (box.type !== type) continue;
      found = box;
      break;
    }
    if (!found) return undefined;
    view = found.body;
  }
  return found;
}

function parse(moov: DataView, size: number): Mp4Index | undefined {
  const all = [...boxesOf(moov)];
  if (all.some(({ type }) => type === 'mvex')) return undefined; // fragments follow
  const tracks = all.filter(({ type, body }) => type === 'trak' && handlerOf(body) === 'vide');
  const movieHeader = all.find(({ type }) => type === 'mvhd');
  const track = tracks[0]?.body;
  if (tracks.length !== 1 || !track || !movieHeader) return undefined;
  const trackHeader = find(track, 'tkhd');
  const mediaHeader = find(track, 'mdia', 'mdhd');
  const table = find(track, 'mdia', 'minf', 'stbl')?.body;
  const descriptions = table && find(table, 'stsd');
  if (!trackHeader || !mediaHeader || !table || !descriptions) return undefined;
  if (descriptions.whole.length > mostDescription) return undefined;
  const configuration = configurationOf(descriptions.body);
  const layout = layoutOf(table, size);
  if (!configuration || !layout) return undefined;
  const count = layout.sizes.length;
  const pts = presentationTimes(table, count);
  const timescale = timescaleOf(mediaHeader.body);
  if (!pts || !(timescale > 0)) return undefined;
  const shown = Uint32Array.from(pts.keys()).sort((a, b) => pts[a]! - pts[b]!);
  for (let i = 1; i < count; i++) if (pts[shown[i]!] === pts[shown[i - 1]!]) return undefined;
  const first = pts[shown[0]!]!;
  const last = pts[shown[count - 1]!]!;
  const edits = find(track, 'edts', 'elst')?.body;
  if (edits && !showsAll(edits, first, last, timescale / timescaleOf(movieHeader.body))) return undefined;
  return {
    // Copied, so that the table of contents is let go.
    headers: {
      movieHeader: movieHeader.whole.slice(),
      trackHeader: trackHeader.whole.slice(),
      descriptions: descriptions.whole.slice(),
    },
    kind: kindOf(movieHeader.body, trackHeader.body, descriptions.body),
    ...configuration,
    ...layout,
    sync: syncOf(table, count),
    shown,
    times: Array.from(shown, (n) => Math.round(((pts[n]! - first) / timescale) * 1e6) / 1e6),
  };
}

function handlerOf(track: DataView): string {
  const handler = find(track, 'mdia', 'hdlr')?.body;
  return handler ? String.fromCharCode(...[8, 9, 10, 11].map((at) => handler.getUint8(at))) : '';
}

/** Of mvhd and mdhd: units a second. */
function timescaleOf(header: DataView): number {
  return header.getUint32(header.getUint8(0) === 1 ? 20 : 12);
}

/** The turns of movie and track with the track's size, and the codec's description but for its bit rate. */
function kindOf(movieHeader: DataView, trackHeader: DataView, descriptions: DataView): string {
  const bytesOf = (view: DataView, from: number, length: number) =>
    new Uint8Array(view.buffer, view.byteOffset + from, Math.min(length, view.byteLength - from));
  const { inside, entry } = visualEntry(descriptions)!;
  const parts = [
    bytesOf(movieHeader, movieHeader.getUint8(0) === 1 ? 48 : 36, 36),
    bytesOf(trackHeader, trackHeader.getUint8(0) === 1 ? 52 : 40, 44),
    bytesOf(entry, 0, 78),
    ...[...boxesOf(inside)].filter(({ type }) => type !== 'btrt').map(({ whole }) => whole),
  ];
  return parts.map((part) => Buffer.from(part).toString('latin1')).join('');
}

/** The only description, if it is of H.264, and the boxes in it. */
function visualEntry(descriptions: DataView): { entry: DataView; inside: DataView } | undefined {
  if (descriptions.getUint32(4) !== 1) return undefined;
  const [found] = boxesOf(new DataView(descriptions.buffer, descriptions.byteOffset + 8, descriptions.byteLength - 8));
  if (found?.type !== 'avc1') return undefined;
  const entry = found.body;
  // 78 bytes of sizes and names stand before the boxes of a visual description.
  return { entry, inside: new DataView(entry.buffer, entry.byteOffset + 78, entry.byteLength - 78) };
}

/** From the one H.264 description there must be. */
function configurationOf(descriptions: DataView): Pick<Mp4Index, 'lengthSize' | 'parameterSets'> | undefined {
  const inside = visualEntry(descriptions)?.inside;
  const body = inside && find(inside, 'avcC')?.body;
  if (!body) return undefined;
  const parameterSets: Uint8Array[] = [];
  let at = 5;
  const readSets = (count: number) => {
    for (; count > 0; count--) {
      const length = body.getUint16(at);
      if (at + 2 + length > body.byteLength) throw new RangeError('A parameter set reaches beyond its box.');
      parameterSets.push(new Uint8Array(body.buffer, body.byteOffset + at + 2, length).slice());
      at += 2 + length;
    }
  };
  readSets(body.getUint8(at++) & 31);
  readSets(body.getUint8(at++));
  // High profiles may add depth and subsampling of colours, and extensions.
  if (at + 4 <= body.byteLength) {
    at += 4;
    readSets(body.getUint8(at - 1));
  }
  return { lengthSize: (body.getUint8(4) & 3) + 1, parameterSets };
}

/** When each frame is shown, in the track's units. */
function presentationTimes(table: DataView, count: number): Float64Array | undefined {
  const durations = find(table, 'stts')?.body;
  if (!durations) return undefined;
  const pts = new Float64Array(count);
  let sample = 0;
  let time = 0;
  for (let i = 0; i < durations.getUint32(4); i++) {
    const run = durations.getUint32(8 + 8 * i);
    const step = durations.getInt32(12 + 8 * i);
    if (step < 0) return undefined;
    for (let k = 0; k < run && sample < count; k++, time += step) pts[sample++] = time;
  }
  if (sample < count) return undefined;
  const shifts = find(table, 'ctts')?.body;
  if (!shifts) return pts;
  sample = 0;
  for (let i = 0; i < shifts.getUint32(4); i++) {
    const run = shifts.getUint32(8 + 8 * i);
    const shift = shifts.getInt32(12 + 8 * i);
    for (let k = 0; k < run && sample < count; k++) pts[sample++]! += shift;
  }
  return sample < count ? undefined : pts;
}

/** Whether an edit list leaves every frame in, at its own speed, once. */
function showsAll(edits: DataView, first: number, last: number, unitsPerMovieUnit: number): boolean {
  const long = edits.getUint8(0) === 1;
  const count = edits.getUint32(4);
  let shows = 0;
  for (let i = 0, at = 8; i < count; i++, at += long ? 20 : 12) {
    const duration = long ? Number(edits.getBigUint64(at)) : edits.getUint32(at);
    const from = long ? Number(edits.getBigInt64(at + 8)) : edits.getInt32(at + 4);
    if (from === -1 && i === 0) continue; // begins later: that moves all frames alike
    const rate = edits.getInt32(at + (long ? 16 : 8));
    if (rate !== 0x10000 || from > first || last >= from + duration * unitsPerMovieUnit) return false;
    shows++;
  }
  return shows === 1;
}

function syncOf(table: DataView, count: number): Uint8Array {
  const listed = find(table, 'stss')?.body;
  const sync = new Uint8Array(count).fill(listed ? 0 : 1);
  if (listed) {
    for (let i = 0; i < listed.getUint32(4); i++) {
      const sample = listed.getUint32(8 + 4 * i) - 1;
      if (sample >= 0 && sample < count) sync[sample] = 1;
    }
  }
  return sync;
}

/** Where every frame lies; undefined where one would lie outside of the file. */
function layoutOf(table: DataView, fileSize: number): Pick<Mp4Index, 'offsets' | 'sizes'> | undefined {
  const lengths = find(table, 'stsz')?.body;
  const chunks = find(table, 'stsc')?.body;
  const short = find(table, 'stco')?.body;
  const places = short ?? find(table, 'co64')?.body;
  if (!lengths || !chunks || !places) return undefined;
  const same = lengths.getUint32(4);
  const count = lengths.getUint32(8);
  if (count === 0 || count > mostSamples) return undefined;
  const sizes = new Uint32Array(count);
  for (let i = 0; i < count; i++) sizes[i] = same || lengths.getUint32(12 + 4 * i);
  const offsets = new Float64Array(count);
  const runs = chunks.getUint32(4);
  let sample = 0;
  for (let chunk = 0, run = 0; chunk < places.getUint32(4) && sample < count; chunk++) {
    while (run + 1 < runs && chunks.getUint32(8 + 12 * (run + 1)) <= chunk + 1) run++;
    if (chunks.getUint32(16 + 12 * run) !== 1) return undefined; // another description
    let at = short ? places.getUint32(8 + 4 * chunk) : Number(places.getBigUint64(8 + 8 * chunk));
    for (let k = chunks.getUint32(12 + 12 * run); k > 0 && sample < count; k--) {
      offsets[sample] = at;
      at += sizes[sample++]!;
      if (at > fileSize) return undefined;
    }
  }
  return sample < count ? undefined : { offsets, sizes };
}
