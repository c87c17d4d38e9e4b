import { describe, expect, test } from 'vitest';
import { type Mix, mixOf, mixPair } from '../../src/training/mixing.ts';

const size = 16;
const off = { mixup: 0, cutmix: 0, mixupProbability: 1 };
const mixes = (settings: Partial<typeof off>, count = 4000) =>
  Array.from({ length: count }, (_, seed) => mixOf(seed, { ...off, ...settings }, size));

describe('what happens to a sample', () => {
  test('nothing, where both are off or chance says so', () => {
    expect(new Set(mixes({}, 50))).toEqual(new Set([undefined]));
    expect(new Set(mixes({ mixup: 1, mixupProbability: 0 }, 50))).toEqual(new Set([undefined]));
    const half = mixes({ mixup: 1, mixupProbability: 0.5 }).filter((mix) => mix).length;
    expect(half).toBeGreaterThan(1800);
    expect(half).toBeLessThan(2200);
  });

  test('the same seed gives the same mix', () => {
    expect(mixes({ mixup: 0.8, cutmix: 1 }, 50)).toEqual(mixes({ mixup: 0.8, cutmix: 1 }, 50));
  });

  test.each([0.2, 0.8, 1, 4])('mixup shares follow Beta(%f, %f)', (alpha) => {
    const shares = mixes({ mixup: alpha }).map((mix) => mix!.share);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
    expect(mean).toBeCloseTo(0.5, 1);
    expect(variance / (1 / (4 * (2 * alpha + 1)))).toBeCloseTo(1, 0.5);
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
  });

  test('a tiny alpha leaves numbers', () => {
    expect(mixes({ mixup: 1e-4 }, 200).every((mix) => mix!.share >= 0 && mix!.share <= 1)).toBe(true);
  });

  test('cutmix: the share is what is seen, and the box lies inside', () => {
    for (const mix of mixes({ cutmix: 1 })) {
      const { top, bottom, left, right } = mix!.box!;
      expect(top >= 0 && top <= bottom && bottom <= size && left >= 0 && left <= right && right <= size).toBe(true);
      expect(mix!.share).toBeCloseTo(1 - ((bottom - top) * (right - left)) / size ** 2, 12);
    }
  });

  test('with both on, each is used about half of the time', () => {
    const cut = mixes({ mixup: 0.8, cutmix: 1 }).filter((mix) => mix!.box).length;
    expect(cut).toBeGreaterThan(1800);
    expect(cut).toBeLessThan(2200);
  });
});

describe('a pair', () => {
  const shape = { planes: 2, size: 2, classes: 2 };
  /** Two samples in one buffer: all pixels 1 and all 3, labels 0 and 1. */
  function pair(mixesOfBoth: [Mix | undefined, Mix | undefined]) {
    const pixels = new Float32Array(16).fill(1, 0, 8).fill(3, 8);
    const target = Float32Array.of(1, 0, 0, 1);
    const row = (i: number) => ({ pixels, pixelsAt: 8 * i, target, targetAt: 2 * i });
    mixPair(row(0), row(1), mixesOfBoth, shape);
    return { a: [...pixels.slice(0, 8)], b: [...pixels.slice(8)], targets: [...target] };
  }

  test('is blended, each by its own share of what both were', () => {
    const { a, b, targets } = pair([{ share: 0.75 }, { share: 0.5 }]);
    expect(a).toEqual(new Array(8).fill(1.5));
    expect(b).toEqual(new Array(8).fill(2));
    expect(targets).toEqual([0.75, 0.25, 0.5, 0.5]);
  });

  test('one may stay as it is', () => {
    const { a, b, targets } = pair([undefined, { share: 0 }]);
    expect(a).toEqual(new Array(8).fill(1));
    expect(b).toEqual(new Array(8).fill(1));
    expect(targets).toEqual([1, 0, 1, 0]);
  });

  test('a box is the same in every plane', () => {
    const box = { top: 0, bottom: 1, left: 1, right: 2 };
    const { a, b, targets } = pair([{ share: 0.75, box }, undefined]);
    expect(a).toEqual([1, 3, 1, 1, 1, 3, 1, 1]);
    expect(b).toEqual(new Array(8).fill(3));
    expect(targets).toEqual([0.75, 0.25, 0, 1]);
  });
});
