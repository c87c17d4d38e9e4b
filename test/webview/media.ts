// Small real media files for the view tests, made by the machine's ffmpeg.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const hasFFmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

/** A folder with clip.mp4, clip.avi, clip.png, picture.tiff, broken.avi, and folders of 36 frames; call `remove` when done. */
export function makeMedia(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'cover-views-'));
  const make = (name: string, ...args: string[]) =>
    execFileSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', ...args, join(folder, name)]);
  const pattern = 'testsrc2=size=320x240:rate=25:duration=2';
  make('clip.mp4', pattern, '-c:v', 'libx264', '-pix_fmt', 'yuv420p');
  make('long.mp4', pattern.replace('duration=2', 'duration=12'), '-c:v', 'libx264', '-g', '25', '-pix_fmt', 'yuv420p');
  // Motion JPEG and MPEG-4 ASP, as in UCF101, with an odd width and with sound.
  make('clip.avi', pattern, '-f', 'lavfi', '-i', 'sine=duration=2', '-c:v', 'mpeg4', '-vtag', 'XVID', '-c:a', 'mp3');
  make('odd.avi', 'testsrc2=size=321x241:rate=15:duration=1', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p');
  make('clip.wmv', pattern, '-f', 'lavfi', '-i', 'sine=duration=2', '-c:v', 'wmv2', '-c:a', 'wmav2');
  make('clip.flv', pattern, '-c:v', 'flv1');
  make('clip.mpg', pattern, '-c:v', 'mpeg2video');
  make('clip.png', pattern, '-frames:v', '1');
  make('picture.tiff', pattern, '-frames:v', '1');
  writeFileSync(join(folder, 'broken.avi'), 'this is no video');
  // Folders of frames, as Something-Something and Jester come; one has a gap and a frame that is no picture.
  const frames = 'testsrc2=size=320x240:rate=12:duration=3';
  for (const name of ['frames', 'holes', 'ruins']) {
    mkdirSync(join(folder, name));
    make(join(name, '%05d.jpg'), frames);
  }
  rmSync(join(folder, 'holes', '00003.jpg'));
  writeFileSync(join(folder, 'holes', '00005.jpg'), 'this is no picture');
  for (const name of readdirSync(join(folder, 'ruins'))) writeFileSync(join(folder, 'ruins', name), 'nor is this');
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
