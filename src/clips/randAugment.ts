// RandAugment (Cubuk et al., 2019): N operations drawn with replacement out of 14, all at one magnitude M on the scale of
// AutoAugment (Cubuk et al., 2018, table 6: 0 … 10, from the weakest to the strongest of each range). For clips the same
// operations with the same numbers act on every frame, and statistics (contrast, equalize) are those of the whole clip.
import type { Random } from '../base/random.ts';
import type { ResolvedExperiment } from '../config/resolved.ts';

/** Bytes [frames, size, size, 3], changed in place. */
export interface Picture {
  readonly data: Uint8Array;
  readonly frames: number;
  readonly size: number;
}

/** `strength`: M / 10. `sign`: 1 or −1, for what has two directions. */
type Operation = (picture: Picture, strength: number, sign: number) => void;

const grey = 128;

/** In the order of the paper's list. */
export const operations: Readonly<Record<string, Operation>> = {
  identity: () => {},
  autoContrast: (picture) => byTable(picture, (c) => stretched(histogram(picture, c))),
  equalize: (picture) => byTable(picture, (c) => equalized(histogram(picture, c))),
  rotate: (picture, strength, sign) => {
    const angle = (sign * strength * 30 * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    warp(picture, [cos, sin, 0, -sin, cos, 0]);
  },
  solarize: (picture, strength) => {
    const threshold = 256 * (1 - strength);
    byTable(picture, () => table((value) => (value >= threshold ? 255 - value : value)));
  },
  color: (picture, strength, sign) => saturate(picture, 1 + 0.9 * sign * strength),
  posterize: (picture, strength) => {
    const mask = (0xff << Math.round(4 * strength)) & 0xff;
    byTable(picture, () => table((value) => value & mask));
  },
  contrast: (picture, strength, sign) => {
    const mean = meanLuma(picture);
    byTable(picture, () => table((value) => mean + (1 + 0.9 * sign * strength) * (value - mean)));
  },
  brightness: (picture, strength, sign) =>
    byTable(picture, () => table((value) => (1 + 0.9 * sign * strength) * value)),
  sharpness: (picture, strength, sign) => sharpen(picture, 1 + 0.9 * sign * strength),
  shearX: (picture, strength, sign) => warp(picture, [1, sign * strength * 0.3, 0, 0, 1, 0]),
  shearY: (picture, strength, sign) => warp(picture, [1, 0, 0, sign * strength * 0.3, 1, 0]),
  // 150 of the 331 pixels that the paper's networks saw.
  translateX: (picture, strength, sign) => warp(picture, [1, 0, (sign * strength * 150 * picture.size) / 331, 0, 1, 0]),
  translateY: (picture, strength, sign) => warp(picture, [1, 0, 0, 0, 1, (sign * strength * 150 * picture.size) / 331]),
};

/** Changes bytes [frames, size, size, 3] in place. */
export function randAugment(
  data: Uint8Array,
  frames: number,
  size: number,
  { operations: count, magnitude }: ResolvedExperiment['augmentation']['randAugment'],
  random: Random,
): void {
  const all = Object.values(operations);
  for (let i = 0; i < count; i++) {
    const operation = all[random.below(all.length)]!;
    operation({ data, frames, size }, magnitude / 10, random.uniform() < 0.5 ? -1 : 1);
  }
}

function table(change: (value: number) => number): Uint8ClampedArray {
  return Uint8ClampedArray.from({ length: 256 }, (_, value) => change(value));
}

function byTable({ data }: Picture, tableOf: (channel: number) => Uint8ClampedArray): void {
  const [red, green, blue] = [tableOf(0), tableOf(1), tableOf(2)];
  for (let i = 0; i < data.length; i += 3) {
    data[i] = red[data[i]!]!;
    data[i + 1] = green[data[i + 1]!]!;
    data[i + 2] = blue[data[i + 2]!]!;
  }
}

function histogram({ data }: Picture, channel: number): Uint32Array {
  const counts = new Uint32Array(256);
  for (let i = channel; i < data.length; i += 3) counts[data[i]!]!++;
  return counts;
}

/** The darkest value becomes 0, the brightest 255. */
function stretched(counts: Uint32Array): Uint8ClampedArray {
  const low = counts.findIndex((count) => count > 0);
  const high = counts.findLastIndex((count) => count > 0);
  return table((value) => (high > low ? ((value - low) * 255) / (high - low) : value));
}

/** Each value becomes the share of pixels that are darker, so that all are about equally frequent. */
function equalized(counts: Uint32Array): Uint8ClampedArray {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const top = counts[counts.findLastIndex((count) => count > 0)] ?? 0;
  if (total === top) return table((value) => value); // one value only
  let darker = 0;
  return table((value) => {
    const share = darker / (total - top);
    darker += counts[value]!;
    return share * 255;
  });
}

/** Rec. 601. */
function luma(data: Uint8Array, i: number): number {
  return 0.299 * data[i]! + 0.587 * data[i + 1]! + 0.114 * data[i + 2]!;
}

function meanLuma({ data }: Picture): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 3) sum += luma(data, i);
  return sum / (data.length / 3);
}

function saturate({ data }: Picture, factor: number): void {
  for (let i = 0; i < data.length; i += 3) {
    const level = luma(data, i);
    for (let c = i; c < i + 3; c++) data[c] = byte(level + factor * (data[c]! - level));
  }
}

/** Away from (or, below 1, towards) the frame smoothed by [1 1 1, 1 5 1, 1 1 1] / 13; the edge stays. */
function sharpen({ data, frames, size }: Picture, factor: number): void {
  const line = size * 3;
  for (let f = 0; f < frames; f++) {
    const from = data.slice(f * size * line, (f + 1) * size * line);
    for (let y = 1; y < size - 1; y++) {
      for (let i = y * line + 3; i < (y + 1) * line - 3; i++) {
        const above = from[i - line - 3]! + from[i - line]! + from[i - line + 3]!;
        const below = from[i + line - 3]! + from[i + line]! + from[i + line + 3]!;
        const smooth = (above + below + from[i - 3]! + from[i + 3]! + 5 * from[i]!) / 13;
        data[f * size * line + i] = byte(smooth + factor * (from[i]! - smooth));
      }
    }
  }
}

/** Takes the pixel at (x, y), counted from the centre, from (ax + by + c, dx + ey + f); outside of the frame it is grey. */
function warp({ data, frames, size }: Picture, [a, b, c, d, e, f]: [number, number, number, number, number, number]) {
  const line = size * 3;
  const middle = (size - 1) / 2;
  const source = data.slice();
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const fromX = a * (x - middle) + b * (y - middle) + c + middle;
      const fromY = d * (x - middle) + e * (y - middle) + f + middle;
      const to = y * line + x * 3;
      const inside = fromX >= 0 && fromY >= 0 && fromX <= size - 1 && fromY <= size - 1;
      const left = Math.floor(fromX);
      const top = Math.floor(fromY);
      const tx = fromX - left;
      const ty = fromY - top;
      const right = left + 1 < size ? 3 : 0;
      const below = top + 1 < size ? line : 0;
      for (let frame = 0; frame < frames; frame++) {
        const start = frame * size * line;
        for (let channel = 0; channel < 3; channel++) {
          const i = start + top * line + left * 3 + channel;
          data[start + to + channel] = inside
            ? (source[i]! * (1 - tx) + source[i + right]! * tx) * (1 - ty) +
              (source[i + below]! * (1 - tx) + source[i + below + right]! * tx) * ty +
              0.5
            : grey;
        }
      }
    }
  }
}

function byte(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value + 0.5;
}
