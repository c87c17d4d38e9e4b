// Random colours and backgrounds of the samples. They say nothing about the class, in any dataset.
import type { Random } from '../base/random.ts';
import type { Rgb } from './shapes.ts';

/** Perceived brightness in 0 … 255 (BT.601 weights). */
export function luma([r, g, b]: Rgb): number {
  return 0.299 * r + 0.587 * g + 0.114 * b;
}

export function randomColour(random: Random): Rgb {
  return [random.below(256), random.below(256), random.below(256)];
}

/** A colour that is at least `difference` brighter or darker (0 … 255) than every one of `others`. */
export function contrastingColour(random: Random, others: readonly Rgb[], difference: number): Rgb {
  for (;;) {
    const colour = randomColour(random);
    if (others.every((other) => Math.abs(luma(colour) - luma(other)) >= difference)) return colour;
  }
}

/** A dark colour: whatever contrasts with it is bright. One polarity is what a model learns in minutes. */
export function backgroundColour(random: Random): Rgb {
  return [10 + random.below(50), 10 + random.below(50), 10 + random.below(50)];
}

/** Fills a square frame with a plain colour under a slight slope of brightness and a little noise. */
export function paintBackground(random: Random, frame: Uint8Array, side: number, colour: Rgb): void {
  const slopeX = random.between(-20, 20) / side;
  const slopeY = random.between(-20, 20) / side;
  for (let row = 0, at = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const shade = slopeX * (column - side / 2) + slopeY * (row - side / 2) + random.between(-6, 6);
      for (let c = 0; c < 3; c++, at++) frame[at] = Math.min(255, Math.max(0, Math.round(colour[c]! + shade)));
    }
  }
}
