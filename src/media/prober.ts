// What media files say of themselves — size, length, rate, codec — without decoding them. For videos the bundled ffmpeg is
// asked first, whatever else there is: it need not be started for every file, which costs more than reading a header. What
// it cannot make out, the machine's own ffmpeg is asked for. Images are read in processes of their own (imagePool.ts).
import { readdir, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { messageOf, throwIfAborted, UserError } from '../base/errors.ts';
import { frameDigits, frameEnds, frameName } from '../base/frameNames.ts';
import { unreadable } from './decodeVideo.ts';
import { createFfmpeg } from './ffmpeg.ts';
import { CorePool } from './ffmpegCorePool.ts';
import type { Ffmpeg } from './ffmpegJob.ts';
import { ImagePool } from './imagePool.ts';
import { failureReason, type Header } from './logLines.ts';
import { decodeSpan, readHeader } from './videoSpan.ts';

export interface MediaFacts {
  /** As ffmpeg calls it ("h264", "vp9"), or the kind of image ("jpeg"). */
  codec: string | null;
  /** Pixels, upright. */
  width: number;
  height: number;
  /** Degrees that the coded picture is turned clockwise to stand upright: 0, 90, 180, 270. */
  rotation: number;
  /** Seconds; null for images and folders of them. */
  duration: number | null;
  /** Frames a second. */
  rate: number | null;
}

export interface ProbeRequest {
  /** A video, an image, or a folder of frames. */
  file: string;
  kind: 'video' | 'image';
  /** `file` is a folder, and its frames are called so. */
  frames?: { pattern: string; first: number } | undefined;
}

export interface Prober {
  /** May be called many times at once. Rejects with UserError 'unreadable-media' or CancelledError. */
  probe(request: ProbeRequest, signal?: AbortSignal): Promise<MediaFacts>;
  close(): Promise<void>;
}

/** Time limit of one file. */
const timeoutMs = 20_000;

/** `ffmpeg`: path of a native one; by default it is looked for on PATH when it is needed. */
export function createProber(options: { ffmpeg?: string | undefined } = {}): Prober {
  const core = new CorePool();
  const images = new ImagePool(availableParallelism());
  let native: Promise<Ffmpeg | undefined> | undefined;
  const nativeOne = () => {
    native ??= createFfmpeg({ ...options, backend: 'native' }).catch(() => undefined);
    return native;
  };
  return {
    probe: async ({ file, kind, frames }, signal) => {
      const path = resolve(file);
      throwIfAborted(signal, 'Probing');
      if (frames) return image(images, join(path, await firstName(path, frames)), path, signal);
      if (kind === 'image') return image(images, path, path, signal);
      // Opening a pipe waits for its other end, and of that no thread can be relieved.
      const found = await stat(path).catch(() => undefined);
      if (found && !found.isFile() && !found.isDirectory()) throw unreadable(path, 'it is not a file');
      return (
        (await headerOf(core, path, signal)) ??
        (await headerOf(await nativeOne(), path, signal)) ??
        (await firstFrame((await nativeOne()) ?? core, path, signal))
      );
    },
    close: async () => {
      images.close();
      await Promise.all([core.close(), native?.then((ffmpeg) => ffmpeg?.close())]);
    },
  };
}

async function headerOf(ffmpeg: Ffmpeg | undefined, file: string, signal?: AbortSignal) {
  if (!ffmpeg) return undefined;
  const header = await readHeader(ffmpeg, file, timeoutMs, signal);
  return header.width && header.height ? upright(header, header.width, header.height) : undefined;
}

/** The header says too little: decoding tells why, or how large the frames are. */
async function firstFrame(ffmpeg: Ffmpeg, file: string, signal?: AbortSignal): Promise<MediaFacts> {
  const side = 32;
  const request = { file, from: null, to: null, shortSide: side, most: 1, timeoutMs };
  const { outcome, times } = await decodeSpan(ffmpeg, request, signal);
  if (outcome.ended === 'timeout') throw unreadable(file, `it took longer than ${timeoutMs / 1000} s`);
  const reason = times.length > 0 ? 'its size is unknown' : failureReason(outcome, ffmpeg.backend);
  throw unreadable(file, reason);
}

function upright({ codec, duration, rate, rotation }: Header, width: number, height: number): MediaFacts {
  const lies = rotation % 180 !== 0;
  return { codec, width: lies ? height : width, height: lies ? width : height, rotation, duration, rate };
}

async function image(pool: ImagePool, file: string, blamed: string, signal?: AbortSignal): Promise<MediaFacts> {
  try {
    return { ...(await pool.header(file, timeoutMs, signal)), rotation: 0, duration: null, rate: null };
  } catch (error) {
    throw error instanceof UserError ? error : unreadable(blamed, messageOf(error));
  }
}

/** The name of the first of a folder's frames: a number may be written with more zeros than others. */
async function firstName(folder: string, { pattern, first }: { pattern: string; first: number }): Promise<string> {
  const { before, after } = frameEnds(pattern);
  const [digits] = frameDigits(await readdir(folder).catch(() => []), { pattern, first, count: 1 });
  return digits === undefined ? frameName(pattern, first) : `${before}${digits}${after}`;
}
