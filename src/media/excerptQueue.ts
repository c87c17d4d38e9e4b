// Decodes whole MP4 files by excerpts (mp4Excerpt.ts), several in one run of ffmpeg: starting a process takes as long as
// decoding half of a clip of ten seconds. Whatever is not as expected (another kind of file, any error in the log, a frame
// that is missing, a run that hangs or crashes) is left to decodeVideo, file by file, so that a bad file costs only itself.
import { open, stat } from 'node:fs/promises';
import { CancelledError } from '../base/errors.ts';
import type { ClipRequest, DecodedClip } from './clip.ts';
import type { Ffmpeg } from './ffmpegJob.ts';
import type { Limiter } from './limiter.ts';
import { loggedErrors } from './logLines.ts';
import { type Excerpt, mostExcerptBytes, readExcerpt, writeExcerpts } from './mp4Excerpt.ts';
import { readMp4Index } from './mp4Index.ts';
import { readPpm } from './ppm.ts';
import { candidateFrames, distinct, usualStep } from './selectFrames.ts';
import { anyOf, frameBytes, frameFilters, guardedInput } from './videoSpan.ts';

/** Files of one run, where there are as many. */
const least = 4;
/**
 * Bytes that the files of one run may have together; a larger one is decoded alone. No more is read and held of them at a
 * time, and where files are so large, starting a process does not count beside decoding them.
 */
const mostFileBytes = 32 * 2 ** 20;
/** Bytes of frames that one run may give. */
const mostFrameBytes = 256 * 2 ** 20;
/** Frames that one run may give: each is named in its arguments, which Windows takes 32,000 characters of. */
const mostFrames = 1000;

interface Waiting {
  readonly request: ClipRequest;
  readonly signal: AbortSignal | undefined;
  /** Undefined: to be decoded in another way. */
  settle(clip: DecodedClip | undefined): void;
}

interface Weighed {
  readonly from: Waiting;
  readonly size: number | undefined;
}

interface Planned {
  readonly from: Waiting;
  readonly excerpt: Excerpt;
  readonly frameOf: Uint16Array;
  readonly duration: number;
}

export class ExcerptQueue {
  private readonly waiting: Waiting[] = [];
  private readonly closing = new AbortController();

  constructor(
    private readonly ffmpeg: Ffmpeg,
    private readonly limiter: Limiter,
    /** Runs at once, among which what waits is shared out. */
    private readonly workers: number,
    /** Of a run, for each of its files. */
    private readonly timeoutMs: number,
  ) {}

