import { expect, test } from 'vitest';
import { float16Bits, float16Numbers } from '../../src/base/float16.ts';

test('every float16 keeps its bits through float32', () => {
  const all = Uint16Array.from({ length: 0x10000 }, (_, half) => half);
  const back = float16Bits(float16Numbers(all));
  const isNaN16 = (half: number) => (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0;
  for (const half of all) {
    if (isNaN16(half)) expect(isNaN16(back[half]!), half.toString(16)).toBe(true);
    else expect(back[half], half.toString(16)).toBe(half);
  }
});

test.each([
  ['one', 1, 0x3c00],
  ['the largest', 65504, 0x7bff],
  ['just below what rounds to infinity', 65519.996, 0x7bff],
  ['what rounds to infinity', 65520, 0x7c00],
  ['far too large', -1e30, 0xfc00],
  ['half way, to even below', 1 + 2 ** -11, 0x3c00],
  ['half way, to even above', 1 + 3 * 2 ** -11, 0x3c02],
  ['just above half way', 1 + 2 ** -11 + 2 ** -20, 0x3c01],
  ['the smallest normal', 2 ** -14, 0x0400],
  ['below it, rounded up to it', 2 ** -14 - 2 ** -26, 0x0400],
  ['the smallest', 2 ** -24, 1],
  ['half of the smallest, to even', 2 ** -25, 0],
  ['just above half of the smallest', 2 ** -25 + 2 ** -40, 1],
  ['nothing', -0, 0x8000],
])('%s', (_, number, expected) => {
  expect(float16Bits(Float32Array.of(number))[0]).toBe(expected);
});
