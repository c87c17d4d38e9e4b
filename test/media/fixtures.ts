// Media made for the tests by the bundled ffmpeg, so that they need nothing from the machine. In the marked clips frame
// k is one grey level that tells k, whatever the codec and the scaling did to it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../src/base/random.ts';
import type { ClipRequest, DecodedClip, Decoder } from '../../src/media/decoder.ts';
import { createFfmpeg } from '../../src/media/ffmpeg.ts';
import type { Ffmpeg } from '../../src/media/ffmpegJob.ts';

/** Other people's clips, see their README; absent on most machines. */
export const samples = process.env.COVER_SAMPLES ?? join(__dirname, '../../../shared/samples');
export const hasSamples = existsSync(join(samples, 'clips'));
export const hasNative = spawnSync('ffmpeg', ['-version']).status === 0;
export const backends = hasNative ? (['native', 'core'] as const) : (['core'] as const);
if (!hasSamples) console.warn(`Skipped: no sample clips in ${samples} (set COVER_SAMPLES).`);
if (!hasNative) console.warn('Skipped: no ffmpeg on PATH to compare the bundled one with.');

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'cover-media-'));
}

const step = 12;

/** Raw RGB frames, frame k grey of level 10 + 12 k. */
export function markedFrames(count: number, width: number, height: number): Uint8Array {
  const bytes = new Uint8Array(count * width * height * 3);
  for (let k = 0; k < count; k++) bytes.fill(10 + step * k, k * width * height * 3, (k + 1) * width * height * 3);
  return bytes;
}

/** Marked frames with a grain over them, so that every frame takes some room in a file. */
export function grainyFrames(count: number, width: number, height: number): Uint8Array {
  const random = new Random(7);
  return markedFrames(count, width, height).map((value) => value + random.below(9) - 4);
}

/** Which frame of a marked clip each candidate shows. */
export function marksOf(clip: DecodedClip): number[] {
  const length = clip.width * clip.height * 3;
  return Array.from(clip.frameOf, (n) => {
    const frame = clip.data.subarray(n * length, (n + 1) * length);
    return Math.round((frame.reduce((sum, value) => sum + value, 0) / length - 10) / step);
  });
}

export interface MadeClip {
  width?: number;
  height?: number;
  frames?: number;
  rate?: number;
  /** ffmpeg's arguments between input and output. */
  output: readonly string[];
  extension: string;
}

let core: Promise<Ffmpeg> | undefined;

/** Encodes a marked clip into `file`; `data` in place of the marked frames where given. */
export async function makeClip(file: string, made: MadeClip, data?: Uint8Array): Promise<void> {
  const { width = 64, height = 48, frames = 16, rate = 8 } = made;
  core ??= createFfmpeg({ backend: 'core' });
  const outcome = await (await core).run({
    input: { bytes: data ?? markedFrames(frames, width, height) },
    arguments: [
      ...['-loglevel', 'level+warning', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`],
      ...['-r', String(rate), '-i', '{input}', ...made.output, `{folder}/clip.${made.extension}`],
    ],
    maxBytes: 0,
    timeoutMs: 60_000,
  });
  if (outcome.code !== 0 || !outcome.files[0]) throw new Error(outcome.log.join('\n'));
  await writeFile(file, outcome.files[0]);
}

export const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '10', '-pix_fmt', 'yuv420p'];

export function wholeClip(file: string, more: Partial<ClipRequest> = {}): ClipRequest {
  return { file, kind: 'video', start: null, end: null, count: 8, shortSide: 32, ...more };
}

/** The sentence a decode is refused with. */
export async function refusal(decoder: Decoder, request: ClipRequest): Promise<string> {
  try {
    const clip = await decoder.decode(request);
    return `decoded ${clip.frames} frames`;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    return `${String(error.code)}: ${error.message}`;
  }
}
