// From a decoded clip to the model's pixels: one geometric and photometric change, the same for all its frames (a change
// from frame to frame would be motion that is not there). Frames stay bytes until the one pass that normalises them.
import type { ResolvedModel } from '../config/resolved.ts';
import type { DecodedClip } from '../media/clip.ts';

/** How one clip is looked at. */
export interface Look {
  /** Centre of the crop, pixels of the decoded frame. */
  readonly centreX: number;
  readonly centreY: number;
  /** Width and height of the crop, pixels of the decoded frame. */
  readonly cropWidth: number;
  readonly cropHeight: number;
  /** Radians. */
  readonly angle: number;
  readonly mirrored: boolean;
  /** value · gain + offset, on values in 0 … 1. */
  readonly gain: number;
  readonly offset: number;
  /** Applied to (red, green, blue) before gain and offset: 3 × 3, row by row. Absent: colours stay. */
  readonly colours?: readonly number[] | undefined;
}

/** What pixels are taken of. */
export type Frames = Pick<DecodedClip, 'width' | 'height' | 'data' | 'frameOf'>;

/** The centre square, whole, unchanged. */
export function centreLook({ width, height }: Pick<Frames, 'width' | 'height'>): Look {
  const side = Math.min(width, height);
  return {
    centreX: width / 2,
    centreY: height / 2,
    cropWidth: side,
    cropHeight: side,
    angle: 0,
    mirrored: false,
    gain: 1,
    offset: 0,
  };
}

/**
 * Writes the chosen frames as [frames, 3, size, size] normalised float32 at `at` in `pixels`, bilinear, the frame's edge
 * repeated outside of it.
 */
export function writePixels(
  pixels: Float32Array,
  at: number,
  clip: Frames,
  frames: readonly number[],
  look: Look,
  { imageSize: size, mean, std }: Pick<ResolvedModel, 'imageSize' | 'mean' | 'std'>,
): void {
  const plane = size * size;
  const row = new Float64Array(3 * size);
  const [gain0, gain1, gain2] = std.map((deviation) => look.gain / 255 / deviation) as [number, number, number];
  const [offset0, offset1, offset2] = mean.map((centre, c) => (look.offset - centre) / std[c]!) as [
    number,
    number,
    number,
  ];
  const exact = alignedCorner(clip, look, size);
  const sampled = sampleRows(clip, frames, look, size, [gain0, gain1, gain2], [offset0, offset1, offset2]);
  for (let y = 0; y < size; y++) {
    const corners = exact ? undefined : sampled.prepare(y);
    for (let f = 0; f < frames.length; f++) {
      const to = at + f * 3 * plane + y * size;
      if (corners && !look.colours) {
        corners.write(pixels, to, plane, f);
        continue;
      }
      if (exact) copyRow(row, clip, frames[f]!, exact, y, size);
      else corners!.read(row, f);
      if (look.colours) recolour(row, look.colours);
      for (let x = 0, i = 0; x < size; x++, i += 3) {
        pixels[to + x] = row[i]! * gain0 + offset0;
        pixels[to + plane + x] = row[i + 1]! * gain1 + offset1;
        pixels[to + 2 * plane + x] = row[i + 2]! * gain2 + offset2;
      }
    }
  }
}

/** The same crop as bytes [frames, size, size, 3]; gain, offset and colours are left for later. */
export function cutBytes(clip: Frames, frames: readonly number[], look: Look, size: number): Uint8Array {
  const bytes = new Uint8Array(frames.length * size * size * 3);
  const row = new Float64Array(3 * size);
  const sampled = sampleRows(clip, frames, look, size);
  for (let y = 0; y < size; y++) {
    const corners = sampled.prepare(y);
    for (let f = 0; f < frames.length; f++) {
      corners.read(row, f);
      const to = (f * size + y) * size * 3;
      for (let i = 0; i < row.length; i++) bytes[to + i] = row[i]! + 0.5;
    }
  }
  return bytes;
}

/** Where a crop that falls on whole pixels begins, as evaluation's crops of frames decoded in the model's size do. */
function alignedCorner({ width, height }: Frames, look: Look, size: number): { left: number; top: number } | undefined {
  const [left, top] = [look.centreX - size / 2, look.centreY - size / 2];
  const fits = left >= 0 && top >= 0 && left + size <= width && top + size <= height;
  const plain = look.angle === 0 && !look.mirrored && look.cropWidth === size && look.cropHeight === size;
  return plain && fits && Number.isInteger(left) && Number.isInteger(top) ? { left, top } : undefined;
}

