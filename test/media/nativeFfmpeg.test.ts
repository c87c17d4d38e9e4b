// A run's own folder, with copies of somebody's media in it, is gone when the run is over, called off or killed.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findNative, NativeFfmpeg } from '../../src/media/nativeFfmpeg.ts';
import { hasNative } from './fixtures.ts';

const before = { TMPDIR: process.env.TMPDIR, TEMP: process.env.TEMP };
const folder = mkdtempSync(join(tmpdir(), 'cover-native-'));
beforeAll(() => {
  Object.assign(process.env, { TMPDIR: folder, TEMP: folder }); // the tests of a file run in a process of their own
});
afterAll(() => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Goes on for a minute. */
const job = {
  input: { many: [new Uint8Array(1000)] },
  arguments: ['-re', '-f', 'lavfi', '-i', 'testsrc=d=60', '-f', 'image2pipe', '-c:v', 'ppm', '{folder}/out.ppm'],
  maxBytes: 0,
  timeoutMs: 120_000,
};

describe.skipIf(!hasNative)('a native ffmpeg (skipped without one)', () => {
  test('its files are gone when it is closed, and nothing is begun any more', async () => {
    const ffmpeg = new NativeFfmpeg((await findNative())!);
    const stop = new AbortController();
    const running = ffmpeg.run(job, stop.signal).catch((error: Error) => error.message);
    await expect
      .poll(() => readdirSync(folder).flatMap((name) => readdirSync(join(folder, name))))
      .toContain('out.ppm');
    const late = ffmpeg.run(job).catch((error: Error) => error.message);
    stop.abort();
    await ffmpeg.close();
    expect(readdirSync(folder)).toEqual([]);
    expect(await Promise.all([running, late])).toEqual([
      expect.stringContaining('cancelled'),
      expect.stringContaining('cancelled'),
    ]);
  });

  test('what a killed process left is removed', async () => {
    const made = {
      [`cover-ffmpeg-${2 ** 22 + 1}-abcdef`]: 2,
      [`cover-ffmpeg-${2 ** 22 + 1}-fresh`]: 0,
      [`cover-ffmpeg-${process.pid}-abcdef`]: 2,
      'cover-ffmpeg-else': 2,
    };
    for (const [name, hours] of Object.entries(made)) {
      const time = Date.now() / 1000 - hours * 3600;
      mkdirSync(join(folder, name));
      utimesSync(join(folder, name), time, time);
    }
    const ffmpeg = new NativeFfmpeg((await findNative())!);
    const kept = Object.keys(made).slice(1).sort();
    await expect.poll(() => readdirSync(folder).sort()).toEqual(kept);
    await ffmpeg.close();
  });
});
