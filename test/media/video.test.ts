// Which frames of a video become the candidates, for both kinds of ffmpeg: clips whose every frame tells its number.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClipRequest, Decoder } from '../../src/media/decoder.ts';
import { decodeVideo } from '../../src/media/decodeVideo.ts';
import { createFfmpeg } from '../../src/media/ffmpeg.ts';
import { backends, h264, type MadeClip, makeClip, marksOf, temporaryFolder, wholeClip } from './fixtures.ts';

const folder = temporaryFolder();
afterAll(() => rm(folder, { recursive: true, force: true }));

/** 16 frames, 8 a second: frame k is on the screen from k / 8 s on. */
const clips: Record<string, MadeClip> = {
  'plain.mp4': { output: h264, extension: 'mp4' },
  'plain.webm': { output: ['-c:v', 'libvpx', '-deadline', 'realtime', '-b:v', '1M'], extension: 'webm' },
  'plain.avi': { output: ['-c:v', 'mpeg4', '-q:v', '2'], extension: 'avi' },
  'plain.mkv': { output: h264, extension: 'mkv' },
  'plain.ts': { output: h264, extension: 'ts' },
  'b-frames.mp4': { output: [...h264, '-bf', '3', '-g', '16'], extension: 'mp4' },
  // Begins at 5 s, as cut streams do.
  'late.ts': { output: [...h264, '-output_ts_offset', '5'], extension: 'ts' },
  // Frame k is shown from k² / 64 s on.
  'variable.mkv': {
    output: ['-vf', 'settb=1/1000,setpts=N*N*1000/64', '-fps_mode', 'passthrough', '-enc_time_base', '1/1000', ...h264],
    extension: 'mkv',
  },
};

beforeAll(async () => {
  for (const [name, made] of Object.entries(clips)) await makeClip(join(folder, name), made);
});

