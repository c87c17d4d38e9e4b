// Writes clips as real video files, for the sample workspace. Starting ffmpeg takes longer than encoding one small clip,
// so many clips go through one run: they are put in a row, and the segment muxer cuts the row into files again.
import { availableParallelism } from 'node:os';
import { throwIfAborted, UserError } from '../base/errors.ts';
import { createFfmpeg, type FfmpegOptions } from './ffmpeg.ts';
import type { Ffmpeg } from './ffmpegJob.ts';
import { Limiter } from './limiter.ts';
import { failureReason } from './logLines.ts';

/** Container and codec: H.264 in MP4, VP8 in WebM, MPEG-4 Part 2 in AVI. Both kinds of ffmpeg have them. */
export type VideoFormat = 'mp4' | 'webm' | 'avi';

const codecs: Record<VideoFormat, readonly string[]> = {
  // Cuts fall on key frames only, so there is one at the start of every clip and none elsewhere.
  mp4: ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-bf', '0', '-sc_threshold', '0'],
  webm: [
    '-c:v',
    'libvpx',
    '-deadline',
    'realtime',
    '-cpu-used',
    '6',
    '-auto-alt-ref',
    '0',
    '-b:v',
    '600k',
    '-qmax',
    '30',
  ],
  avi: ['-c:v', 'mpeg4', '-q:v', '3', '-bf', '0'],
};

export interface EncodeRequest {
  /** RGB bytes of each clip, [frames, side, side, 3], all of the same shape. */
  clips: readonly Uint8Array[];
  frames: number;
  side: number;
  /** Frames a second. */
  rate: number;
  format: VideoFormat;
}

export class Encoder {
  private readonly limiter = new Limiter(availableParallelism());

  private constructor(private readonly ffmpeg: Ffmpeg) {}

  static async create(options: FfmpegOptions = {}): Promise<Encoder> {
    return new Encoder(await createFfmpeg(options));
  }

  get backend(): 'native' | 'core' {
    return this.ffmpeg.backend;
  }

  /** One file's bytes for each clip, in order. Rejects with UserError 'not-encoded' or CancelledError. */
  encode(request: EncodeRequest, signal?: AbortSignal): Promise<Uint8Array[]> {
    return this.limiter.run(async () => {
      throwIfAborted(signal, 'Encoding');
      const { clips, frames, side, rate, format } = request;
      const bytes = new Uint8Array(Buffer.concat(clips));
      const outcome = await this.ffmpeg.run(
        {
          input: { bytes },
          arguments: [
            ...['-hide_banner', '-nostats', '-loglevel', 'level+warning', '-threads', '1'],
            ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${side}x${side}`, '-r', String(rate), '-i', '{input}'],
            ...[...codecs[format], '-pix_fmt', 'yuv420p', '-threads', '1', '-g', String(frames)],
            ...['-force_key_frames', `expr:not(mod(n,${frames}))`, '-map_metadata', '-1', '-fflags', '+bitexact'],
            ...['-f', 'segment', '-segment_format', format, '-reset_timestamps', '1'],
            // Cuts are named by frame, and a hair early: times are rounded.
            ...['-segment_frames', clips.map((_, i) => (i + 1) * frames).join(','), `{folder}/%06d.${format}`],
          ],
          maxBytes: 0,
          timeoutMs: 300_000,
        },
        signal,
      );
      if (outcome.ended !== 'exit' || outcome.code !== 0 || outcome.files.length !== clips.length) {
        const reason = outcome.ended === 'timeout' ? 'it took too long' : failureReason(outcome, this.backend);
        throw new UserError('not-encoded', `${clips.length} ${format} clips could not be encoded: ${reason}.`);
      }
      return outcome.files;
    }, signal);
  }

  close(): Promise<void> {
    return this.ffmpeg.close();
  }
}
