// A run's own folder, with copies of somebody's media in it, is gone when the run is over, called off or killed.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FrameThread } from '../../src/clips/frameThread.ts';
import { createFfmpeg, requireFfmpeg } from '../../src/media/ffmpeg.ts';
import { findNative } from '../../src/media/findNative.ts';
import { NativeFfmpeg } from '../../src/media/nativeFfmpeg.ts';
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

  test.skipIf(process.platform === 'win32')('one that was checked is not started to be checked again', async () => {
    const own = mkdtempSync(join(folder, 'own-'));
    const [program, log] = [join(own, 'my ffmpeg'), join(own, 'log')];
    const write = (command: string) =>
      writeFileSync(program, `#!/bin/sh\necho "$*" >> "${log}"\nexec ${command} "$@"\n`, { mode: 0o755 });
    const starts = () => readFileSync(log, 'utf8').trim().split('\n').length;
    write('ffmpeg');
    await requireFfmpeg(program);
    await (await createFfmpeg({ ffmpeg: program })).close();
    const thread = await FrameThread.open({ decoder: { ffmpeg: program } }); // of training: another thread
    await thread.close();
    expect(starts()).toBe(1);
    write('true'); // is none
    await expect(requireFfmpeg(program)).rejects.toMatchObject({ code: 'no-ffmpeg' });
    await expect(createFfmpeg({ ffmpeg: program })).rejects.toMatchObject({ code: 'no-ffmpeg' });
    write('ffmpeg  ');
    await requireFfmpeg(program);
    expect(starts()).toBe(4);
    rmSync(own, { recursive: true });
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
