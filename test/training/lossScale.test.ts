import { expect, test } from 'vitest';
import { canShrink, initialLossScale, nextLossScale } from '../../src/training/lossScale.ts';

test.each([
  { before: initialLossScale, finite: true, after: { scale: 65536, goodSteps: 1 } },
  { before: { scale: 65536, goodSteps: 1998 }, finite: true, after: { scale: 65536, goodSteps: 1999 } },
  { before: { scale: 65536, goodSteps: 1999 }, finite: true, after: { scale: 131072, goodSteps: 0 } },
  { before: { scale: 2 ** 24, goodSteps: 1999 }, finite: true, after: { scale: 2 ** 24, goodSteps: 0 } },
  { before: { scale: 65536, goodSteps: 1500 }, finite: false, after: { scale: 32768, goodSteps: 0 } },
  { before: { scale: 1, goodSteps: 0 }, finite: false, after: { scale: 1, goodSteps: 0 } },
])('$before, finite: $finite', ({ before, finite, after }) => {
  expect(nextLossScale(before, finite)).toEqual(after);
  expect(canShrink(before)).toBe(before.scale > 1);
});
