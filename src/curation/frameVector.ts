// What a frame looks like, as a direction in a space of low frequencies: the first coefficients of the cosine transform of its
// brightness (as in perceptual hashing), each weighted by the square root of its frequency, the whole scaled to length 1.
// Re-encoding and scaling hardly turn it, a change of brightness or contrast not at all; 1 − cosine is the distance.
import type { DecodedClip } from '../media/decoder.ts';

/** Frames are averaged down to so many pixels a side before they are transformed. */
const side = 32;
/** Coefficients up to this frequency in either direction are looked at. */
const most = 17;
/** Borders darker than this (of 255) are cut off, up to a quarter of each side. */
const borderLevel = 28;
const borderShare = 0.25;
/** Of the line where a border ends, so much must be brighter than the border. */
const pictureShare = 0.6;

/** Frequencies across and down, lowest first, without the mean: coefficient k of a vector is that of `frequencies[k]`. */
export const frequencies: readonly (readonly [across: number, down: number])[] = lowestFirst();

function lowestFirst(): [number, number][] {
  const all: [number, number][] = [];
  for (let sum = 1; sum <= 2 * most - 2; sum++)
    for (let across = 0; across <= sum; across++)
      if (across < most && sum - across < most) all.push([across, sum - across]);
  return all;
}

const waves = Array.from({ length: most }, (_, k) =>
  Float32Array.from(
    { length: side },
    (_, x) => Math.cos(((2 * x + 1) * k * Math.PI) / (2 * side)) * Math.sqrt(2 / side),
  ),
);

/** A part of a picture in pixels; `right` and `bottom` are past its end. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Brightness 0 … 255 of frame `n`, row by row. */
export function brightness({ data, width, height }: DecodedClip, n: number): Float32Array {
  const pixels = new Float32Array(width * height);
  for (let i = 0, at = n * width * height * 3; i < pixels.length; i++, at += 3)
    pixels[i] = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
  return pixels;
}

/**
 * The picture without the dark borders that all of `frames` have, such as those of a letterbox. A border ends at a line most of
 * which is picture: a bright thing on a black ground has none. Lines that are half border count by halves.
 */
export function withoutBorders(frames: readonly Float32Array[], width: number, height: number): Region {
  // The brightest of all frames at each place.
  const brightest = new Float32Array(width * height);
  for (const pixels of frames)
    for (let i = 0; i < brightest.length; i++) if (pixels[i]! > brightest[i]!) brightest[i] = pixels[i]!;
  const border = (start: number, line: number, along: number, count: number, limit: number): number => {
    const meanOf = (n: number): { mean: number; lit: number } => {
      let [sum, lit] = [0, 0];
      for (let i = 0, at = start + n * line; i < count; i++, at += along) {
        sum += brightest[at]!;
        if (brightest[at]! > borderLevel) lit++;
      }
      return { mean: sum / count, lit: lit / count };
    };
    let n = 0;
    while (n < limit && meanOf(n).lit === 0) n++;
    if (n === 0 || n === limit) return 0;
    const [edge, next] = [meanOf(n), meanOf(n + 1)];
    if (Math.max(edge.lit, next.lit) < pictureShare) return 0;
    return n + 1 - Math.min(1, edge.mean / Math.max(1, next.mean));
  };
  const [across, down] = [Math.floor(width * borderShare), Math.floor(height * borderShare)];
  return {
    left: border(0, 1, width, height, across),
    top: border(0, width, 1, width, down),
    right: width - border(width - 1, -1, width, height, across),
    bottom: height - border((height - 1) * width, -width, 1, width, down),
  };
}

/** The middle of a region, `share` of its width and height. */
export function middle({ left, top, right, bottom }: Region, share: number): Region {
  const [x, y] = [((right - left) * (1 - share)) / 2, ((bottom - top) * (1 - share)) / 2];
  return { left: left + x, top: top + y, right: right - x, bottom: bottom - y };
}

/**
 * The frame's vector of `length` coefficients, of length 1; undefined where the frame shows next to nothing (black, flat, a
 * title on black with a few pixels), which would look like every other such frame.
 */
