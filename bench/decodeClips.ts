// The clips that decoding is measured on, made by the machine's ffmpeg: 10 s, 340 × 256, 30 frames a second, H.264 as x264
// makes it when nobody sets anything, of several contents, each with key frames far apart and close together.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const size = '340x256';
const rate = 30;
const seconds = 10;
/** ffmpeg's sources: moving patterns under grain, a long zoom, a crowd of small things. */
const contents: Readonly<Record<string, string>> = {
  pattern: `testsrc2=s=${size}:r=${rate}:d=${seconds},noise=alls=8:allf=t`,
  zoom: `mandelbrot=s=${size}:r=${rate}:end_scale=0.01:maxiter=400`,
  crowd: `life=s=170x128:r=${rate}:mold=10:ratio=0.1:seed=1:death_color=#C83232:life_color=#00ff00,scale=${size}`,
  drift: `gradients=s=${size}:r=${rate}:d=${seconds}:seed=1:speed=0.02`,
};

export interface DecodeClips {
  /** Frames from key frame to key frame, at most. */
  readonly keyFrames: number;
  readonly files: readonly string[];
}

/** Makes one clip of each content for each distance of key frames. */
export async function makeDecodeClips(folder: string, distances: readonly number[]): Promise<DecodeClips[]> {
  const made: DecodeClips[] = [];
  for (const keyFrames of distances) {
    const files: string[] = [];
    for (const [name, source] of Object.entries(contents)) {
      const file = join(folder, `${name}-${keyFrames}.mp4`);
      const encode = ['-c:v', 'libx264', '-preset', 'medium', '-pix_fmt', 'yuv420p', '-g', String(keyFrames)];
      await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', source, '-t', String(seconds), ...encode, file]);
      files.push(file);
    }
    made.push({ keyFrames, files });
  }
  return made;
}

/** What ffmpeg itself gives for these frames, scaled as it does when nobody sets anything: RGB bytes one after the other. */
export async function ffmpegFrames(
  file: string,
  frames: readonly number[],
  width: number,
  height: number,
): Promise<Uint8Array> {
  const select = frames.map((n) => `eq(n,${n})`).join('+');
  const filters = `select='${select}',scale=${width}:${height},format=rgb24`;
  const { stdout } = await run(
    'ffmpeg',
    ['-v', 'error', '-i', file, '-vf', filters, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-'],
    { encoding: 'buffer', maxBuffer: 2 ** 30 },
  );
  return stdout;
}

export const framesPerClip = rate * seconds;
