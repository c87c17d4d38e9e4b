import { expect, test } from 'vitest';
import { MixedSampler } from '../../src/training/sampler.ts';

test.each([
  { sizes: [600, 300, 600], draws: 30_000 },
  { sizes: [28, 400], draws: 30_000 },
  { sizes: [1, 1, 1, 1], draws: 8_000 },
  { sizes: [28, 400, 3], shares: [1, 1, 1], draws: 30_000 },
  { sizes: [28, 400], shares: [0.25, 0.75], draws: 30_000 },
])('datasets of $sizes are drawn in proportion to their sizes, or to shares of $shares', ({ sizes, shares, draws }) => {
  const weights = shares ?? sizes;
  const sampler = new MixedSampler(sizes, 3, 1, undefined, shares);
  const counts = sizes.map(() => 0);
  for (const { dataset } of sampler.draw(draws)) counts[dataset]!++;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const chiSquare = weights.reduce(
    (sum, weight, d) => sum + (counts[d]! - (draws * weight) / total) ** 2 / ((draws * weight) / total),
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

test('a saved state goes on with the same sequence, at any place', () => {
  const sizes = [3, 7, 50];
  const whole = new MixedSampler(sizes, 4, 2).draw(200);
  for (const at of [0, 1, 17, 60, 199]) {
    const before = new MixedSampler(sizes, 4, 2);
    before.draw(at);
    const state = JSON.parse(JSON.stringify(before.save()));
    expect(new MixedSampler(sizes, 4, 2, state).draw(200 - at)).toEqual(whole.slice(at));
  }
});

test('the state of a million samples is a handful of numbers', () => {
  const sampler = new MixedSampler([1_000_000], 1, 1);
  sampler.draw(1000);
  expect(JSON.stringify(sampler.save()).length).toBeLessThan(200);
});

test('every pass has an order of its own', () => {
  const sampler = new MixedSampler([100], 5, 1);
  const passes = Array.from({ length: 5 }, () =>
    sampler
      .draw(100)
      .map(({ sample }) => sample)
      .join(),
  );
  expect(new Set(passes).size).toBe(5);
});

test('batches mix datasets', () => {
  const sampler = new MixedSampler([500, 500], 9, 1);
  const mixed = Array.from({ length: 100 }, () => new Set(sampler.draw(32).map(({ dataset }) => dataset)).size);
  expect(mixed.every((datasets) => datasets === 2)).toBe(true);
});

test('a dataset without a share is never drawn', () => {
  const drawn = new MixedSampler([5, 5, 5], 2, 1, undefined, [1, 0, 0]).draw(2000);
  expect(new Set(drawn.map(({ dataset }) => dataset))).toEqual(new Set([0]));
});

test('an empty dataset is refused', () => {
  expect(() => new MixedSampler([5, 0], 1, 1)).toThrow('without samples');
});
