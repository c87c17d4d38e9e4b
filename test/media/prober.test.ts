import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProber, type Prober } from '../../src/media/prober.ts';
import { encodeImage } from '../../src/media/sharp.ts';

let prober: Prober;
let folder: string;
beforeAll(() => {
  prober = createProber();
  folder = mkdtempSync(join(tmpdir(), 'cover probe-'));
});
afterAll(async () => {
  await prober.close();
  rmSync(folder, { recursive: true, force: true });
});

const clips = resolve(process.env.COVER_SAMPLES ?? '../shared/samples', 'clips');
describe.skipIf(!existsSync(clips))(`real clips (${clips}; skipped where COVER_SAMPLES has none)`, () => {
  test.each([
    ['rotated-0.mov', { codec: 'h264', width: 568, height: 320, rotation: 0, rate: 30 }],
    ['rotated-90.mov', { codec: 'h264', width: 320, height: 568, rotation: 90, rate: 30 }],
    ['rotated-180.mov', { codec: 'h264', width: 568, height: 320, rotation: 180, rate: 30 }],
    ['rotated-270.mov', { codec: 'h264', width: 320, height: 568, rotation: 270, rate: 30 }],
    [
      'kinetics-style-armwrestling.mp4',
      { codec: 'h264', width: 340, height: 256, rotation: 0, rate: 28, duration: 10 },
    ],
    ['h265_video.mp4', { codec: 'hevc', rotation: 0 }],
    ['av1_video.mkv', { codec: 'av1', rotation: 0 }],
    ['ucf101-style.avi', { codec: 'mpeg4', width: 320, height: 240, rotation: 0, rate: 25 }],
    ['nasa_13013.mp4', { codec: 'h264', width: 320, height: 180 }],
  ])('%s', async (name, expected) => {
    const facts = await prober.probe({ file: join(clips, name), kind: 'video' });
    expect(facts).toMatchObject(expected);
    expect(facts.duration).toBeGreaterThan(0);
  });

  test.skipIf(spawnSync('ffprobe', ['-version']).error)('the same as ffprobe (skipped without it)', async () => {
    for (const name of ['kinetics-style-pool.mp4', 'h264_10bits.mp4', 'av1_video.mkv', 'corrupted.mp4']) {
      const file = join(clips, name);
      const facts = await prober.probe({ file, kind: 'video' });
      const asked = 'format=duration:stream=codec_name,width,height,avg_frame_rate';
      const found = spawnSync('ffprobe', [
        '-v',
        'quiet',
        '-of',
        'json',
        '-select_streams',
        'v:0',
        '-show_entries',
        asked,
        file,
      ]);
      const { streams, format } = JSON.parse(String(found.stdout));
      const [above, below] = streams[0].avg_frame_rate.split('/').map(Number);
      const { codec, width, height, duration, rate } = facts;
      expect({ codec, width, height }).toEqual({
        codec: streams[0].codec_name,
        width: streams[0].width,
        height: streams[0].height,
      });
      expect(Math.abs(duration! - Number(format.duration))).toBeLessThan(0.011);
      expect(Math.abs(rate! - above / below)).toBeLessThan(0.011);
    }
  });
});

test('images and folders of frames', async () => {
  const png = await encodeImage(new Uint8Array(40 * 30 * 3), 40, 30, 'png');
  const jpeg = await encodeImage(new Uint8Array(40 * 30 * 3), 40, 30, 'jpeg');
  writeFileSync(join(folder, 'a [page=2].png'), png);
  writeFileSync(join(folder, 'img_00007.jpg'), jpeg);
  const size = { width: 40, height: 30, rotation: 0, duration: null, rate: null };
  expect(await prober.probe({ file: join(folder, 'a [page=2].png'), kind: 'image' })).toEqual({
    codec: 'png',
    ...size,
  });
  writeFileSync(join(folder, '50%_08.jpg'), jpeg);
  for (const frames of [
    { pattern: 'img_%05d.jpg', first: 7 },
    { pattern: '50%%_%02d.jpg', first: 8 },
  ])
    expect(await prober.probe({ file: folder, kind: 'video', frames })).toEqual({ codec: 'jpeg', ...size });
  const gone = { pattern: '50%%_%02d.jpg', first: 9 };
  await expect(prober.probe({ file: folder, kind: 'video', frames: gone })).rejects.toThrow('50%_09.jpg');
});

test.each([
  ['text.mp4', 'just text', 'video'],
  ['-i.mp4', '#EXTM3U\n/etc/passwd\n', 'video'],
  ['text.png', 'just text', 'image'],
] as const)('%s is no media file', async (name, text, kind) => {
  const file = join(folder, name);
  writeFileSync(file, text);
  await expect(prober.probe({ file, kind })).rejects.toMatchObject({ code: 'unreadable-media', file });
});

test.skipIf(process.platform === 'win32').each(['video', 'image'] as const)('a pipe is no %s', async (kind) => {
  const file = join(folder, `pipe of ${kind}`);
  expect(spawnSync('mkfifo', [file]).status).toBe(0);
  await expect(prober.probe({ file, kind })).rejects.toThrow('it is not a file');
});

test('probing that was called off asks nothing', async () => {
  const file = join(folder, 'gone.png');
  await expect(prober.probe({ file, kind: 'image' }, AbortSignal.abort())).rejects.toThrow('cancelled');
});

test('a file that is gone', async () => {
  const file = join(folder, 'gone.mp4');
  await expect(prober.probe({ file, kind: 'video' })).rejects.toMatchObject({ code: 'unreadable-media' });
});
