// Single images whose class is a repeating pattern. Colours, period, phase, small turns and noise are random.
import type { Random } from '../base/random.ts';
import { contrastingColour, randomColour } from './colours.ts';

export const TEXTURE_CLASSES = [
  'checkerboard',
  'diagonal stripes',
  'dots',
  'horizontal stripes',
  'rings',
  'vertical stripes',
] as const;
export type TextureClass = (typeof TEXTURE_CLASSES)[number];

/** Signed pattern at a point in periods: positive is the one colour, negative the other. */
const patterns: Record<TextureClass, (x: number, y: number) => number> = {
  checkerboard: (x, y) => 1.5 * Math.sin(Math.PI * x) * Math.sin(Math.PI * y),
  'diagonal stripes': (x, y) => Math.sin(Math.SQRT2 * Math.PI * (x + y)),
  dots: (x, y) => 3 * (0.3 - Math.hypot(x - Math.round(x), y - Math.round(y))),
  'horizontal stripes': (_, y) => Math.sin(2 * Math.PI * y),
  rings: (x, y) => Math.sin(2 * Math.PI * Math.hypot(x, y)),
  'vertical stripes': (x) => Math.sin(2 * Math.PI * x),
};

/** One image as RGB bytes [side, side, 3]. */
export function renderTexture(random: Random, cls: TextureClass, options: { side: number } = { side: 64 }): Uint8Array {
  const { side } = options;
  const image = new Uint8Array(side * side * 3);
  const one = randomColour(random);
  const other = contrastingColour(random, [one], 70);
  const period = random.between(0.12, 0.25) * side;
  const angle = random.between(-0.12, 0.12);
  const mirrored = random.uniform() < 0.5 ? -1 : 1;
  // Rings keep their centre in the picture; the other patterns repeat, so any shift will do.
  const shiftX = (cls === 'rings' ? random.between(0.3, 0.7) : random.uniform()) * side;
  const shiftY = (cls === 'rings' ? random.between(0.3, 0.7) : random.uniform()) * side;
  const noise = random.between(2, 20);
  const edge = random.between(2, 6);
  const pattern = patterns[cls];
  for (let row = 0, at = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const dx = (mirrored * (column - shiftX)) / period;
      const dy = (row - shiftY) / period;
      const value = pattern(Math.cos(angle) * dx + Math.sin(angle) * dy, Math.cos(angle) * dy - Math.sin(angle) * dx);
      const mix = Math.min(1, Math.max(0, 0.5 + edge * value * 0.5));
      for (let c = 0; c < 3; c++, at++) {
        const shade = other[c]! + (one[c]! - other[c]!) * mix + random.between(-noise, noise);
        image[at] = Math.min(255, Math.max(0, Math.round(shade)));
      }
    }
  }
  return image;
}
