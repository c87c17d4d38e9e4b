// From a video file to the candidate frames of a clip. Most files are decoded in one run; where that would hold too many
// frames, the frames are found by seeking, or by a first run that only looks at times. The rule is the same each way.
import { stat } from 'node:fs/promises';
import { UserError } from '../base/errors.ts';
import type { ClipRequest, DecodedClip } from './clip.ts';
import type { Ffmpeg } from './ffmpegJob.ts';
import { failureReason, type Header, loggedErrors, loggedHeader } from './logLines.ts';
import { candidateFrames, distinct, expectedTimes, frameShownAt, tolerance, usualStep } from './selectFrames.ts';
import { decodeSpan, frameBytes, readHeader, type Span, type SpanRequest } from './videoSpan.ts';

/** Bytes of frames that one run may hold; beyond it the long way is taken. */
const memory = 160 * 2 ** 20;
/** Files above this many bytes are asked for their length before they are decoded whole. */
const large = 8 * 2 ** 20;
/** Where this many frames lie between two candidates, seeking is cheaper than decoding them all. */
const seekFrom = 150;

export interface VideoLimits {
  timeoutMs: number;
  /** For tests of the long way. */
  memory?: number;
}

/** Decodes one clip. Rejects with UserError 'unreadable-media' or CancelledError. */
export async function decodeVideo(
  ffmpeg: Ffmpeg,
  request: ClipRequest,
  limits: VideoLimits,
  signal?: AbortSignal,
): Promise<DecodedClip> {
  return new VideoDecoding(ffmpeg, request, limits, signal).clip();
}

interface Chosen {
  span: Span;
  /** Indices into the span's frames. */
  chosen: number[];
  start: number;
  end: number;
}

class VideoDecoding {
  private readonly deadline: number;
  private readonly most: number;
  private warning: string | undefined;

  constructor(
    private readonly ffmpeg: Ffmpeg,
    private readonly request: ClipRequest,
    private readonly limits: VideoLimits,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.deadline = Date.now() + limits.timeoutMs;
    this.most = Math.max(16, Math.floor((limits.memory ?? memory) / frameBytes(request.shortSide)));
    const { start, end } = request;
    if (start !== null && end !== null && !(end > start)) throw this.failure('its part ends before it begins');
  }

  async clip(): Promise<DecodedClip> {
    const { file, start, end } = this.request;
    if ((start === null || end === null || end - start > 60) && (await stat(file)).size > large) {
      const header = await readHeader(this.ffmpeg, file, this.timeLeft(), this.signal);
      const seconds = (end ?? header.duration ?? 0) - (start ?? 0);
      if (seconds * (header.rate ?? 0) > this.most) return this.result(await this.longClip(header));
    }
    // A second before the start, for the frame that is still on the screen then; more where frames are rare.
    for (const before of [1, 10, Number.POSITIVE_INFINITY]) {
      const from = start === null ? null : Math.max(0, start - before);
      const span = await this.span({ from, to: end });
      const begins = from === null || from === 0 || (span.times[0] ?? Number.POSITIVE_INFINITY) <= start! + tolerance;
      if (!begins) continue;
      this.demandFrames(span);
      return this.result(span.capped ? await this.longClip(loggedHeader(span.outcome.log)) : this.choose(span));
    }
    throw this.failure('nothing could be read');
  }

  private demandFrames(span: Span): void {
    if (span.times.length === 0) throw this.failure(failureReason(span.outcome, this.backend));
  }

  private get backend(): 'native' | 'core' {
    return this.ffmpeg.backend;
  }

  private choose(span: Span): Chosen {
    const [start, end] = this.bounds(span.times[0]!, span.times, loggedHeader(span.outcome.log));
    const chosen = candidateFrames(span.times, start, end, this.request);
    return { span, chosen, start, end };
  }

  /** Where the clip begins and ends, in seconds: what was asked for, as far as the video goes. */
  private bounds(first: number, times: readonly number[], header: Header): [number, number] {
    const asked = this.request;
    const step = times.length > 1 ? usualStep(times) : 1 / (header.rate ?? 25);
    const last = times.at(-1)! + step;
    const start = asked.start ?? first;
    // With a given end, the frames after it were not read: then the container says how far the file goes.
    const reach = asked.end === null ? last : Math.max(last, header.duration ?? 0);
    const end = Math.min(asked.end ?? last, reach);
    if (start >= reach)
      throw this.failure(`its part begins at ${start.toFixed(2)} s, but the file ends at ${reach.toFixed(2)} s`);
    if (asked.end !== null && asked.end - end > 0.1 * (asked.end - start))
      this.warn(`The clip should end at ${asked.end.toFixed(2)} s, but the file ends at ${end.toFixed(2)} s.`);
    return [start, end];
  }