function copyRow(
  row: Float64Array,
  { width, height, data, frameOf }: Frames,
  frame: number,
  { left, top }: { left: number; top: number },
  y: number,
  size: number,
): void {
  const from = ((frameOf[frame]! * height + top + y) * width + left) * 3;
  for (let i = 0; i < 3 * size; i++) row[i] = data[from + i]!;
}

/** Bilinear rows of the crop: the corners and weights of a row are the same for every frame, so they are found once. */
function sampleRows(
  clip: Frames,
  frames: readonly number[],
  look: Look,
  size: number,
  [gain0, gain1, gain2]: readonly [number, number, number] = [1, 1, 1],
  [offset0, offset1, offset2]: readonly [number, number, number] = [0, 0, 0],
) {
  const { width, height, data } = clip;
  const [cos, sin] = [Math.cos(look.angle), Math.sin(look.angle)];
  const stepX = (look.mirrored ? -1 : 1) * (look.cropWidth / size);
  const stepY = look.cropHeight / size;
  const corner = new Int32Array(size);
  const right = new Int32Array(size);
  const below = new Int32Array(size);
  const weights = new Float64Array(4 * size);
  const starts = frames.map((frame) => clip.frameOf[frame]! * height * width * 3);
  const read = (row: Float64Array, f: number) => {
    const start = starts[f]!;
    for (let x = 0, i = 0, w = 0; x < size; x++, i += 3, w += 4) {
      const a = start + corner[x]!;
      const b = a + right[x]!;
      const c = a + below[x]!;
      const d = c + right[x]!;
      const wa = weights[w]!;
      const wb = weights[w + 1]!;
      const wc = weights[w + 2]!;
      const wd = weights[w + 3]!;
      row[i] = data[a]! * wa + data[b]! * wb + data[c]! * wc + data[d]! * wd;
      row[i + 1] = data[a + 1]! * wa + data[b + 1]! * wb + data[c + 1]! * wc + data[d + 1]! * wd;
      row[i + 2] = data[a + 2]! * wa + data[b + 2]! * wb + data[c + 2]! * wc + data[d + 2]! * wd;
    }
  };
  /** As `read` and then gain and offset, in one go: this is where most of the time of making batches goes. */
  const write = (pixels: Float32Array, to: number, plane: number, f: number) => {
    const start = starts[f]!;
    const green = to + plane;
    const blue = green + plane;
    for (let x = 0, w = 0; x < size; x++, w += 4) {
      const a = start + corner[x]!;
      const b = a + right[x]!;
      const c = a + below[x]!;
      const d = c + right[x]!;
      const wa = weights[w]!;
      const wb = weights[w + 1]!;
      const wc = weights[w + 2]!;
      const wd = weights[w + 3]!;
      pixels[to + x] = (data[a]! * wa + data[b]! * wb + data[c]! * wc + data[d]! * wd) * gain0 + offset0;
      pixels[green + x] =
        (data[a + 1]! * wa + data[b + 1]! * wb + data[c + 1]! * wc + data[d + 1]! * wd) * gain1 + offset1;
      pixels[blue + x] =
        (data[a + 2]! * wa + data[b + 2]! * wb + data[c + 2]! * wc + data[d + 2]! * wd) * gain2 + offset2;
    }
  };
  const prepare = (y: number) => {
    const v = (y + 0.5 - size / 2) * stepY;
    for (let column = 0; column < size; column++) {
      const u = (column + 0.5 - size / 2) * stepX;
      const x = clamp(look.centreX + cos * u - sin * v - 0.5, width - 1);
      const y = clamp(look.centreY + sin * u + cos * v - 0.5, height - 1);
      const left = Math.floor(x);
      const top = Math.floor(y);
      const tx = x - left;
      const ty = y - top;
      corner[column] = (top * width + left) * 3;
      right[column] = left + 1 < width ? 3 : 0;
      below[column] = top + 1 < height ? width * 3 : 0;
      weights[4 * column] = (1 - tx) * (1 - ty);
      weights[4 * column + 1] = tx * (1 - ty);
      weights[4 * column + 2] = (1 - tx) * ty;
      weights[4 * column + 3] = tx * ty;
    }
    return { read, write };
  };
  return { prepare };
}

function recolour(row: Float64Array, m: readonly number[]): void {
  for (let i = 0; i < row.length; i += 3) {
    const r = row[i]!;
    const g = row[i + 1]!;
    const b = row[i + 2]!;
    row[i] = m[0]! * r + m[1]! * g + m[2]! * b;
    row[i + 1] = m[3]! * r + m[4]! * g + m[5]! * b;
    row[i + 2] = m[6]! * r + m[7]! * g + m[8]! * b;
  }
}

function clamp(value: number, most: number): number {
  return value < 0 ? 0 : value > most ? most : value;
}
