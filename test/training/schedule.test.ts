import { expect, test } from 'vitest';
import { learningRate, type Schedule } from '../../src/training/schedule.ts';

const cosine: Schedule['schedule'] = { name: 'cosine', milestones: [], gamma: 0.1, minimumRate: 0 };
function rate(step: number, change: Partial<Schedule>): number {
  const plain = {
    epochs: 10,
    stepsPerEpoch: 10,
    batchSize: 8,
    optimizer: { learningRate: 2 },
    warmUp: 0.1,
    schedule: cosine,
  };
  return learningRate(step, { ...plain, ...change });
}

test.each<[number, Partial<Schedule>, number]>([
  [0, {}, 2 / 10],
  [9, {}, 2],
  [10, {}, 2],
  [55, {}, 1],
  [0, { warmUp: 0 }, 2],
  [0, { epochs: 1, stepsPerEpoch: 1, warmUp: 0.5 }, 2],
  [55, { schedule: { ...cosine, minimumRate: 0.5 } }, 1.25],
  [0, { schedule: { ...cosine, minimumRate: 0.5 } }, 0.2], // warm-up starts below it
  [55, { schedule: { ...cosine, minimumRate: 3 } }, 2], // never above the peak
])('cosine: step %i with %j: %f', (step, change, expected) => expect(rate(step, change)).toBeCloseTo(expected, 10));

const milestones = (at: number[]): Partial<Schedule> => ({
  schedule: { name: 'step', milestones: at, gamma: 0.1, minimumRate: 0.01 },
});
test.each<[number, number[], number]>([
  [0, [0.5], 0.2],
  [49, [0.5], 2],
  [50, [0.5], 0.2],
  [39, [4, 8], 2],
  [40, [4, 8], 0.2],
  [79, [8, 4], 0.2],
  [80, [8, 4], 0.02],
  [99, [4, 6, 8], 0.01], // the minimum
  [99, [], 2],
])('step: step %i, milestones %j: %f', (step, at, expected) =>
  expect(rate(step, milestones(at))).toBeCloseTo(expected, 10),
);

test('the cosine is never zero in a step that is made, and falls after the warm-up', () => {
  const rates = Array.from({ length: 100 }, (_, step) => rate(step, {}));
  expect(Math.min(...rates)).toBeGreaterThan(0);
  for (let i = 11; i < 100; i++) expect(rates[i]).toBeLessThan(rates[i - 1]!);
});
