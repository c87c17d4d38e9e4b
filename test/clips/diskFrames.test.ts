// Frames on disk: what was decoded comes back to the byte, and nothing else ever does.
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { CachedDecoder } from '../../src/clips/cachedDecoder.ts';
import { DiskFrames } from '../../src/clips/diskFrames.ts';
import { FrameStore } from '../../src/clips/frameStore.ts';
import type { ClipRequest, DecodedClip } from '../../src/media/clip.ts';
import { Decoder } from '../../src/media/decoder.ts';

const made: string[] = [];
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cover-frames-'));
  made.push(folder);
});
afterAll(() => {
  for (const one of made) rmSync(one, { recursive: true, force: true });
});

const clip = (level: number, more: Partial<DecodedClip> = {}): DecodedClip => {
  return {
    ...{ width: 20, height: 10, frames: 2, data: new Uint8Array(1200).fill(level), frameOf: Uint16Array.of(0, 1, 1) },
    duration: 1.5,
    ...more,
  };
};
const name = (n: number) => `${n}.frames`;
const files = () => readdirSync(folder);

test.each([clip(7), clip(9, { warning: 'Only a part of it could be decoded: “é”.', duration: null })])(
  'what is kept comes back, also in another process',
  async (kept) => {
    const cache = await DiskFrames.open(folder, 1e6);
    await cache.write(name(1), kept);
    expect(await cache.read(name(1))).toEqual(kept);
    const other = await DiskFrames.open(folder, 1e6);
    expect(await other.read(name(1))).toEqual(kept);
    expect(await other.read(name(2))).toBeUndefined();
    await cache.write(name(2), clip(3));
    expect(await other.read(name(2))).toEqual(clip(3));
  },
);

test.each<[string, (file: string) => void]>([
  ['cut off', (file) => truncateSync(file, 700)],
  ['emptied', (file) => truncateSync(file, 0)],
  [
    'changed in one bit',
    (file) => {
      const bytes = readFileSync(file);
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(file, bytes);
    },
  ],
  ['replaced', (file) => writeFileSync(file, 'something else altogether, of some length: '.repeat(40))],
  ['removed', (file) => rmSync(file)],
])('an entry that is %s is as if it were not there, and can be written again', async (_, damage) => {
  const cache = await DiskFrames.open(folder, 1e6);
  await cache.write(name(1), clip(5));
  damage(join(folder, name(1)));
  expect(await cache.read(name(1))).toBeUndefined();
  expect(files()).toEqual([]);
  await cache.write(name(1), clip(6));
  expect(await cache.read(name(1))).toEqual(clip(6));
});

test('two processes write and read the same entries at once, within the limit', async () => {
  const limit = 20_000;
  const caches = [await DiskFrames.open(folder, limit), await DiskFrames.open(folder, limit)];
  await Promise.all(
    Array.from({ length: 60 }, async (_, i) => {
      const cache = caches[i % 2]!;
      await cache.write(name(i % 25), clip(i % 25));
      const found = await cache.read(name((i * 7) % 25));
      if (found) expect(found).toEqual(clip((i * 7) % 25));
    }),
  );
  await caches[0]!.write(name(1), clip(1));
  const bytes = files().reduce((sum, one) => sum + statSync(join(folder, one)).size, 0);
  expect(bytes).toBeLessThanOrEqual(limit * 1.1);
  expect(files().every((one) => one.endsWith('.frames'))).toBe(true);
});

test('the least recently used go first, and what is larger than the limit is not kept', async () => {
  const one = await DiskFrames.open(folder, 1e6);
  for (let i = 0; i < 8; i++) {
    await one.write(name(i), clip(i));
    utimesSync(join(folder, name(i)), 1000 + i, 1000 + i);
  }
  const size = statSync(join(folder, name(0))).size;
  await one.read(name(0));
  const small = await DiskFrames.open(folder, 5 * size);
  expect(files().sort()).toEqual([name(0), name(5), name(6), name(7)].sort());
  expect(small.bytes).toBe(4 * size);
  const tiny = await DiskFrames.open(folder, size);
  await tiny.write(name(9), clip(9));
  expect(files()).toEqual([]);
});

test('what a crash left half written is cleared, what is being written now is not', async () => {
  for (const part of ['old.part', 'new.part']) writeFileSync(join(folder, part), 'half');
  utimesSync(join(folder, 'old.part'), 1000, 1000);
  await DiskFrames.open(folder, 1e6);
  expect(files()).toEqual(['new.part']);
});

test('the name follows the file and everything that is asked of it', async () => {
  const file = join(folder, 'a.png');
  writeFileSync(file, 'one');
  const cache = await DiskFrames.open(join(folder, 'cache'), 1e6);
  const request: ClipRequest = { file, kind: 'video', start: null, end: null, count: 4, shortSide: 8 };
  const names = [
    await cache.nameOf(request),
    await cache.nameOf({ ...request, count: 8 }),
    await cache.nameOf({ ...request, start: 1 }),
    await cache.nameOf({ ...request, pattern: { name: 'whole' } }),
  ];
  expect(await cache.nameOf({ ...request })).toBe(names[0]);
  writeFileSync(file, 'two, longer');
  names.push(await cache.nameOf(request));
  expect(new Set(names).size).toBe(5);
  expect(await cache.nameOf({ ...request, file: join(folder, 'missing') })).toBeUndefined();
});

test('a store takes from the disk what an earlier one decoded, though the file cannot be read any more', async () => {
  const file = join(folder, 'a.png');
  await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } }).toFile(file);
  const cache = join(folder, 'cache');
  const decoder = await Decoder.create({ backend: 'core' });
  const store = async () =>
    new FrameStore(new CachedDecoder(decoder, await DiskFrames.open(cache, 1e6)), {
      count: 1,
      shortSide: 8,
      limit: 1e6,
    });
  const split = { dataset: 'd', split: 'train', label: 'x' };
  const sample = { id: 'd/a.png', ...split, file, kind: 'image', start: null, end: null } as const;
  utimesSync(file, 1000, 1000);
  const decoded = await (await store()).get(sample);
  const { size } = statSync(file);
  writeFileSync(file, 'x'.repeat(size)); // of the same size and time, so that only the cache knows the picture
  expect(await (await store()).get({ ...sample, id: 'd/b.png' }).catch(String)).toMatch(/could not be decoded/);
  utimesSync(file, 1000, 1000);
  expect(await (await store()).get(sample)).toEqual(decoded);
  await decoder.close();
});
