// The claim that the motion dataset rests on: one frame says nothing about the class. Tested where it is made (place and
// size of the shape) and where it counts (pixels, by a classifier that sees single frames).
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { MOTION_CLASSES, type MotionClass, motionTrack, renderMotionClip } from '../../src/samples/renderMotion.ts';

const frames = 16;
const tracks = (cls: MotionClass, seed: number, count: number) =>
  Array.from({ length: count }, (_, i) => motionTrack(new Random(seed, i), cls, frames));

/** Largest distance between the distribution of `values` and the uniform one on 0 … 1 (Kolmogorov-Smirnov). */
function distanceFromUniform(values: number[]): number {
  values.sort((a, b) => a - b);
  return Math.max(...values.map((value, i) => Math.max((i + 1) / values.length - value, value - i / values.length)));
}

describe('where the shape is, and how large', () => {
  const clips = 2000;
  it.each(MOTION_CLASSES.map((cls, i) => [cls, i] as const))('%s: uniform at every frame', (cls, i) => {
    const all = tracks(cls, 100 + i, clips);
    // 1.95 / √n is passed by chance once in 2,000; there are 6 × 16 × 3 of these, with fixed seeds.
    const limit = 1.95 / Math.sqrt(clips);
    for (let t = 0; t < frames; t++) {
      const logSize = (diameter: number) => Math.log(diameter / 0.25) / Math.log(0.6 / 0.25);
      expect(distanceFromUniform(all.map((track) => track[t]!.x))).toBeLessThan(limit);
      expect(distanceFromUniform(all.map((track) => track[t]!.y))).toBeLessThan(limit);
      expect(distanceFromUniform(all.map((track) => logSize(track[t]!.diameter)))).toBeLessThan(limit);
    }
  });

  it.each(MOTION_CLASSES.map((cls, i) => [cls, i] as const))(
    '%s: place and size know nothing of each other',
    (cls, i) => {
      const all = tracks(cls, 200 + i, clips);
      for (const t of [0, 7, 15]) {
        // 3 × 3 × 3 cells of equal chance; chi-square with 26 degrees of freedom is above 58 once in 3,000.
        const cells = new Array<number>(27).fill(0);
        for (const track of all) {
          const { x, y, diameter } = track[t]!;
          const size = Math.log(diameter / 0.25) / Math.log(0.6 / 0.25);
          cells[Math.floor(x * 3) * 9 + Math.floor(y * 3) * 3 + Math.floor(size * 3)]!++;
        }
        const expected = clips / 27;
        expect(cells.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)).toBeLessThan(58);
      }
    },
  );

  it('moves the way its class says, by a step between two frames of a model that is seen and is not mistaken', () => {
    const expected = {
      'moving left': [-1, 0, 0],
      'moving right': [1, 0, 0],
      'moving up': [0, -1, 0],
      'moving down': [0, 1, 0],
      growing: [0, 0, 1],
      shrinking: [0, 0, -1],
    } as const;
    for (const cls of MOTION_CLASSES) {
      for (const track of tracks(cls, 7, 50)) {
        for (let t = 0; t + 2 < frames; t++) {
          const [a, b] = [track[t]!, track[t + 2]!];
          const size = Math.log(b.diameter / a.diameter) / Math.log(0.6 / 0.25);
          // The short way round each circle.
          const steps = [b.x - a.x, b.y - a.y, size].map((step) => step - Math.round(step));
          for (const [c, step] of steps.entries()) {
            if (expected[cls][c] === 0) expect(step).toBeCloseTo(0, 9);
            else expect(step * expected[cls][c]!).toBeGreaterThan(0.03);
            expect(Math.abs(step)).toBeLessThan(0.2); // far from half a round, where both ways look alike
          }
        }
      }
    }
  });
});

describe('the pixels', () => {
  /** The brightness of frame 9, and its difference from frame 7, on an 8 × 8 grid. */
  function features(count: number, seed: number, pairs: boolean): { x: Float64Array; y: number }[] {
    const side = 32;
    return Array.from({ length: count }, (_, i) => {
      const y = i % MOTION_CLASSES.length;
      const clip = renderMotionClip(new Random(seed, i), MOTION_CLASSES[y]!, { frames: 12, side });
      const x = new Float64Array(64);
      for (const [t, sign] of pairs
        ? ([
            [9, 1],
            [7, -1],
          ] as const)
        : ([[9, 1]] as const))
        for (let p = 0; p < side * side; p++) {
          const at = (t * side * side + p) * 3;
          const cell = Math.floor(Math.floor(p / side) / 4) * 8 + Math.floor((p % side) / 4);
          x[cell]! += (sign * (clip[at]! + clip[at + 1]! + clip[at + 2]!)) / (3 * 255 * 16);
        }
      return { x, y };
    });
  }

  /** Share of the second half that the class of the nearest neighbours in the first half tells rightly. */
  function neighbours(samples: { x: Float64Array; y: number }[]): number {
    const half = samples.length / 2;
    const known = samples.slice(0, half);
    let right = 0;
    for (const { x, y } of samples.slice(half)) {
      const near = known
        .map((one) => ({ y: one.y, d: one.x.reduce((sum, value, i) => sum + (value - x[i]!) ** 2, 0) }))
        .sort((a, b) => a.d - b.d)
        .slice(0, 15);
      const votes = MOTION_CLASSES.map((_, cls) => near.filter((one) => one.y === cls).length);
      if (votes.indexOf(Math.max(...votes)) === y) right++;
    }
    return right / half;
  }

  it('of one frame tell the class no better than chance; the change between two frames does', () => {
    // Chance is 1/6 = 0.167; of 900 guesses by chance, 0.215 are right once in 10,000 times.
    expect(neighbours(features(1800, 11, false))).toBeLessThan(0.215);
    // The same classifier on how two frames differ: the measure itself can tell.
    expect(neighbours(features(1800, 11, true))).toBeGreaterThan(0.215);
  });

  it('do not depend on the class but for the motion: the first frames of the same draw are the same', () => {
    const [first, ...others] = MOTION_CLASSES.map((cls) =>
      renderMotionClip(new Random(5, 5), cls, { frames: 2, side: 32 }).subarray(0, 32 * 32 * 3),
    );
    for (const other of others) expect(other).toEqual(first);
  });

  it('are the same for the same seed, and other ones for another', () => {
    const clip = (stream: number) => renderMotionClip(new Random(3, stream), 'growing', { frames: 3, side: 32 });
    expect(clip(1)).toEqual(clip(1));
    expect(clip(1)).not.toEqual(clip(2));
  });
});
