// What an ffmpeg writes: whole to the byte, however it comes, and no more than is allowed.
import { afterAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { createFfmpeg } from '../../src/media/ffmpeg.ts';
import type { Ffmpeg } from '../../src/media/ffmpegJob.ts';
import { GrowingBytes } from '../../src/media/growingBytes.ts';
import { readPpm } from '../../src/media/ppm.ts';
import { backends } from './fixtures.ts';

const random = new Random(1);
const noise = (length: number) => Uint8Array.from({ length }, () => random.below(256));

it.each([
  [[3, 0, 5], 8],
  [[2 ** 23, 1], 2 ** 23 + 1],
  [[2 ** 23 - 1, 2, 2 ** 24], 2 ** 26],
])('chunks of %j bytes, of %i at most, are together', (lengths, most) => {
  const growing = new GrowingBytes(most);
  const chunks = lengths.map((length) => noise(Math.min(length, 1000)).slice(0, length));
  for (const [i, length] of lengths.entries()) {
    const chunk = new Uint8Array(length);
    chunk.set(chunks[i]!);
    expect(growing.add(chunk)).toBe(true);
    chunk.fill(0); // it may be used for others
  }
  const { bytes } = growing;
  expect(bytes.length).toBe(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const [i, length] of lengths.entries()) {
    expect(Buffer.compare(bytes.subarray(at, at + chunks[i]!.length), chunks[i]!)).toBe(0);
    at += length;
  }
  expect(growing.add(new Uint8Array(most - bytes.length + 1))).toBe(false);
  expect(growing.bytes.length).toBe(bytes.length);
});

it('frames of a PPM stream are moved together, and cut out of it as they were', () => {
  const frames = [noise(6 * 5 * 3), noise(6 * 5 * 3), noise(6 * 5 * 3)];
  const stream = Buffer.concat(frames.flatMap((frame) => [Buffer.from('P6\n6 5\n255\n'), frame]));
  const images = readPpm(stream)!;
  expect(Buffer.compare(images.data, Buffer.concat(frames))).toBe(0);
  const one = images.data.slice(90, 180);
  stream.fill(0);
  expect(Buffer.compare(one, frames[1]!)).toBe(0);
});

describe.each(backends)('%s', (backend) => {
  let ffmpeg: Ffmpeg;
  afterAll(() => ffmpeg.close());
  const frame = 640 * 360 * 3;

  it.each([
    [40, 40 * frame, 'exit'],
    [40, 40 * frame - 1, 'too-big'],
    [1, frame, 'exit'],
    [1, 0, 'too-big'],
    [3, 2 ** 30, 'exit'],
  ])('%i frames into %i bytes: %s', async (frames, maxBytes, ended) => {
    ffmpeg ??= await createFfmpeg({ backend });
    const bytes = noise(1000);
    const video = new Uint8Array(frames * frame);
    for (let at = 0; at < video.length; at += 7001) video.set(bytes.subarray(0, Math.min(1000, video.length - at)), at);
    const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', '640x360'];
    const outcome = await ffmpeg.run({
      input: { bytes: video },
      arguments: ['-loglevel', 'level+error', ...raw, '-i', '{input}', ...raw, '{output}'],
      maxBytes,
      timeoutMs: 60_000,
    });
    expect(outcome.ended).toBe(ended);
    if (ended === 'exit') expect(Buffer.compare(outcome.bytes, video)).toBe(0);
    else expect(outcome.bytes.length).toBeLessThanOrEqual(maxBytes);
  });
});