  /** Too many frames to hold: few are wanted of many, so only those are made. */
  private async longClip(header: Header): Promise<Chosen> {
    const { start, end, count } = this.request;
    if (header.duration !== null && header.rate !== null) {
      const tail = await this.tail(Math.min(end ?? header.duration, header.duration));
      if (tail) {
        const bounds = this.bounds(start ?? (await this.firstTime()), tail, header);
        if ((bounds[1] - bounds[0]) * header.rate > seekFrom * count) return this.seek(bounds, header.rate);
      }
    }
    // All times first, with next to no picture; then a second run for the wanted frames alone.
    const part = { from: start === null ? null : Math.max(0, start - 10), to: end };
    const look = await this.span({ ...part, shortSide: 2, most: 300_000 });
    this.demandFrames(look);
    if (look.capped) throw this.failure('it has more frames than can be counted');
    const { chosen, ...bounds } = this.choose(look);
    const only = distinct([...chosen].sort((a, b) => a - b)).unique;
    const span = await this.span({ ...part, only, most: only.length });
    this.demandFrames(span);
    return { ...bounds, span, chosen: chosen.map((n) => Math.min(only.indexOf(n), span.frames.length - 1)) };
  }

  private async firstTime(): Promise<number> {
    const span = await this.span({ from: null, to: null, shortSide: 2, most: 1 });
    this.demandFrames(span);
    return span.times[0]!;
  }

  /** The times of the last frames of the file before `end`; undefined where they are not found near there. */
  private async tail(end: number): Promise<number[] | undefined> {
    for (const back of [2, 20]) {
      const { times, capped } = await this.span({ from: Math.max(0, end - back), to: null, shortSide: 2 });
      if (times.length > 1 && !capped) return times;
    }
    return undefined;
  }

  private async seek([start, end]: [number, number], rate: number): Promise<Chosen> {
    const times: number[] = [];
    const frames: Uint8Array[] = [];
    const chosen: number[] = [];
    let last: Span | undefined;
    for (const time of expectedTimes(start, end, this.request, rate)) {
      for (const before of [1, 10, 60]) {
        const from = Math.max(0, time - before);
        const span = await this.span({ from, to: time + 2 * tolerance });
        const at = frameShownAt(span.times, time);
        const found = span.times[at];
        if (found === undefined || (found > time + tolerance && from > 0)) continue;
        last = { ...span, outcome: { ...span.outcome, log: [...(last?.outcome.log ?? []), ...span.outcome.log] } };
        if (times.at(-1) !== found) {
          times.push(found);
          frames.push(span.frames[at]!.slice()); // the rest of the span's memory is let go
        }
        break;
      }
      if (frames.length === 0) continue;
      chosen.push(frames.length - 1);
    }
    if (!last) throw this.failure('no frame was found by seeking');
    while (chosen.length < this.request.count) chosen.unshift(0);
    return { span: { ...last, times, frames }, chosen, start, end };
  }

  private async span(part: Pick<SpanRequest, 'from' | 'to'> & Partial<SpanRequest>): Promise<Span> {
    const { file, shortSide } = this.request;
    const timeoutMs = this.timeLeft();
    const span = await decodeSpan(this.ffmpeg, { file, shortSide, most: this.most, ...part, timeoutMs }, this.signal);
    const { ended } = span.outcome;
    if (ended === 'timeout') throw this.failure(`it took longer than ${Math.round(this.limits.timeoutMs / 1000)} s`);
    if (ended === 'crash') throw this.failure(`ffmpeg crashed (${failureReason(span.outcome, this.backend)})`);
    if (ended === 'too-big') throw this.failure('its frames change their size in a way that is not supported');
    return span;
  }

  private timeLeft(): number {
    // The clock also runs while a training step blocks this process: every ffmpeg run gets a fair part of the limit.
    return Math.max(this.limits.timeoutMs / 4, this.deadline - Date.now());
  }

  private result({ span, chosen, start, end }: Chosen): DecodedClip {
    const { unique, frameOf } = distinct(chosen);
    const { width, height } = span;
    const length = width * height * 3;
    const data = new Uint8Array(unique.length * length);
    for (const [place, n] of unique.entries()) data.set(span.frames[n]!, place * length);
    const [error] = loggedErrors(span.outcome.log, span.outcome.inputName);
    if (error !== undefined) this.warn(`Only a part of it could be decoded: ${error}.`);
    if (span.odd > 0) this.warn(`${span.odd} frames of another size were left out.`);
    const clip: DecodedClip = { width, height, data, frames: unique.length, frameOf, duration: end - start };
    if (this.warning !== undefined) clip.warning = this.warning;
    return clip;
  }

  private warn(sentence: string): void {
    this.warning ??= sentence;
  }

  private failure(reason: string): UserError {
    return unreadable(this.request.file, reason);
  }
}

/** The error for every file that cannot be decoded. */
export function unreadable(file: string, reason: string): UserError {
  return new UserError(
    'unreadable-media',
    `${file} could not be decoded: ${reason}. Check the file, or exclude it.`,
    file,
  );
}
