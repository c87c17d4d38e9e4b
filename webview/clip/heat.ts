// The heat map of where a model looked, as numbers and colours. Pure.
import type { Attention } from '../../src/protocol/predictions.ts';

/** Pixels drawn for each patch; the browser smooths what is left. */
export const fineness = 8;

/** The shares of all frames as multiples of an even share, and between what they lie. */
export interface Heat {
  side: number;
  frames: { time: number | null; values: Float32Array }[];
  least: number;
  most: number;
}

export function heatOf({ side, frames }: Pick<Attention, 'side' | 'frames'>): Heat {
  // What stays in the class token is no place: the patches are compared with each other.
  const total = frames.reduce((sum, { grid }) => sum + grid.reduce((a, b) => a + b, 0), 0);
  const even = total / (frames.length * side * side);
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  const list = frames.map(({ time, grid }) => {
    const values = Float32Array.from(grid, (share) => (even > 0 ? share / even : 1));
    for (const value of values) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    return { time, values };
  });
  return { side, frames: list, least, most };
}

/** The index of the frame whose time is nearest. */
export function nearestFrame(frames: readonly { time: number | null }[], time: number): number {
  let nearest = 0;
  frames.forEach((frame, i) => {
    const best = frames[nearest]!.time ?? 0;
    if (frame.time !== null && Math.abs(frame.time - time) < Math.abs(best - time)) nearest = i;
  });
  return nearest;
}

/** Bilinear, side × side to (side · fineness)²; a patch's value stands at its centre. */
export function enlarged(values: ArrayLike<number>, side: number): Float32Array {
  const size = side * fineness;
  const result = new Float32Array(size * size);
  const last = side - 1;
  for (let y = 0; y < size; y++) {
    const v = Math.min(last, Math.max(0, (y + 0.5) / fineness - 0.5));
    const [y0, fy] = [
      Math.min(Math.floor(v), Math.max(0, last - 1)),
      v - Math.min(Math.floor(v), Math.max(0, last - 1)),
    ];
    const y1 = Math.min(last, y0 + 1);
    for (let x = 0; x < size; x++) {
      const u = Math.min(last, Math.max(0, (x + 0.5) / fineness - 0.5));
      const x0 = Math.min(Math.floor(u), Math.max(0, last - 1));
      const [x1, fx] = [Math.min(last, x0 + 1), u - x0];
      const top = values[y0 * side + x0]! * (1 - fx) + values[y0 * side + x1]! * fx;
      const bottom = values[y1 * side + x0]! * (1 - fx) + values[y1 * side + x1]! * fx;
      result[y * size + x] = top * (1 - fy) + bottom * fy;
    }
  }
  return result;
}

/** Colours whose lightness rises evenly, from dark to bright: "inferno" of matplotlib (CC0), at nine places. */
const stops = [
  [0, 0, 4],
  [31, 12, 72],
  [85, 15, 109],
  [136, 34, 106],
  [186, 54, 85],
  [227, 89, 51],
  [249, 140, 10],
  [249, 201, 50],
  [252, 255, 164],
] as const;

/** Red, green and blue of a share 0 … 1. */
export function heatColor(share: number): [number, number, number] {
  const place = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(place));
  const part = place - index;
  const mix = (c: 0 | 1 | 2) => Math.round(stops[index]![c] * (1 - part) + stops[index + 1]![c] * part);
  return [mix(0), mix(1), mix(2)];
}

/** One frame's picture, RGBA, (side · fineness)² pixels: opaque; how strong it shows is for who lays it over the film. */
export function heatPixels({ side, frames, least, most }: Heat, frame: number): Uint8ClampedArray<ArrayBuffer> {
  const values = enlarged(frames[frame]!.values, side);
  const pixels = new Uint8ClampedArray(values.length * 4);
  const range = most - least || 1;
  values.forEach((value, i) => void pixels.set([...heatColor((value - least) / range), 255], 4 * i));
  return pixels;
}

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Where a picture of this size lies in a box that contains it whole, and in it the centre square that the model sees. */
export function seenSquare(box: { width: number; height: number }, picture: { width: number; height: number }): Box {
  const scale = Math.min(box.width / picture.width, box.height / picture.height);
  const side = Math.min(picture.width, picture.height) * scale;
  return { left: (box.width - side) / 2, top: (box.height - side) / 2, width: side, height: side };
}
