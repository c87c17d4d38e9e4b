// Clips whose class is what is seen, as in Kinetics: one of six shapes that drifts, turns and changes size a little.
import type { Random } from '../base/random.ts';
import { backgroundColour, contrastingColour, paintBackground } from './colours.ts';
import { type ClipOptions, clipDefaults } from './renderMotion.ts';
import { paint, SHAPES, type Shape } from './shapes.ts';

export const SHAPE_CLASSES = SHAPES;
export type ShapeClass = Shape;

/** One clip as RGB bytes [frames, side, side, 3]. */
export function renderShapeClip(random: Random, cls: ShapeClass, options: ClipOptions = clipDefaults): Uint8Array {
  const { frames, side } = options;
  const length = side * side * 3;
  const clip = new Uint8Array(frames * length);
  const background = backgroundColour(random);
  const colour = contrastingColour(random, [background], 110);
  const start = { x: random.between(0.35, 0.65), y: random.between(0.35, 0.65), diameter: random.between(0.4, 0.7) };
  const angle = random.between(-0.35, 0.35);
  const heading = random.between(0, 2 * Math.PI);
  // Over the whole clip: up to an eighth of the frame, a tenth of the size, a quarter of a radian.
  const way = random.between(0, 0.12);
  const growth = random.between(-0.1, 0.1);
  const turn = random.between(-0.25, 0.25);
  paintBackground(random, clip.subarray(0, length), side, background);
  for (let t = 1; t < frames; t++) clip.copyWithin(t * length, 0, length);
  for (let t = 0; t < frames; t++) {
    const done = t / Math.max(1, frames - 1) - 0.5;
    paint(clip, t * length, side, {
      shape: cls,
      x: start.x + done * way * Math.cos(heading),
      y: start.y + done * way * Math.sin(heading),
      diameter: start.diameter * (1 + done * growth),
      angle: angle + done * turn,
      colour,
    });
  }
  return clip;
}
