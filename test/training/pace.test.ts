import { expect, test } from 'vitest';
import { Pace } from '../../src/training/pace.ts';

/** Makes `steps` of `stepMs` after a first one of `firstMs`; returns how often a report was due, and what was left halfway. */
function run(steps: number, stepMs: number, firstMs = stepMs): { reports: number; halfway: number | null } {
  let time = 0;
  const pace = new Pace(steps, () => time);
  let reports = 0;
  let last = 0;
  let halfway: number | null = null;
  for (let i = 0; i < steps; i++) {
    time += i === 0 ? firstMs : stepMs;
    pace.count();
    if (i === steps / 2 - 1) halfway = pace.secondsLeft();
    if (time - last < pace.reportMs()) continue;
    reports++;
    last = time;
  }
  return { reports, halfway };
}

test.each([
  ['a minute', 600, 100],
  ['an hour', 36_000, 100],
  ['a day of slow steps', 8_640, 10_000],
  ['three weeks', 604_800, 3_000],
  ['a million fast steps', 1_000_000, 5],
])('%s: few reports, however long it takes', (_, steps, stepMs) => {
  const { reports } = run(steps, stepMs, 20_000);
  expect(reports).toBeLessThan(2200);
  expect(reports).toBeGreaterThan(Math.min(100, steps / 10));
});

test('the time left does not count what the first step prepared, nor pauses', () => {
  expect(run(100, 1000, 60_000).halfway).toBeCloseTo(50, 6);
  let time = 0;
  const pace = new Pace(10, () => time);
  expect(pace.secondsLeft()).toBeNull();
  pace.count();
  expect(pace.secondsLeft()).toBeNull();
  time += 31_000;
  pace.pause(30_000);
  pace.count();
  expect(pace.secondsLeft()).toBe(8);
});