  /** The clip, or undefined where it is to be decoded in another way. Rejects with CancelledError alone. */
  decode(request: ClipRequest, signal?: AbortSignal): Promise<DecodedClip | undefined> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ request, signal, settle: resolve });
      // Each brings a turn of its own, in which a run takes whatever waits then: nobody is left over.
      this.limiter
        .run(() => this.turn(), signal)
        .then(() => {
          if (signal?.aborted) reject(new CancelledError('Decoding'));
        }, reject);
    });
  }

  private async turn(): Promise<void> {
    // What is no longer wanted has no turn any more.
    for (let i = this.waiting.length - 1; i >= 0; i--) if (this.waiting[i]!.signal?.aborted) this.waiting.splice(i, 1);
    // Fewer than some do not make up for the start of a process, even where a core is left idle in the end.
    const share = Math.max(least, Math.ceil(this.waiting.length / this.workers));
    const taken = this.take(Math.min(this.ffmpeg.together, share));
    try {
      for (const some of runsOf(await Promise.all(taken.map(weighed)))) {
        const plans = await Promise.all(some.map((one) => this.planOf(one).catch(() => undefined)));
        const planned = plans.filter((plan) => plan !== undefined);
        if (planned.length > 0) await this.run(planned);
        for (const { from } of some) from.settle(undefined);
      }
    } finally {
      for (const { settle } of taken) settle(undefined); // of no effect where it was settled
    }
  }

  /** The first that wait: at most so many, and no more than their frames may take memory, but at least one. */
  private take(most: number): Waiting[] {
    let [taken, frames, bytes] = [0, 0, 0];
    for (const { request } of this.waiting.slice(0, most)) {
      frames += request.count;
      bytes += request.count * frameBytes(request.shortSide);
      if (taken > 0 && (bytes > mostFrameBytes || frames > mostFrames)) break;
      taken++;
    }
    return this.waiting.splice(0, taken);
  }

  /** Settles those that it gives a clip for; the others are left to the usual way. */
  private async run(planned: readonly Planned[]): Promise<void> {
    const groups = groupsOf(planned);
    const files = groups.map((group) => writeExcerpts(group.map(({ excerpt }) => excerpt)));
    const inputs = files.flatMap((_, i) => [...guardedInput('mov'), '-i', `{input:${i}}`]);
    const outputs = files.flatMap(({ times }, i) => {
      const wanted = times.flat().map((time) => `eq(pts,${time}000000)`);
      const filters = frameFilters(groups[i]![0]!.from.request.shortSide, `select='${anyOf(wanted)}'`);
      return [
        ...['-map', `${i}:V:0`, '-vf', filters.join(','), '-frames:v', String(wanted.length), '{passThrough}'],
        ...['-c:v', 'ppm', '-threads', '1', '-f', 'image2pipe', `{folder}/${String(i).padStart(4, '0')}.ppm`],
      ];
    });
    const outcome = await this.ffmpeg.run(
      {
        input: { many: files.map(({ bytes }) => bytes) },
        arguments: [
          ...['-hide_banner', '-nostats', '-loglevel', 'level+error', '-filter_threads', '1'],
          ...inputs,
          ...outputs,
        ],
        maxBytes: 0,
        timeoutMs: this.timeoutMs * planned.length,
      },
      this.closing.signal,
    );
    if (outcome.ended !== 'exit' || outcome.code !== 0 || loggedErrors(outcome.log, '').length > 0) return;
    if (outcome.files.length !== groups.length) return;
    for (const [i, group] of groups.entries()) {
      const images = readPpm(outcome.files[i]!);
      outcome.files[i] = new Uint8Array(); // a run's frames may take much, and each clip takes its own
      if (images?.frames !== files[i]!.times.flat().length) continue;
      const { width, height, data } = images;
      let at = 0;
      for (const { from, excerpt, frameOf, duration } of group) {
        const frames = excerpt.wanted.length;
        const own = data.slice(at, at + frames * width * height * 3);
        at += own.length;
        from.settle({ width, height, data: own, frames, frameOf, duration });
      }
    }
  }

  private async planOf({ from, size }: Weighed): Promise<Planned | undefined> {
    const { request, signal } = from;
    if (signal?.aborted || this.closing.signal.aborted || size === undefined || size <= this.ffmpeg.small)
      return undefined;
    const file = await open(request.file, 'r');
    try {
      const index = await readMp4Index(file, size);
      if (!index) return undefined;
      const { times } = index;
      const end = times.at(-1)! + usualStep(times);
      const { unique, frameOf } = distinct(candidateFrames(times, 0, end, request));
      // ffmpeg gives frames in the order they are shown, and a clip keeps its own in the order they are asked for.
      if (unique.some((place, i) => i > 0 && place < unique[i - 1]!)) return undefined;
      if (unique.length * frameBytes(request.shortSide) > mostFrameBytes) return undefined;
      const excerpt = await readExcerpt(file, index, unique);
      return excerpt && { from, excerpt, frameOf, duration: end };
    } finally {
      await file.close();
    }
  }

  close(): void {
    this.closing.abort();
  }
}

/** Those that may share a file, and a chain of filters. */
function groupsOf(planned: readonly Planned[]): Planned[][] {
  const groups = new Map<string, Planned[]>();
  for (const one of planned) {
    const key = `${one.from.request.shortSide} ${one.excerpt.kind}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

/** The file's bytes; undefined where it is none. Asked before it is opened: opening a pipe waits for its other end. */
async function weighed(from: Waiting): Promise<Weighed> {
  const found = await stat(from.request.file).catch(() => undefined);
  return { from, size: found?.isFile() ? found.size : undefined };
}

/** Those that are decoded in one run. */
function runsOf(all: readonly Weighed[]): Weighed[][] {
  const runs: Weighed[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const one of all) {
    const own = Math.min(one.size ?? 0, mostExcerptBytes);
    bytes += own;
    if (bytes > mostFileBytes) {
      runs.push([]);
      bytes = own;
    }
    runs.at(-1)!.push(one);
  }
  return runs;
}
