// An excerpt of a video: those coded frames only that the wanted ones need, and small MP4 files of such excerpts. What no
// other frame refers to (H.264 says so of each frame: about half of them, as encoders usually work) is left out unless it
// is wanted itself, and so is what lies between the last wanted frame of a group of pictures and the next group. The
// pictures are the same.
import type { FileHandle } from 'node:fs/promises';
import type { Mp4Headers, Mp4Index } from './mp4Index.ts';

/** Bytes that are read for an excerpt at most, all of which it holds in memory. */
export const mostExcerptBytes = 48 * 2 ** 20;
/** Frames that an excerpt may have: where as many must be decoded, nothing is gained by leaving out the others. */
const mostFrames = 20_000;
/** What lies between two needed frames is read too where it is shorter than this: one read is cheaper than two. */
const bridged = 256 * 2 ** 10;

/** The coded frames that one clip needs. */
export interface Excerpt {
  /** Excerpts of the same kind may stand one after the other in one file: their decoders are set up alike. */
  readonly kind: string;
  readonly headers: Mp4Headers;
  /** In decoding order. */
  readonly frames: readonly Uint8Array[];
  /** Per frame: the how-manieth it is shown, and whether decoding may begin there. */
  readonly ranks: readonly number[];
  readonly starts: readonly boolean[];
  /** Ranks of the wanted frames, rising, in the order of `wanted`. */
  readonly wanted: readonly number[];
}

/**
 * `wanted`: rising numbers of frames in the order they are shown. Undefined where it cannot be done, or would take too much
 * memory.
 */
export async function readExcerpt(
  file: FileHandle,
  index: Mp4Index,
  wanted: readonly number[],
): Promise<Excerpt | undefined> {
  const targets = [...new Set(wanted.map((place) => index.shown[place]!))].sort((a, b) => a - b);
  const samples = new Samples(file, index);
  const kept: number[] = [];
  const starts = new Set<number>();
  const own = new Set(targets);
  for (let i = 0; i < targets.length; ) {
    const start = await samples.startBefore(targets[i]!);
    if (start === undefined) return undefined;
    const next = samples.nextSync(targets[i]!);
    let end = targets[i++]!;
    while (i < targets.length && (targets[i]! < next || (await samples.startBefore(targets[i]!)) === start))
      end = targets[i++]!;
    if (!(await samples.load(start, end))) return undefined;
    starts.add(start);
    for (let n = start; n <= end; n++) {
      const kind = samples.kindOf(n);
      if (kind === undefined) return undefined;
      if (kind !== 'disposable' || own.has(n)) kept.push(n);
    }
    if (kept.length > mostFrames) return undefined;
  }
  return pack(index, samples, kept, starts, wanted);
}

/** What an access unit is to others. */
type Kind = 'start' | 'reference' | 'disposable';

/** Types of NAL units that set up a decoder: parameter sets of sequences and of pictures, and their extensions. */
const setsUp = new Set([7, 8, 13, 15]);

class Samples {
  private readonly data = new Map<number, Uint8Array>();
  private total = 0;

  constructor(
    private readonly file: FileHandle,
    private readonly index: Mp4Index,
  ) {}

  /** Where decoding must begin for frame `n`: the nearest frame at or before it that starts everything anew. */
  async startBefore(n: number): Promise<number | undefined> {
    for (let at = n; at >= 0; at--) {
      if (this.index.sync[at] !== 1) continue;
      // Some files list frames that begin a group without cutting it off from the one before.
      if (!(await this.load(at, at))) return undefined;
      if (this.kindOf(at) === 'start') return at;
    }
    return undefined;
  }

  nextSync(n: number): number {
    const next = this.index.sync.indexOf(1, n + 1);
    return next < 0 ? this.index.sync.length : next;
  }

  /** Reads the frames `from` … `to`. False where that is too much, or they cannot be read. */
  async load(from: number, to: number): Promise<boolean> {
    const { offsets, sizes } = this.index;
    for (let n = from; n <= to; ) {
      if (this.data.has(n)) {
        n++;
        continue;
      }
      const start = offsets[n]!;
      let end = start + sizes[n]!;
      let last = n;
      while (last < to && offsets[last + 1]! >= end && offsets[last + 1]! - end < bridged) {
        last++;
        end = offsets[last]! + sizes[last]!;
      }
      this.total += end - start;
      if (this.total > mostExcerptBytes) return false;
      const bytes = new Uint8Array(end - start);
      const { bytesRead } = await this.file.read(bytes, 0, bytes.length, start);
      if (bytesRead < bytes.length) return false;
      for (; n <= last; n++) this.data.set(n, bytes.subarray(offsets[n]! - start, offsets[n]! - start + sizes[n]!));
    }
    return true;
  }

  bytesOf(n: number): Uint8Array {
    return this.data.get(n)!;
  }

