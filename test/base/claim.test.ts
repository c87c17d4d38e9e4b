import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { withClaim } from '../../src/base/claim.ts';
import { UserError } from '../../src/base/errors.ts';

const root = mkdtempSync(join(tmpdir(), 'cover-test-'));
const file = join(root, 'claim');
const dead = spawnSync(process.execPath, ['-e', '0']).pid;
const claim = {
  file,
  staleMs: 60_000,
  waitMs: 10_000,
  taken: () => new UserError('taken', 'It is taken.'),
  unwritableCode: 'claim-unwritable',
};

beforeEach(() => rmSync(file, { force: true }));
afterAll(() => rmSync(root, { recursive: true }));

test.each([
  ['nobody', undefined],
  ['a dead process', JSON.stringify({ pid: dead, host: hostname(), time: Date.now() })],
  ['a process of another computer, long ago', JSON.stringify({ pid: 1, host: 'other', time: Date.now() - 3_600_000 })],
])('held by %s: those that want it hold it one after the other', async (_, text) => {
  if (text !== undefined) writeFileSync(file, text);
  let holders = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++holders);
    await pause(1);
    holders--;
  };
  const often = async () => {
    for (let turn = 0; turn < 10; turn++) await withClaim(claim, work);
  };
  await Promise.all(Array.from({ length: 12 }, often));
  expect(most).toBe(1);
  expect(readdirSync(root)).toEqual([]);
});

test('one of a living process is waited for, and for no longer than said', async () => {
  writeFileSync(file, JSON.stringify({ pid: process.ppid, host: hostname(), time: Date.now() }));
  const begun = performance.now();
  await expect(withClaim({ ...claim, waitMs: 200 }, async () => 1)).rejects.toMatchObject({ code: 'taken' });
  expect(performance.now() - begun).toBeGreaterThan(190);
  setTimeout(() => rmSync(file), 100);
  expect(await withClaim(claim, async () => 1)).toBe(1);
});

test('a claim that another took over is left to it', async () => {
  const other = JSON.stringify({ pid: process.ppid, host: hostname(), time: Date.now() });
  await withClaim(claim, async () => writeFileSync(file, other));
  expect(existsSync(file)).toBe(true);
});

test('work that fails gives it back', async () => {
  await expect(withClaim(claim, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(file)).toBe(false);
});
