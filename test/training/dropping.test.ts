import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { keptBranches, keptFeatures } from '../../src/training/dropping.ts';

const mean = (data: Float32Array) => data.reduce((sum, value) => sum + value, 0) / data.length;

test('stochastic depth drops more in later blocks, and keeps the expectation', () => {
  const [depth, samples, rate] = [5, 20_000, 0.4];
  const kept = keptBranches(new Random(1), rate, depth, samples);
  expect(kept.length).toBe(3 * depth * samples);
  for (let row = 0; row < 3 * depth; row++) {
    const own = (rate * Math.floor(row / 3)) / (depth - 1);
    const part = kept.subarray(row * samples, (row + 1) * samples);
    expect(new Set(part).size).toBe(own === 0 ? 1 : 2);
    expect(part.filter((value) => value === 0).length / samples).toBeCloseTo(own, 1);
    expect(mean(part)).toBeCloseTo(1, 1);
  }
});

test.each([
  { rate: 0, zeros: 0 },
  { rate: 0.25, zeros: 0.25 },
])('features dropped at $rate', ({ rate, zeros }) => {
  const kept = keptFeatures(new Random(1), rate, 100, 100);
  expect(kept.filter((value) => value === 0).length / kept.length).toBeCloseTo(zeros, 1);
  expect(mean(kept)).toBeCloseTo(1, 1);
});

test('one block has the whole rate', () => {
  expect(new Set(keptBranches(new Random(1), 0.5, 1, 100))).toEqual(new Set([0, 2]));
});