  /**
   * Undefined where the frame is not made of whole NAL units, holds none of a picture, or sets up the decoder in another
   * way than the file's own description does: left out with a frame, that would be missed by those after it, and kept, it
   * would reach into the next excerpt of the same file.
   */
  kindOf(n: number): Kind | undefined {
    const bytes = this.bytesOf(n);
    const { lengthSize, parameterSets } = this.index;
    let kind: Kind | undefined;
    for (let at = 0; at < bytes.length; ) {
      if (at + lengthSize >= bytes.length) return undefined;
      let length = 0;
      for (let i = 0; i < lengthSize; i++) length = length * 256 + bytes[at + i]!;
      const header = bytes[at + lengthSize]!;
      const type = header & 31;
      at += lengthSize + length;
      if (length === 0 || at > bytes.length) return undefined;
      if (setsUp.has(type)) {
        const unit = bytes.subarray(at - length, at);
        if (!parameterSets.some((known) => Buffer.compare(known, unit) === 0)) return undefined;
      }
      if (type < 1 || type > 5) continue; // no part of a picture
      if (type === 5) kind = 'start';
      else if (((header >> 5) & 3) !== 0) kind = kind === 'start' ? kind : 'reference';
      else kind ??= 'disposable';
    }
    return kind;
  }
}

function pack(
  index: Mp4Index,
  samples: Samples,
  kept: readonly number[],
  starts: ReadonlySet<number>,
  wanted: readonly number[],
): Excerpt | undefined {
  const placeOf = new Map(Array.from(index.shown, (n, place) => [n, place]));
  const inOrder = [...kept].sort((a, b) => placeOf.get(a)! - placeOf.get(b)!);
  const rankOf = new Map(inOrder.map((n, rank) => [n, rank]));
  const frames = kept.map((n) => samples.bytesOf(n));
  return {
    kind: index.kind,
    headers: index.headers,
    frames,
    ranks: kept.map((n) => rankOf.get(n)!),
    starts: kept.map((n) => starts.has(n)),
    wanted: wanted.map((place) => rankOf.get(index.shown[place]!)!),
  };
}

/** Units a second of the file's times: its frames are a second apart. */
const unit = 1000;

/**
 * One MP4 file of excerpts of one kind, and when the wanted frames of each are shown in it: whole seconds from its first
 * frame, rising. Frames keep their order of decoding and their order of being shown; the times themselves are made up.
 */
export function writeExcerpts(excerpts: readonly Excerpt[]): { bytes: Uint8Array; times: number[][] } {
  let before = 0;
  const bases = excerpts.map(({ frames }) => {
    before += frames.length;
    return before - frames.length;
  });
  const ranks = excerpts.flatMap((excerpt, i) => excerpt.ranks.map((rank) => bases[i]! + rank));
  const starts = excerpts.flatMap((excerpt) => excerpt.starts);
  const data = excerpts.flatMap(({ frames }) => frames);
  const { movieHeader, trackHeader, descriptions } = excerpts[0]!.headers;
  const delay = ranks.reduce((most, rank, i) => Math.max(most, i - rank), 0);
  const length = data.reduce((sum, { length }) => sum + length, 0);
  const count = data.length;
  const begins = starts.flatMap((start, i) => (start ? [i + 1] : []));
  const shifts = ranks.flatMap((rank, i) => [1, (rank + delay - i) * unit]);
  const sizes = data.map(({ length }) => length);
  const table = (base: number) =>
    box(
      'stbl',
      descriptions,
      full('stts', [1, count, unit]),
      full('ctts', [count], shifts),
      full('stss', [begins.length], begins),
      full('stsc', [1, 1, count, 1]),
      full('stsz', [0, count], sizes),
      full('stco', [1, base]),
    );
  const dataReference = box('dinf', full('dref', [1, 12, 0x75726c20, 1])); // "url ", in this file
  const moov = (base: number) =>
    box(
      'moov',
      movieHeader,
      box(
        'trak',
        trackHeader,
        box(
          'mdia',
          full('mdhd', [0, 0, unit, count * unit, 0x55c40000]),
          full('hdlr', [0, 0x76696465, 0, 0, 0, 0]), // "vide"
          box('minf', full('vmhd', [0, 0]), dataReference, table(base)),
        ),
      ),
    );
  const ftyp = box('ftyp', words([0x69736f6d, 0x200, 0x69736f6d])); // "isom"
  const base = ftyp.length + moov(0).length + 8;
  return {
    bytes: new Uint8Array(Buffer.concat([ftyp, moov(base), words([8 + length]), Buffer.from('mdat'), ...data])),
    times: excerpts.map(({ wanted }, i) => wanted.map((rank) => bases[i]! + rank)),
  };
}

function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => void bytes.writeUInt32BE(value, 4 * i));
  return bytes;
}

function box(type: string, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([words([8 + body.length]), Buffer.from(type, 'latin1'), body]);
}

/** A box with version and flags, both 0. */
function full(type: string, ...values: (readonly number[])[]): Buffer {
  return box(type, words([0]), ...values.map(words));
}
