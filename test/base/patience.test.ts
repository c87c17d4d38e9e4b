import { expect, test } from 'vitest';
import { patience } from '../../src/base/patience.ts';

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('it expires once, after its limit', async () => {
  let expired = 0;
  patience(40, () => expired++);
  await wait(400);
  expect(expired).toBe(1);
});

test('called off, it never expires', async () => {
  let expired = 0;
  const callOff = patience(40, () => expired++);
  callOff();
  await wait(200);
  expect(expired).toBe(0);
});

test('time in which the process was blocked does not count', async () => {
  let expired = 0;
  const callOff = patience(400, () => expired++);
  const until = performance.now() + 1200; // three times the limit
  while (performance.now() < until);
  await new Promise((resolve) => setImmediate(resolve)); // an answer that had come meanwhile is read here
  await new Promise((resolve) => setImmediate(resolve));
  expect(expired).toBe(0);
  callOff();
});