export function frameVector(
  pixels: Float32Array,
  width: number,
  region: Region,
  length: number,
): Float32Array | undefined {
  const small = averaged(pixels, width, region, side);
  const coefficients = transform(small);
  let power = 0;
  for (const value of coefficients) power += value * value;
  // Parseval: the mean square of what varies, in grey levels.
  if (Math.sqrt(power) / side < leastContrast) return undefined;
  const vector = new Float32Array(length);
  let norm = 0;
  for (let k = 0; k < length; k++) {
    const [across, down] = frequencies[k]!;
    vector[k] = coefficients[k]! * Math.sqrt(across + down);
    norm += vector[k]! ** 2;
  }
  norm = Math.sqrt(norm);
  for (let k = 0; k < length; k++) vector[k]! /= norm;
  return vector;
}

/** Grey levels (standard deviation over the picture) under which a frame shows nothing. */
const leastContrast = 6;

/** The region as `n` × `n` averages; its edges need not lie on pixels. */
export function averaged(pixels: Float32Array, width: number, region: Region, n: number): Float32Array {
  const { left, top, right, bottom } = region;
  const first = Math.floor(top);
  const rows = Math.ceil(bottom) - first;
  const narrow = new Float32Array(n * rows);
  for (let x = 0; x < n; x++)
    eachPart(left, right, x, n, (column, weight) => {
      for (let y = 0; y < rows; y++) narrow[y * n + x]! += weight * pixels[(first + y) * width + column]!;
    });
  const result = new Float32Array(n * n);
  for (let y = 0; y < n; y++)
    eachPart(top, bottom, y, n, (row, weight) => {
      for (let x = 0; x < n; x++) result[y * n + x]! += weight * narrow[(row - first) * n + x]!;
    });
  return result;
}

/** The pixels that part `i` of `n` of a stretch covers, with weights that sum to 1. */
function eachPart(from: number, to: number, i: number, n: number, use: (pixel: number, weight: number) => void): void {
  const size = (to - from) / n;
  const [begin, end] = [from + i * size, from + (i + 1) * size];
  for (let pixel = Math.floor(begin + 1e-6); pixel < end - 1e-6; pixel++)
    use(pixel, (Math.min(end, pixel + 1) - Math.max(begin, pixel)) / size);
}

/** The coefficients in the order of `frequencies`. */
function transform(pixels: Float32Array): Float32Array {
  const rows = new Float32Array(most * side);
  for (let y = 0; y < side; y++)
    for (let k = 0; k < most; k++) {
      const wave = waves[k]!;
      let sum = 0;
      for (let x = 0; x < side; x++) sum += pixels[y * side + x]! * wave[x]!;
      rows[k * side + y] = k === 0 ? sum * Math.SQRT1_2 : sum;
    }
  return Float32Array.from(frequencies, ([across, down]) => {
    const wave = waves[down]!;
    let sum = 0;
    for (let y = 0; y < side; y++) sum += rows[across * side + y]! * wave[y]!;
    return down === 0 ? sum * Math.SQRT1_2 : sum;
  });
}

const chromaSide = 3;
/** Numbers of a clip's colours: 3 × 3 averages of each of two colour differences. */
export const colourLength = 2 * chromaSide * chromaSide;

/** The colours of frame `n`, coarsely: blue and red differences of 3 × 3 fields, in levels −128 … 127. */
export function colours(clip: DecodedClip, n: number, region: Region): Float32Array {
  const { data, width, height } = clip;
  const [blue, red] = [new Float32Array(width * height), new Float32Array(width * height)];
  for (let i = 0, at = n * width * height * 3; i < blue.length; i++, at += 3) {
    const [r, g, b] = [data[at]!, data[at + 1]!, data[at + 2]!];
    blue[i] = -0.169 * r - 0.331 * g + 0.5 * b;
    red[i] = 0.5 * r - 0.419 * g - 0.081 * b;
  }
  const fields = new Float32Array(colourLength);
  fields.set(averaged(blue, width, region, chromaSide));
  fields.set(averaged(red, width, region, chromaSide), chromaSide * chromaSide);
  return fields;
}
