// The one door to pixels: clips and images to small RGB frames, many files at a time, none of which can stop the others.
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { CancelledError, messageOf, systemCode, throwIfAborted, UserError } from '../base/errors.ts';
import type { ClipRequest, DecodedClip } from './clip.ts';
import { decodeFolder } from './decodeFolder.ts';
import { decodeVideo, unreadable } from './decodeVideo.ts';
import { ExcerptQueue } from './excerptQueue.ts';
import { createFfmpeg, type FfmpegOptions } from './ffmpeg.ts';
import type { Ffmpeg } from './ffmpegJob.ts';
import { ImagePool, imagesTogether } from './imagePool.ts';
import { Limiter } from './limiter.ts';

export type { ClipRequest, DecodedClip } from './clip.ts';

export interface DecoderOptions extends FfmpegOptions {
  /** Files decoded at once. Default: the number of cores. */
  workers?: number;
  /** Time limit of one file. Default: 60 s. */
  timeoutMs?: number;
}

export class Decoder {
  private readonly limiter: Limiter;
  private readonly imageLimiter: Limiter;
  private readonly timeoutMs: number;
  private readonly excerpts: ExcerptQueue;
  private readonly images: ImagePool;

  private constructor(
    private readonly ffmpeg: Ffmpeg,
    options: DecoderOptions,
  ) {
    const workers = Math.max(1, options.workers ?? availableParallelism());
    this.limiter = new Limiter(workers);
    // More than there are cores: an image is asked for while the one before it is decoded.
    this.imageLimiter = new Limiter(workers * imagesTogether);
    this.timeoutMs = options.timeoutMs ?? 60_000;
    this.images = new ImagePool(workers);
    this.excerpts = new ExcerptQueue(ffmpeg, this.limiter, workers, this.timeoutMs / 2);
  }

  static async create(options: DecoderOptions = {}): Promise<Decoder> {
    return new Decoder(await createFfmpeg(options), options);
  }

  get backend(): 'native' | 'core' {
    return this.ffmpeg.backend;
  }

  /** May be called many times at once. Rejects with UserError 'unreadable-media', or CancelledError. */
  async decode(request: ClipRequest, signal?: AbortSignal): Promise<DecodedClip> {
    if (request.kind === 'video' && request.start === null && request.end === null) {
      const clip = await this.excerpts.decode({ ...request, file: resolve(request.file) }, signal);
      if (clip) return clip;
    }
    const limiter = request.kind === 'image' ? this.imageLimiter : this.limiter;
    return limiter.run(async () => {
      const file = resolve(request.file);
      try {
        const found = await stat(file);
        if (found.isDirectory() && request.kind === 'video')
          return await decodeFolder(this.images, { ...request, file }, this.timeoutMs, signal);
        if (!found.isFile()) throw unreadable(file, 'it is not a file');
        if (found.size === 0) throw unreadable(file, 'it is empty');
        if (request.kind === 'image') return await this.image(file, request, signal);
        return await decodeVideo(this.ffmpeg, { ...request, file }, { timeoutMs: this.timeoutMs }, signal);
      } catch (error) {
        if (error instanceof UserError) throw error;
        throw unreadable(file, systemCode(error) === 'ENOENT' ? 'there is no such file' : messageOf(error));
      }
    }, signal);
  }

  private async image(file: string, request: ClipRequest, signal: AbortSignal | undefined): Promise<DecodedClip> {
    throwIfAborted(signal, 'Decoding');
    const { warning, ...image } = await this.images.decode(file, request.shortSide, this.timeoutMs, signal);
    if (signal?.aborted) throw new CancelledError('Decoding');
    const clip: DecodedClip = { ...image, frames: 1, frameOf: new Uint16Array(request.count), duration: null };
    if (warning !== undefined) clip.warning = warning;
    return clip;
  }

  /** Ends every worker; what is being decoded is lost. */
  close(): Promise<void> {
    this.excerpts.close();
    this.images.close();
    return this.ffmpeg.close();
  }
}
