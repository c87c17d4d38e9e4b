import { expect, it } from 'vitest';
import { type Counted, paced } from '../../src/base/paced.ts';

it('tells the first and the last count of each name, and few between, with rate and time left', () => {
  let time = 1000;
  const told: [string, Counted][] = [];
  const count = paced(
    (name, counted) => told.push([name, counted]),
    () => time,
  );
  for (let done = 0; done <= 100; done++) {
    count('moves', done, 100);
    time += 20;
  }
  count('shapes', 1, 1);
  const moves = told.filter(([name]) => name === 'moves').map(([, counted]) => counted);
  expect(moves[0]).toEqual({ done: 0, total: 100, rate: 0, eta: null });
  expect(moves.at(-1)).toEqual({ done: 100, total: 100, rate: 50, eta: 0 });
  expect(moves.find(({ done }) => done === 50)).toEqual({ done: 50, total: 100, rate: 50, eta: 1 });
  expect(moves).toHaveLength(21); // every 100 ms of 2000
  expect(told.at(-1)).toEqual(['shapes', { done: 1, total: 1, rate: 0, eta: null }]);
});
