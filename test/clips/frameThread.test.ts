// The thread that decodes says what a decoder says, keeps what it is told to keep, and ends with its owner's say-so.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CancelledError, UserError } from '../../src/base/errors.ts';
import { FrameThread } from '../../src/clips/frameThread.ts';
import type { ClipRequest } from '../../src/media/clip.ts';
import { Decoder } from '../../src/media/decoder.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cover-thread-'));
  await sharp({ create: { width: 30, height: 20, channels: 3, background: '#804020' } }).toFile(join(folder, 'a.png'));
  writeFileSync(join(folder, 'broken.png'), 'not a picture');
  writeFileSync(join(folder, 'file'), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const request = (name: string): ClipRequest => {
  return { file: join(folder, name), kind: 'image', start: null, end: null, count: 1, shortSide: 8 };
};

test('gives what a decoder gives, in memory that threads share, and keeps it on disk', async () => {
  const cache = join(folder, 'cache');
  const thread = await FrameThread.open({ decoder: { backend: 'core' }, cache: { folder: cache, limit: 1e6 } });
  const decoder = await Decoder.create({ backend: 'core' });
  const clip = await thread.decode(request('a.png'));
  expect(clip).toEqual(await decoder.decode(request('a.png')));
  expect(clip.data.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(thread.cacheProblem).toBeUndefined();
  expect(readdirSync(cache)).toHaveLength(1);
  expect(await thread.decode(request('a.png'))).toEqual(clip);
  await Promise.all([thread.close(), decoder.close()]);
});

test('errors stay what they are, and the thread goes on', async () => {
  const cache = { folder: join(folder, 'file'), limit: 1e6 };
  const thread = await FrameThread.open({ decoder: { backend: 'core' }, cache });
  expect(thread.cacheProblem).toContain('EEXIST');
  const error = await thread.decode(request('broken.png')).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UserError);
  expect(error).toMatchObject({ code: 'unreadable-media', file: join(folder, 'broken.png') });
  const stop = new AbortController();
  const stopped = thread.decode(request('a.png'), stop.signal);
  stop.abort();
  await expect(stopped).rejects.toBeInstanceOf(CancelledError);
  expect((await thread.decode(request('a.png'))).width).toBe(12);
  const left = thread.decode(request('a.png'));
  const [, outcome] = await Promise.all([thread.close(), left.catch((reason: unknown) => reason)]);
  expect(outcome).toBeInstanceOf(CancelledError);
  await expect(thread.decode(request('a.png'))).rejects.toBeInstanceOf(CancelledError);
});

test('is not opened where there is no decoder', async () => {
  const opened = FrameThread.open({ decoder: { ffmpeg: '/no/such/ffmpeg' } });
  await expect(opened).rejects.toMatchObject({ code: 'no-ffmpeg', file: '/no/such/ffmpeg' });
});
