import { expect, test } from 'vitest';
import { learningRate } from '../../src/training/schedule.ts';

test.each([
  [0, 100, 0.1, 1 / 10],
  [9, 100, 0.1, 1],
  [10, 100, 0.1, 1],
  [55, 100, 0.1, 0.5],
  [0, 100, 0, 1],
  [0, 1, 0.5, 1],
])('step %i of %i, warm-up %f: %f of the peak', (step, steps, warmUp, share) => {
  expect(learningRate(step, steps, 2, warmUp)).toBeCloseTo(2 * share, 10);
});

test('it is never zero in a step that is made, and falls after the warm-up', () => {
  const rates = Array.from({ length: 50 }, (_, step) => learningRate(step, 50, 1, 0.1));
  expect(Math.min(...rates)).toBeGreaterThan(0);
  for (let i = 6; i < 50; i++) expect(rates[i]).toBeLessThan(rates[i - 1]!);
});
