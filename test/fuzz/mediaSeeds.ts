// What the fuzzer of media begins with: small videos and pictures of each kind, made here, and the sample clips where they
// are (COVER_SAMPLES), which are never copied into this repository.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import sharp from 'sharp';
import { packageRoot } from '../../src/base/paths.ts';

export interface MediaSeed {
  name: string;
  kind: 'video' | 'image';
  bytes: Buffer;
}

/** Larger sample clips would make a thousand cases slow. */
const mostBytes = 2_000_000;

export async function mediaSeeds(): Promise<MediaSeed[]> {
  const folder = process.env.COVER_SAMPLES ?? join(packageRoot(), '../shared/samples');
  const clips = join(folder, 'clips');
  const own: MediaSeed[] = [];
  for (const name of existsSync(clips) ? readdirSync(clips) : []) {
    const file = join(clips, name);
    if (statSync(file).isFile() && statSync(file).size < mostBytes)
      own.push({ name, kind: 'video', bytes: readFileSync(file) });
  }
  return [...videos(), ...(await images()), ...own];
}

/** By the machine's ffmpeg: without one there are fewer kinds. */
function videos(): MediaSeed[] {
  const folder = mkdtempSync(join(tmpdir(), 'cover-fuzz-seed-'));
  const kinds: Record<string, string[]> = {
    'h264.mp4': ['-c:v', 'libx264', '-pix_fmt', 'yuv420p'],
    'fast.mp4': ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-movflags', '+faststart'],
    'mpeg4.avi': ['-c:v', 'mpeg4'],
    'vp8.webm': ['-c:v', 'libvpx', '-deadline', 'realtime'],
    'h264.mkv': ['-c:v', 'libx264'],
    'h264.mov': ['-c:v', 'libx264', '-pix_fmt', 'yuv420p'],
    'moving.gif': [],
    'mpeg2.mpg': ['-c:v', 'mpeg2video'],
    'flv1.flv': ['-c:v', 'flv1'],
    'mjpeg.avi': ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p'],
  };
  try {
    return Object.entries(kinds).flatMap(([name, output]): MediaSeed[] => {
      const file = join(folder, name);
      const input = ['-f', 'lavfi', '-i', 'testsrc2=s=96x64:r=12:d=2'];
      const made = spawnSync('ffmpeg', ['-y', '-loglevel', 'error', ...input, ...output, file]);
      return made.status === 0 ? [{ name, kind: 'video', bytes: readFileSync(file) }] : [];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function images(): Promise<MediaSeed[]> {
  const [width, height] = [80, 50];
  const data = Buffer.from(Array.from({ length: width * height * 3 }, (_, i) => (i * 31 + ((i / 240) | 0) * 17) & 255));
  const picture = () => sharp(data, { raw: { width, height, channels: 3 } });
  const made: Record<string, Promise<Buffer>> = {
    'plain.jpg': picture().jpeg().toBuffer(),
    'turned.jpg': picture().withMetadata({ orientation: 6 }).jpeg({ progressive: true }).toBuffer(),
    'cmyk.jpg': picture().toColourspace('cmyk').jpeg().toBuffer(),
    'plain.png': picture().png().toBuffer(),
    'palette.png': picture().png({ palette: true }).toBuffer(),
    'deep.png': picture().toColourspace('rgb16').png().toBuffer(),
    'plain.webp': picture().webp().toBuffer(),
    'plain.gif': picture().gif().toBuffer(),
    'plain.tiff': picture()
      .withExif({ IFD0: { Copyright: 'x' } })
      .tiff()
      .toBuffer(),
    'lzw.tiff': picture().tiff({ compression: 'lzw', tile: true }).toBuffer(),
  };
  const all = Object.entries(made).map(async ([name, bytes]) => ({ name, kind: 'image' as const, bytes: await bytes }));
  return Promise.all(all);
}

export function endingOf(name: string): string {
  return extname(name);
}
