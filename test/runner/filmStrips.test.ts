// Small pictures of samples, with real media: what they show, and that they are made once.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Decoder } from '../../src/media/decoder.ts';
import { encodeImage } from '../../src/media/sharp.ts';
import { FilmStrips } from '../../src/runner/filmStrips.ts';
import { h264, makeClip } from '../media/fixtures.ts';

const never = new AbortController().signal;
const strips = new FilmStrips(undefined);
let decoder: Decoder;
let folder: string;
let video: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cover-strips-'));
  decoder = await Decoder.create({ workers: 1 });
  video = join(folder, 'clip.mp4');
  await makeClip(video, { width: 64, height: 36, extension: 'mp4', output: h264 });
  for (const [n, image] of [5, 60, 110, 200].entries())
    writeFileSync(await place(`frames/img_${n + 1}.png`), await encodeImage(grey(image), 32, 32, 'png'));
  writeFileSync(await place('tall.png'), await encodeImage(new Uint8Array(30 * 60 * 3).fill(90), 30, 60, 'png'));
  writeFileSync(await place('bad.mp4'), 'no video');
});
afterAll(async () => {
  await Promise.all([strips.close(), decoder.close()]);
  rmSync(folder, { recursive: true, force: true });
});

async function place(name: string): Promise<string> {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  return file;
}

function grey(level: number): Uint8Array {
  return new Uint8Array(32 * 32 * 3).fill(level);
}

const whole = { start: null, end: null };

/** Grey levels in the middle of each frame of a strip. */
async function levels(file: string, frames: number): Promise<number[]> {
  const { width, height } = statSize(file);
  const picture = await decoder.decode({ file, kind: 'image', ...whole, count: 1, shortSide: Math.min(width, height) });
  const each = picture.width / frames;
  return Array.from({ length: frames }, (_, i) => {
    const x = Math.floor((i + 0.5) * each);
    return picture.data[(Math.floor(picture.height / 2) * picture.width + x) * 3]!;
  });
}

function statSize(file: string): { width: number; height: number } {
  const [, width, height] = /-(\d+)x(\d+)\.jpg$/.exec(file)!;
  return { width: Number(width), height: Number(height) };
}

test('frames stand side by side in their order, evenly spaced', async () => {
  const found = await strips.strip(folder, { file: video, ...whole }, { frames: 1, width: 160 }, never);
  expect(found).toMatchObject({ frames: 1, width: 160, height: 90 });
  const two = await strips.strip(
    folder,
    { file: join(folder, 'frames'), ...whole, kind: 'video' },
    { frames: 2, width: 64 },
    never,
  );
  expect(two).toMatchObject({ frames: 2, width: 64, height: 32 });
  const [first = 0, second = 0] = await levels(two.file, 2);
  expect(Math.abs(first - 60)).toBeLessThan(6);
  expect(Math.abs(second - 200)).toBeLessThan(6);
  const late = await strips.strip(folder, { file: video, start: 1, end: 2 }, { frames: 1, width: 64 }, never);
  const early = await strips.strip(folder, { file: video, start: 0, end: 1 }, { frames: 1, width: 64 }, never);
  expect((await levels(late.file, 1))[0]! - (await levels(early.file, 1))[0]!).toBeGreaterThan(60);
});

test('an image is one frame, as tall as it is', async () => {
  const found = await strips.strip(
    folder,
    { file: join(folder, 'tall.png'), ...whole },
    { frames: 4, width: 60 },
    never,
  );
  expect(found).toMatchObject({ frames: 1, width: 60, height: 120 });
});

test('it is made once, and again where the file changed or the folder was emptied', async () => {
  const file = await place('again.png');
  writeFileSync(file, await encodeImage(grey(40), 32, 32, 'png'));
  const ask = () => strips.strip(folder, { file, ...whole }, { frames: 1, width: 32 }, never);
  const first = await ask();
  const made = statSync(first.file).ctimeMs;
  expect(await ask()).toEqual(first);
  const others = new FilmStrips(undefined);
  expect(await others.strip(folder, { file, ...whole }, { frames: 1, width: 32 }, never)).toEqual(first);
  expect(statSync(first.file).birthtimeMs).toBeLessThanOrEqual(made);
  utimesSync(file, new Date(), new Date(Date.now() + 5000));
  expect((await ask()).file).not.toBe(first.file);
  rmSync(join(folder, '.cover', 'thumbs'), { recursive: true });
  const again = await ask();
  expect(statSync(again.file).size).toBeGreaterThan(0);
  const both = await Promise.all(
    [1, 2, 3].map(() => strips.strip(folder, { file: video, ...whole }, { frames: 3, width: 99 }, never)),
  );
  expect(new Set(both.map((strip) => strip.file)).size).toBe(1);
  expect(readdirSync(join(folder, '.cover', 'thumbs'))).toHaveLength(2);
});

test('of a folder of frames it is made again where they were made anew in place', async () => {
  const clip = join(folder, 'anew');
  const write = async (level: number) => {
    for (const n of [1, 2, 3])
      writeFileSync(await place(`anew/${n}.png`), await encodeImage(grey(level), 32, 32, 'png'));
  };
  const frames = { pattern: '%d.png', first: 1, count: 3 };
  const ask = () =>
    strips.strip(folder, { file: clip, ...whole, kind: 'video', frames }, { frames: 1, width: 32 }, never);
  await write(40);
  const first = await ask();
  expect((await ask()).file).toBe(first.file);
  await write(200);
  expect(Math.abs((await levels((await ask()).file, 1))[0]! - 200)).toBeLessThan(6);
});

test.each([
  ['bad.mp4', 'unreadable-media'],
  ['nothing.mp4', 'unreadable-media'],
])('%s: %s', async (name, code) => {
  const asked = strips.strip(folder, { file: join(folder, name), ...whole }, { frames: 1, width: 64 }, never);
  await expect(asked).rejects.toMatchObject({ code });
});

test('an aborted one leaves nothing, and who asks next gets it', async () => {
  const controller = new AbortController();
  const size = { frames: 5, width: 200 };
  const asked = strips.strip(folder, { file: video, ...whole }, size, controller.signal);
  const beside = strips.strip(folder, { file: video, ...whole }, size, never);
  controller.abort();
  await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
  expect(await beside).toMatchObject({ frames: 5, width: 200 });
});
