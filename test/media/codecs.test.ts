// Codecs, pixel formats and odd streams beyond the plain ones. The files are encoded by the ffmpeg of this machine; what
// that one cannot encode is skipped, and said.
import { spawnSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Decoder } from '../../src/media/decoder.ts';
import { createFfmpeg } from '../../src/media/ffmpeg.ts';
import type { Ffmpeg } from '../../src/media/ffmpegJob.ts';
import { backends, hasNative, markedFrames, marksOf, refusal, temporaryFolder, wholeClip } from './fixtures.ts';

const folder = temporaryFolder();
const encoders = hasNative ? spawnSync('ffmpeg', ['-hide_banner', '-encoders'], { encoding: 'utf8' }).stdout : '';
const odd = [1, 3, 5, 7, 9, 11, 13, 15];
let native: Ffmpeg | undefined;

/** Encodes 16 marked frames, 8 a second, of 64 × 48, with more inputs where `inputs` names them. */
async function make(name: string, output: readonly string[], inputs: readonly string[] = []): Promise<string> {
  native ??= await createFfmpeg({ backend: 'native' });
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', '64x48', '-r', '8', '-i', '{input}'];
  const outcome = await native.run({
    input: { bytes: markedFrames(16, 64, 48) },
    arguments: ['-loglevel', 'level+warning', ...raw, ...inputs, ...output, `{folder}/${name}`],
    maxBytes: 0,
    timeoutMs: 60_000,
  });
  if (outcome.code !== 0 || !outcome.files[0]) throw new Error(outcome.log.join('\n'));
  const file = join(folder, name);
  await writeFile(file, outcome.files[0]);
  return file;
}

afterAll(async () => {
  await native?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Case {
  readonly name: string;
  readonly encoder: string;
  readonly output: readonly string[];
  /** The bundled ffmpeg has no decoder for it. */
  readonly nativeOnly?: boolean;
}

const cases: readonly Case[] = [
  { name: 'h264-10bit.mp4', encoder: 'libx264', output: ['-pix_fmt', 'yuv420p10le', '-crf', '10'] },
  { name: 'h264-444.mkv', encoder: 'libx264', output: ['-pix_fmt', 'yuv444p', '-crf', '10'] },
  { name: 'hevc.mp4', encoder: 'libx265', output: ['-crf', '10', '-x265-params', 'log-level=none'] },
  {
    name: 'hevc-10bit.mkv',
    encoder: 'libx265',
    output: ['-pix_fmt', 'yuv420p10le', '-crf', '10', '-x265-params', 'log-level=none'],
  },
  { name: 'vp9.webm', encoder: 'libvpx-vp9', output: ['-crf', '10', '-b:v', '0', '-deadline', 'realtime'] },
  {
    name: 'vp9-alpha.webm',
    encoder: 'libvpx-vp9',
    output: ['-pix_fmt', 'yuva420p', '-crf', '10', '-b:v', '0', '-deadline', 'realtime', '-auto-alt-ref', '0'],
  },
  { name: 'mpeg4.avi', encoder: 'mpeg4', output: ['-q:v', '2'] },
  { name: 'mpeg4-b.mkv', encoder: 'mpeg4', output: ['-q:v', '2', '-bf', '2'] },
  { name: 'mpeg2.mpg', encoder: 'mpeg2video', output: ['-q:v', '2', '-r', '24', '-vf', 'fps=24'] },
  { name: 'prores-alpha.mov', encoder: 'prores_ks', output: ['-profile:v', '4444', '-pix_fmt', 'yuva444p10le'] },
  { name: 'animation.mov', encoder: 'qtrle', output: ['-pix_fmt', 'argb'] },
  // Ten a second: a GIF counts in hundredths.
  { name: 'animated.gif', encoder: 'gif', output: ['-vf', 'setpts=N/10/TB', '-r', '10'] },
  { name: 'grey.mkv', encoder: 'ffv1', output: ['-pix_fmt', 'gray16le'] },
  { name: 'av1.mkv', encoder: 'libaom-av1', output: ['-crf', '10', '-cpu-used', '8'], nativeOnly: true },
];

describe.each(backends)('with the %s ffmpeg', (backend) => {
  let decoder: Decoder;
  beforeAll(async () => {
    decoder = await Decoder.create({ backend });
  });
  afterAll(() => decoder.close());

  for (const { name, encoder, output, nativeOnly } of cases) {
    const has = new RegExp(` ${encoder} `).test(encoders);
    it.skipIf(!has)(`${name}${has ? '' : ` (skipped: no encoder ${encoder} here)`}`, async () => {
      const file = await make(name, ['-c:v', encoder, ...output]);
      if (nativeOnly && backend === 'core') {
        expect(await refusal(decoder, wholeClip(file))).toMatch(/which the bundled ffmpeg cannot decode/);
        return;
      }
      const clip = await decoder.decode(wholeClip(file));
      expect(marksOf(clip)).toEqual(odd);
      expect([clip.width, clip.height, clip.warning]).toEqual([43, 32, undefined]);
    });
  }

  it.skipIf(!hasNative)('sound with a cover picture is no video', async () => {
    const cover = ['-frames:v', '1', '-c:v', 'mjpeg', '-disposition:v', 'attached_pic', '-map', '0:v', '-map', '1:a'];
    const sine = ['-f', 'lavfi', '-i', 'sine=d=1'];
    const file = await make('song.m4a', [...cover, '-c:a', 'aac', '-f', 'mp4'], sine);
    expect(await refusal(decoder, wholeClip(file))).toMatch(/it holds no video/);
  });

  it.skipIf(!hasNative)('frames that change their size are left out or brought to one, never mixed up', async () => {
    const small = await make('small.ts', ['-c:v', 'mpeg2video', '-q:v', '2', '-r', '25', '-f', 'mpegts']);
    const large = await make('large.ts', [
      ...['-vf', 'scale=96:96', '-c:v', 'mpeg2video', '-q:v', '2', '-r', '25', '-f', 'mpegts'],
    ]);
    const file = join(folder, 'joined.ts');
    await writeFile(file, Buffer.concat([await readFile(small), await readFile(large)]));
    const clip = await decoder.decode(wholeClip(file));
    expect(clip.data.length).toBe(clip.frames * clip.width * clip.height * 3);
    expect(marksOf(clip).every((mark) => mark >= 0 && mark < 16)).toBe(true);
  });
});
if (!hasNative) console.warn('Skipped: codecs, since there is no ffmpeg on PATH to encode them.');
