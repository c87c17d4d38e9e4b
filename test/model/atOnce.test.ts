// How many samples go through a model at once.
import { expect, test } from 'vitest';
import { partsAtOnce, samplesAtOnce, tokensAtOnce } from '../../src/model/atOnce.ts';

const model = { imageSize: 224, patchSize: 16 };

test.each([
  [1, 10],
  [2, 5],
  [8, 1],
  [16, 1], // more tokens than a part should have: a sample is never cut
])('of samples of %i frames, %i are computed at once', (frames, most) => {
  expect(samplesAtOnce(model, frames, 'host')).toBe(most);
  expect(samplesAtOnce(model, frames, 'device')).toBe(Number.POSITIVE_INFINITY);
  expect(most === 1 || most * frames * 196 <= tokensAtOnce).toBe(true);
});

test.each([
  [1, 10, [1]],
  [10, 10, [10]],
  [11, 10, [5, 6]],
  [32, 10, [8, 8, 8, 8]],
  [3, 1, [1, 1, 1]],
  [7, Number.POSITIVE_INFINITY, [7]],
])('%i samples, at most %d at once', (samples, most, sizes) => {
  const parts = partsAtOnce(samples, most);
  expect(parts.map(({ start, end }) => end - start)).toEqual(sizes);
  expect(parts.map(({ start }) => start)).toEqual([0, ...parts.slice(0, -1).map(({ end }) => end)]);
});
