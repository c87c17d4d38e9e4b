// Decodes a stretch of a video to small RGB frames with their times: the one place that words ffmpeg's arguments for
// decoding. The file is untrusted: only plain containers are opened, never lists or scripts that name other files.
import type { Ffmpeg, FfmpegOutcome } from './ffmpegJob.ts';
import { type Header, loggedFrames, loggedHeader } from './logLines.ts';

/** Demuxers that read nothing but the file itself (no playlists, no concat scripts, no image patterns, no devices). */
const containers = [
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,asf_o,ogg,gif,apng,h261,h263,h264,hevc,m4v',
  'ivf,obu,av1,mjpeg,mxf,gxf,nut,rm,dv,wtv,yuv4mpegpipe,vc1,dirac,avs2,avs3,vvc,swf,nsv,nuv,r3d,evc',
].join(',');
/** Larger frames (in pixels) are refused before memory is taken for them. */
const mostPixels = 2 ** 26;

export interface SpanRequest {
  file: string;
  /** Seconds from the beginning of the file; null for its very beginning. */
  from: number | null;
  /** Frames that begin at this time or later are left out; null for all. */
  to: number | null;
  shortSide: number;
  /** No more frames than this. */
  most: number;
  /** Indices of the only frames wanted, counted within the span. */
  only?: readonly number[];
  timeoutMs: number;
}

export interface Span {
  /** Rising, in seconds from the beginning of the file. */
  times: number[];
  /** One RGB image each, [height, width, 3]. */
  frames: Uint8Array[];
  width: number;
  height: number;
  /** There are more than `most`. */
  capped: boolean;
  /** Frames of another size than the first, which were left out. */
  odd: number;
  outcome: FfmpegOutcome;
}

function inputArguments(): string[] {
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'level+info', '-filter_threads', '1'],
    ...guardedInput(containers),
  ];
}

/** Options of an input that is not trusted, which hold for the next `-i`. */
export function guardedInput(formats: string): string[] {
  return [
    ...['-threads', '1', '-protocol_whitelist', 'file', '-format_whitelist', formats],
    ...['-max_pixels', String(mostPixels)],
  ];
}

/** What the container says of itself, without decoding. */
export async function readHeader(
  ffmpeg: Ffmpeg,
  file: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Header> {
  // Without an output ffmpeg ends with an error, after it has said all about the input.
  const job = { input: { file }, arguments: [...inputArguments(), '-i', '{input}'], maxBytes: 0, timeoutMs };
  return loggedHeader((await ffmpeg.run(job, signal)).log);
}

/** The first real video stream (not an attached picture), upright, in square pixels, the shorter side as asked. */
export async function decodeSpan(ffmpeg: Ffmpeg, request: SpanRequest, signal?: AbortSignal): Promise<Span> {
  const { from, to, shortSide: side } = request;
  const offset = from !== null && from > 0 ? from : 0;
  const select = request.only && `select='${anyOf(request.only.map((n) => `eq(n,${n})`))}'`;
  const filters = [...frameFilters(side, select), 'showinfo'];
  const outcome = await ffmpeg.run(
    {
      input: { file: request.file },
      arguments: [
        ...inputArguments(),
        ...(offset > 0 ? ['-ss', offset.toFixed(6)] : []),
        ...(to !== null ? ['-t', Math.max(0.000001, to - offset).toFixed(6)] : []),
        ...['-i', '{input}', '-map', '0:V:0', '-vf', filters.join(','), '-frames:v', String(request.most + 1)],
        ...['{passThrough}', '-f', 'rawvideo', '{output}'],
      ],
      maxBytes: (request.most + 2) * frameBytes(side),
      timeoutMs: request.timeoutMs,
    },
    signal,
  );
  return cut(outcome, offset, request.most);
}

/** From a video's frames to small RGB ones in square pixels; `select` takes out of them first, times in microseconds. */
export function frameFilters(side: number, select: string | undefined): string[] {
  // The width in square pixels is iw × sar. ffmpeg turns rotated frames upright before these filters.
  const wide = 'gte(iw*sar,ih)';
  return [
    'settb=1/1000000',
    ...(select !== undefined ? [select] : []),
    "crop=w='max(1,min(iw,2*ih/sar))':h='max(1,min(ih,2*iw*sar))':exact=1",
    `scale=w='if(${wide},min(${2 * side},round(${side}*iw*sar/ih)),${side})'` +
      `:h='if(${wide},${side},min(${2 * side},round(${side}*ih/(iw*sar))))'` +
      ':flags=bicubic+accurate_rnd+bitexact',
    'format=rgb24',
  ];
}

/** An expression that holds where one of these does. Halved and halved again: ffmpeg refuses expressions 100 deep. */
export function anyOf(conditions: readonly string[]): string {
  if (conditions.length <= 1) return conditions[0] ?? '0';
  const half = conditions.length >> 1;
  return `(${anyOf(conditions.slice(0, half))}+${anyOf(conditions.slice(half))})`;
}

/** The most bytes that one frame of a span can take. */
export function frameBytes(shortSide: number): number {
  return shortSide * 2 * shortSide * 3;
}

function cut(outcome: FfmpegOutcome, offset: number, most: number): Span {
  const logged = loggedFrames(outcome.log);
  const { width = 0, height = 0 } = logged[0] ?? {};
  const found: { time: number; frame: Uint8Array }[] = [];
  let at = 0;
  let odd = 0;
  let time = offset - 0.04;
  for (const frame of logged) {
    const length = frame.width * frame.height * 3;
    if (at + length > outcome.bytes.length) break;
    // Bare streams give no times: 25 frames a second, as ffmpeg takes them.
    time = frame.pts === null ? time + 0.04 : frame.pts / 1e6 + offset;
    if (frame.width === width && frame.height === height)
      found.push({ time, frame: outcome.bytes.subarray(at, at + length) });
    else odd++;
    at += length;
  }
  found.sort((a, b) => a.time - b.time);
  const capped = found.length > most;
  if (capped) found.length = most;
  return {
    times: found.map((one) => one.time),
    frames: found.map((one) => one.frame),
    ...{ width, height, capped, odd, outcome },
  };
}