describe.each(backends)('candidates with the %s ffmpeg', (backend) => {
  let decoder: Decoder;
  beforeAll(async () => {
    decoder = await Decoder.create({ backend });
  });
  afterAll(() => decoder.close());
  const marks = async (name: string, more: Partial<ClipRequest> = {}) =>
    marksOf(await decoder.decode(wholeClip(join(folder, name), more)));

  const odd = [1, 3, 5, 7, 9, 11, 13, 15];
  const upToTwelve = [0, 1, 2, 3, 4, 5, 6, 7];
  it.each<[string, Partial<ClipRequest>, number[]]>([
    // (i + 0.5) / 8 × 2 s = frame 2 i + 1, just as it appears
    ['plain.mp4', {}, odd],
    ['plain.webm', {}, odd],
    ['plain.avi', {}, odd],
    ['plain.mkv', {}, odd],
    ['plain.ts', {}, odd],
    ['b-frames.mp4', {}, odd],
    ['late.ts', {}, odd],
    ['plain.mp4', { count: 1 }, [8]],
    ['plain.mp4', { count: 3 }, [2, 8, 13]],
    ['plain.mp4', { count: 32 }, Array.from({ length: 32 }, (_, i) => i >> 1)],
    // half a second to one and a half: 0.5 + (i + 0.5) / 8
    ['plain.mp4', { start: 0.5, end: 1.5 }, [4, 5, 6, 7, 8, 9, 10, 11]],
    ['plain.webm', { start: 0.5, end: 1.5 }, [4, 5, 6, 7, 8, 9, 10, 11]],
    ['plain.avi', { start: 0.5, end: 1.5 }, [4, 5, 6, 7, 8, 9, 10, 11]],
    ['plain.ts', { start: 0.5, end: 1.5 }, [4, 5, 6, 7, 8, 9, 10, 11]],
    ['b-frames.mp4', { start: 1.25, end: 1.75 }, [10, 10, 11, 11, 12, 12, 13, 13]],
    ['plain.mp4', { start: null, end: 1 }, upToTwelve],
    ['plain.mp4', { start: 1.5, end: null, count: 4 }, [12, 13, 14, 15]],
    // Times count from the beginning of the file, also where that does not begin at 0.
    ['late.ts', { start: 0.5, end: 1.5 }, [4, 5, 6, 7, 8, 9, 10, 11]],
    // The last frame is shown as long as the median one, so to 3.516 + 0.234 = 3.75 s: at 0.47, 1.41, 2.34, 3.28 s
    ['variable.mkv', { count: 4 }, [5, 9, 12, 14]],
    ['variable.mkv', { start: 1, end: 2, count: 4 }, [8, 9, 10, 10]],
    // Counted in frames: 4 frames × stride 2 span 7 of the 16, so the centre one of 10 starts is 5.
    ['plain.mp4', { count: 4, pattern: { name: 'dense', clips: 1, stride: 2 } }, [5, 7, 9, 11]],
    ['plain.webm', { count: 6, pattern: { name: 'dense', clips: 2, stride: 1 } }, [3, 4, 5, 10, 11, 12]],
    ['plain.mp4', { count: 4, start: 0.5, end: 1.5, pattern: { name: 'dense', clips: 1, stride: 1 } }, [6, 7, 8, 9]],
    ['plain.avi', { count: 4, start: 1.5, end: 2, pattern: { name: 'dense', clips: 1, stride: 2 } }, [12, 14, 15, 15]],
    ['plain.mp4', { count: 4, pattern: { name: 'whole' } }, [0, 5, 10, 15]],
    ['variable.mkv', { count: 6, pattern: { name: 'whole' } }, [0, 3, 6, 9, 12, 15]],
    ['plain.ts', { count: 3, start: 0.5, end: 1.5, pattern: { name: 'whole' } }, [4, 8, 11]],
  ])('%s %j', async (name, more, expected) => {
    expect(await marks(name, more)).toEqual(expected);
  });

  it('passes over a cover picture, and takes the first of several videos', async () => {
    const file = join(folder, 'cover.mp4');
    const cover = [
      '-map',
      '0:v',
      '-map',
      '0:v',
      '-c:v:0',
      'mjpeg',
      '-filter:v:0',
      'select=eq(n\\,0)',
      '-disposition:v:0',
      'attached_pic',
    ];
    await makeClip(file, {
      output: [...cover, '-c:v:1', 'libx264', '-crf', '10', '-pix_fmt', 'yuv420p'],
      extension: 'mp4',
    });
    expect(marksOf(await decoder.decode(wholeClip(file)))).toEqual(odd);
    const two = join(folder, 'two.mkv');
    await makeClip(two, { output: ['-map', '0:v', '-map', '0:v', ...h264, '-filter:v:1', 'negate'], extension: 'mkv' });
    expect(marksOf(await decoder.decode(wholeClip(two)))).toEqual(odd);
  });

  it('gives each frame once, and says how long the clip is', async () => {
    const clip = await decoder.decode(wholeClip(join(folder, 'plain.mp4'), { count: 64 }));
    expect(clip.frames).toBe(16);
    expect([...clip.frameOf]).toEqual(Array.from({ length: 64 }, (_, i) => i >> 2));
    expect(clip.duration).toBeCloseTo(2, 3);
    expect(clip.data.length).toBe(16 * clip.width * clip.height * 3);
    expect(clip.warning).toBeUndefined();
  });

  it('takes the same frames where memory is short, by seeking and by a first look at the times', async () => {
    const ffmpeg = await createFfmpeg({ backend });
    await makeClip(
      join(folder, 'long.mp4'),
      { frames: 200, rate: 25, width: 32, height: 32, output: h264, extension: 'mp4' },
      slowRamp(200),
    );
    for (const request of [
      wholeClip(join(folder, 'long.mp4'), { count: 1 }), // 200 frames a candidate: seeks
      wholeClip(join(folder, 'long.mp4'), { count: 4 }), // 50 frames a candidate: two runs
      wholeClip(join(folder, 'long.mp4'), { count: 300 }), // more than ffmpeg's expressions are deep
      wholeClip(join(folder, 'long.mp4'), { count: 1, start: 0.5, end: 7.5 }),
      wholeClip(join(folder, 'long.mp4'), { count: 1, pattern: { name: 'dense', clips: 1, stride: 4 } }), // seeks
      wholeClip(join(folder, 'long.mp4'), { count: 8, pattern: { name: 'dense', clips: 2, stride: 4 } }),
      wholeClip(join(folder, 'long.mp4'), { count: 1, pattern: { name: 'whole' } }), // seeks
      wholeClip(join(folder, 'long.mp4'), { count: 5, pattern: { name: 'whole' } }),
    ]) {
      const direct = await decodeVideo(ffmpeg, request, { timeoutMs: 60_000 });
      const careful = await decodeVideo(ffmpeg, request, { timeoutMs: 60_000, memory: 64 * 32 * 32 * 2 * 3 });
      expect(careful.data).toEqual(direct.data);
      expect(careful).toEqual(direct);
    }
    await ffmpeg.close();
  });

  it.each([
    // width × height, pixel shape → the frame that comes out
    [64, 48, '1/1', 43, 32],
    [48, 64, '1/1', 32, 43],
    [64, 48, '3/2', 64, 32],
    [64, 64, '1/2', 32, 64],
    [192, 32, '1/1', 64, 32],
    [16, 160, '1/1', 32, 64],
  ])('%i × %i with pixels of %s comes out as %i × %i', async (width, height, sar, outWidth, outHeight) => {
    const file = join(folder, `shape-${width}-${height}-${sar.replace('/', '-')}.mkv`);
    await makeClip(file, { width, height, frames: 2, output: ['-vf', `setsar=${sar}`, ...h264], extension: 'mkv' });
    const clip = await decoder.decode(wholeClip(file));
    expect([clip.width, clip.height]).toEqual([outWidth, outHeight]);
  });

  it('crops the longer side at its centre', async () => {
    // Thirds of a wide frame: dark, bright, dark. Twice the height around the centre: a quarter of it is dark.
    const data = new Uint8Array(192 * 32 * 3);
    for (let i = 0; i < 192 * 32; i++) data.fill(i % 192 >= 64 && i % 192 < 128 ? 250 : 5, i * 3, i * 3 + 3);
    const file = join(folder, 'thirds.mkv');
    await makeClip(file, { width: 192, height: 32, output: ['-c:v', 'ffv1'], extension: 'mkv' }, data);
    const clip = await decoder.decode(wholeClip(file));
    expect(Math.min(...clip.data.subarray(0, 64 * 3))).toBeGreaterThan(200);
  });

  it.each([
    // What a player turns the picture by → where the bright upper left corner goes
    [0, 'upper left'],
    [90, 'upper right'],
    [180, 'lower right'],
    [270, 'lower left'],
  ])('turned by %i degrees, the corner is %s', async (degrees, corner) => {
    const data = new Uint8Array(64 * 48 * 3).fill(5);
    for (let y = 0; y < 24; y++) data.fill(250, y * 64 * 3, (y * 64 + 32) * 3);
    const file = join(folder, `turned-${degrees}.mp4`);
    await makeClip(join(folder, 'corner.mp4'), { output: h264, extension: 'mp4' }, data);
    copyFileSync(join(folder, 'corner.mp4'), file);
    turn(file, degrees);
    const clip = await decoder.decode(wholeClip(file));
    const at = (x: number, y: number) =>
      clip.data[(Math.floor(y * clip.height) * clip.width + Math.floor(x * clip.width)) * 3]! > 128;
    const bright = {
      'upper left': at(0.2, 0.2),
      'upper right': at(0.8, 0.2),
      'lower left': at(0.2, 0.8),
      'lower right': at(0.8, 0.8),
    };
    expect(
      Object.entries(bright)
        .filter(([, is]) => is)
        .map(([name]) => name),
    ).toEqual([corner]);
    expect(clip.width > clip.height).toBe(degrees % 180 === 0);
  });
});

/** 32 × 32 frames whose level rises slowly, a different one each. */
function slowRamp(frames: number): Uint8Array {
  const data = new Uint8Array(frames * 32 * 32 * 3);
  for (let k = 0; k < frames; k++) data.fill(Math.floor((k / frames) * 250), k * 3072, (k + 1) * 3072);
  return data;
}

/** Writes a rotation into an MP4's track header: the matrix of its `tkhd` box, 16.16 fixed point. */
function turn(file: string, degrees: number): void {
  const bytes = readFileSync(file);
  const matrix = bytes.indexOf('tkhd') + 4 + 40;
  const [a, b] = { 0: [1, 0], 90: [0, 1], 180: [-1, 0], 270: [0, -1] }[degrees]!;
  for (const [i, value] of [a!, b!, 0, -b!, a!].entries())
    if (i !== 2) bytes.writeInt32BE(value * 65536, matrix + 4 * i);
  writeFileSync(file, bytes);
}
