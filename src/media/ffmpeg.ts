// Picks the ffmpeg: a process where the machine has one, else the bundled WebAssembly core in worker threads.
import { UserError } from '../base/errors.ts';
import { CorePool } from './ffmpegCorePool.ts';
import type { Ffmpeg } from './ffmpegJob.ts';
import { findNative } from './findNative.ts';
import { NativeFfmpeg } from './nativeFfmpeg.ts';
import { SmallFilesInCore } from './smallFilesInCore.ts';

export interface FfmpegOptions {
  /** Path of a native ffmpeg; by default it is looked for on PATH. */
  ffmpeg?: string | undefined;
  /** 'auto' takes a native ffmpeg where one starts (but for small files, see smallFilesInCore.ts), else the core. */
  backend?: 'auto' | 'native' | 'core';
}

/** Picks the ffmpeg to use. Rejects where a native one was asked for and none starts. */
export async function createFfmpeg(options: FfmpegOptions = {}): Promise<Ffmpeg> {
  if (options.backend === 'core') return new CorePool();
  const native = await findNative(options.ffmpeg);
  if (native) {
    const process = new NativeFfmpeg(native);
    return options.ffmpeg === undefined && options.backend !== 'native' ? new SmallFilesInCore(process) : process;
  }
  if (options.ffmpeg !== undefined) throw notFfmpeg(options.ffmpeg);
  if (options.backend === 'native')
    throw new UserError('no-ffmpeg', 'No ffmpeg was found on PATH. Install it, or use the bundled one.');
  return new CorePool();
}

/** Rejects as `createFfmpeg` would where one was asked for that does not start: for work that leaves something behind before it decodes. */
export async function requireFfmpeg(asked: string | undefined): Promise<void> {
  if (asked !== undefined && !(await findNative(asked))) throw notFfmpeg(asked);
}

function notFfmpeg(path: string): UserError {
  const advice = 'Correct the path, or clear the setting to use the bundled one.';
  return new UserError('no-ffmpeg', `"${path}" does not start as ffmpeg. ${advice}`, path);
}
