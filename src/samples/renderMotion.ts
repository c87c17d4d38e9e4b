// Clips whose class is the motion alone, as in Something-Something. No single frame tells the class: the frame's edges
// are joined and so are the ends of the range of sizes, the start is drawn uniformly from both circles, and a class only
// says which circle is walked and which way round. A uniform start walked round a circle stays uniform, so at every
// frame index the position is uniform and the size log-uniform, in every class alike, and independent of each other.
// Shape, colours, angle, speed and background are drawn before the class is looked at.
import type { Random } from '../base/random.ts';
import { backgroundColour, contrastingColour, paintBackground } from './colours.ts';
import { type Placed, paint, SHAPES } from './shapes.ts';

export const MOTION_CLASSES = [
  'moving left',
  'moving right',
  'moving up',
  'moving down',
  'growing',
  'shrinking',
] as const;
export type MotionClass = (typeof MOTION_CLASSES)[number];

export interface ClipOptions {
  frames: number;
  /** Side of the square frames in pixels. */
  side: number;
}
export const clipDefaults: ClipOptions = { frames: 16, side: 64 };

/** Where the shape is and how large, one entry a frame: shares of the frame's side. */
export interface TrackPoint {
  x: number;
  y: number;
  diameter: number;
}

const smallest = 0.25;
const largest = 0.6;
/** [x, y, size] steps, in rounds of the circle per frame, in units of the speed. */
const directions: Record<MotionClass, readonly [number, number, number]> = {
  'moving left': [-1, 0, 0],
  'moving right': [1, 0, 0],
  'moving up': [0, -1, 0],
  'moving down': [0, 1, 0],
  growing: [0, 0, 1],
  shrinking: [0, 0, -1],
};

/**
 * The way of the shape through a clip: about two fifths of a round in 16 frames. Slow enough for a model that looks at 8 of
 * them to follow the shape from patch to patch, and most clips then show no jump across the edge.
 */
export function motionTrack(random: Random, cls: MotionClass, frames: number): TrackPoint[] {
  const [x, y, size] = [random.uniform(), random.uniform(), random.uniform()];
  const speed = (random.between(0.8, 1.2) * 0.4) / 16;
  const [dx, dy, dSize] = directions[cls];
  return Array.from({ length: frames }, (_, t) => ({
    x: round(x + dx * speed * t),
    y: round(y + dy * speed * t),
    diameter: smallest * (largest / smallest) ** round(size + dSize * speed * t),
  }));
}

/** One clip as RGB bytes [frames, side, side, 3]. */
export function renderMotionClip(random: Random, cls: MotionClass, options: ClipOptions = clipDefaults): Uint8Array {
  const { frames, side } = options;
  const length = side * side * 3;
  const clip = new Uint8Array(frames * length);
  const background = backgroundColour(random);
  const colour = contrastingColour(random, [background], 110);
  const look: Omit<Placed, keyof TrackPoint> = {
    shape: SHAPES[random.below(SHAPES.length)]!,
    angle: random.between(0, 2 * Math.PI),
    colour,
  };
  paintBackground(random, clip.subarray(0, length), side, background);
  for (let t = 1; t < frames; t++) clip.copyWithin(t * length, 0, length);
  for (const [t, point] of motionTrack(random, cls, frames).entries())
    paint(clip, t * length, side, { ...look, ...point });
  return clip;
}

function round(turns: number): number {
  return turns - Math.floor(turns);
}
