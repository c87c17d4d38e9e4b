import { expect, test } from 'vitest';
import { MixedSampler } from '../../src/training/sampler.ts';

test.each([
  { sizes: [600, 300, 600], draws: 30_000 },
  { sizes: [28, 400], draws: 30_000 },
  { sizes: [1, 1, 1, 1], draws: 8_000 },
])('datasets of $sizes are drawn in proportion to their sizes', ({ sizes, draws }) => {
  const sampler = new MixedSampler(sizes, 3, 1);
  const counts = sizes.map(() => 0);
  for (const { dataset } of sampler.draw(draws)) counts[dataset]!++;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const chiSquare = sizes.reduce(
    (sum, size, d) => sum + (counts[d]! - (draws * size) / total) ** 2 / ((draws * size) / total),
    0,
  );
  // The 99.9 % point of chi-square with 3 degrees of freedom; fewer degrees have a lower one.
  expect(chiSquare).toBeLessThan(16.27);
});

test('inside a dataset every sample comes once before any comes again', () => {
  const sampler = new MixedSampler([10], 5, 1);
  for (let epoch = 0; epoch < 3; epoch++) {
    const samples = sampler.draw(10).map(({ sample }) => sample);
    expect([...samples].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  }
});

test('a seed and a stream make the sequence', () => {
  const draw = (seed: number, stream: number) => new MixedSampler([50, 70], seed, stream).draw(40);
  expect(draw(1, 1)).toEqual(draw(1, 1));
  expect(draw(1, 1)).not.toEqual(draw(2, 1));
  expect(draw(1, 1)).not.toEqual(draw(1, 2));
});

test('batches mix datasets', () => {
  const sampler = new MixedSampler([500, 500], 9, 1);
  const mixed = Array.from({ length: 100 }, () => new Set(sampler.draw(32).map(({ dataset }) => dataset)).size);
  expect(mixed.every((datasets) => datasets === 2)).toBe(true);
});

test('an empty dataset is refused', () => {
  expect(() => new MixedSampler([5, 0], 1, 1)).toThrow('without samples');
});
