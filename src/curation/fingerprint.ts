// The fingerprint of a clip or an image: the vectors of some of its frames, the same of the middle of a few (what is left
// after a crop), and its colours. As bytes it is what the fingerprint file keeps.
import type { DecodedClip } from '../media/decoder.ts';
import { brightness, colourLength, colours, frameVector, middle, type Region, withoutBorders } from './frameVector.ts';

/** Raise it when fingerprints of the same file come out otherwise: older ones are then made again. */
export const fingerprintVersion = 1;

/** Frames of a video, at the middle of so many equal parts. */
export const videoFrames = 16;
/** Shorter side of the frames in pixels. */
export const frameSide = 64;
/** Of every so many frames of a video, one is also looked at without its margins. */
const croppedEvery = 4;
/** What the middle is of width and height. One image has to be met more closely than one of many frames. */
const croppedShares = { video: [0.92], image: [0.96, 0.92] } as const;
/** Coefficients of a vector: an image has to be told from others by one frame, a video has many. */
const lengths = { video: 64, image: 128 } as const;

export interface Fingerprint {
  readonly kind: 'video' | 'image';
  /** Vectors of length 1, of the frames that show something, in their order; none where no frame does. */
  readonly frames: readonly Float32Array[];
  /** Of the middle of some of them. */
  readonly cropped: readonly Float32Array[];
  /** Means over the frames, see `colours`. */
  readonly colours: Float32Array;
}

/** From a clip that was decoded with `videoFrames` candidates (an image: 1) and `frameSide`. */
export function fingerprintOf(clip: DecodedClip, kind: 'video' | 'image'): Fingerprint {
  const pixels = Array.from({ length: clip.frames }, (_, n) => brightness(clip, n));
  const region = withoutBorders(pixels, clip.width, clip.height);
  const frames: Float32Array[] = [];
  const cropped: Float32Array[] = [];
  const means = new Float32Array(colourLength);
  const vectorOf = (n: number, part: Region) => frameVector(pixels[n]!, clip.width, part, lengths[kind]);
  for (let n = 0; n < clip.frames; n++) {
    for (const [i, value] of colours(clip, n, region).entries()) means[i]! += value / clip.frames;
    const vector = vectorOf(n, region);
    if (!vector) continue;
    frames.push(vector);
    if ((frames.length - 1) % croppedEvery !== 0) continue;
    for (const share of croppedShares[kind]) {
      const inner = vectorOf(n, middle(region, share));
      if (inner) cropped.push(inner);
    }
  }
  return { kind, frames, cropped, colours: means };
}

/** Bytes: kind, numbers of frames and of cropped ones, colours, then every vector scaled so that its largest part is 127. */
export function packFingerprint({ kind, frames, cropped, colours }: Fingerprint): Uint8Array {
  const length = lengths[kind];
  const bytes = new Int8Array(3 + colourLength + (frames.length + cropped.length) * length);
  bytes.set([kind === 'image' ? 1 : 0, frames.length, cropped.length]);
  bytes.set(colours.map(Math.round), 3);
  let at = 3 + colourLength;
  for (const vector of [...frames, ...cropped]) {
    const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (const value of vector) bytes[at++] = Math.round((value / largest) * 127);
  }
  return new Uint8Array(bytes.buffer);
}

/** The reverse; undefined where the bytes are none of `packFingerprint`. */
export function unpackFingerprint(packed: Uint8Array): Fingerprint | undefined {
  const bytes = new Int8Array(packed.buffer, packed.byteOffset, packed.byteLength);
  const [mark, number, croppedNumber] = bytes;
  if (mark === undefined || number === undefined || croppedNumber === undefined) return undefined;
  const kind = mark === 1 ? 'image' : 'video';
  const length = lengths[kind];
  const begin = 3 + colourLength;
  if (number < 0 || croppedNumber < 0 || bytes.length !== begin + (number + croppedNumber) * length) return undefined;
  const vectors = Array.from({ length: number + croppedNumber }, (_, n) =>
    unit(Float32Array.from(bytes.subarray(begin + n * length, begin + (n + 1) * length))),
  );
  const colours = Float32Array.from(bytes.subarray(3, begin));
  return { kind, frames: vectors.slice(0, number), cropped: vectors.slice(number), colours };
}

function unit(vector: Float32Array): Float32Array {
  let power = 0;
  for (const value of vector) power += value * value;
  const norm = Math.sqrt(power) || 1;
  return vector.map((value) => value / norm);
}
