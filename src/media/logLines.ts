// What is kept of ffmpeg's log, and what is read out of it: the times and sizes of the frames (from the showinfo
// filter, the only place where ffmpeg tells them beside raw pixels), the header, and why a file failed.
import type { FfmpegOutcome } from './ffmpegJob.ts';

const mostErrors = 200;
const mostOthers = 1000;
const mostFrames = 400_000;
const longest = 400;

/** Collects log lines and forgets the ones that nobody asks for, so that a chatty file cannot fill the memory. */
export class LogCollector {
  readonly lines: string[] = [];
  private errors = 0;
  private others = 0;
  private frames = 0;

  add(line: string): void {
    if (line.startsWith('[Parsed_showinfo')) {
      if (frameLine.test(line) && this.frames++ < mostFrames) this.lines.push(line.slice(0, longest));
    } else if (errorLine.test(line)) {
      if (this.errors++ < mostErrors) this.lines.push(line.slice(0, longest));
    } else if (this.others++ < mostOthers) this.lines.push(line.slice(0, longest));
  }
}

const frameLine = /^\[Parsed_showinfo_\d+ @ \w+\] \[info\] n:\s*\d+ pts:\s*(-?\d+|NOPTS) .*?\bs:(\d+)x(\d+)/;
const errorLine = /^(?:\[[^\]]* @ \w+\] )*\[(?:error|fatal|panic)\] (.*)$/;

export interface LoggedFrame {
  /** In units of the filter's time base; null where the file gives the frame no time. */
  pts: number | null;
  width: number;
  height: number;
}

/** The frames that passed the showinfo filter, in order of output. */
export function loggedFrames(log: readonly string[]): LoggedFrame[] {
  const frames: LoggedFrame[] = [];
  for (const line of log) {
    const match = frameLine.exec(line);
    if (!match) continue;
    frames.push({
      pts: match[1] === 'NOPTS' ? null : Number(match[1]),
      width: Number(match[2]),
      height: Number(match[3]),
    });
  }
  return frames;
}

/** What the container says of itself and of its first video stream (not an attached picture); null where it does not. */
export interface Header {
  /** Seconds, of the longest stream. */
  duration: number | null;
  /** Frames a second. */
  rate: number | null;
  /** As ffmpeg calls it, for example "h264". */
  codec: string | null;
  /** Pixels as they are coded, before turning. */
  width: number | null;
  height: number | null;
  /** Degrees to turn it clockwise so that it stands upright: 0, 90, 180 or 270. */
  rotation: number;
}

export function loggedHeader(log: readonly string[]): Header {
  const header: Header = { duration: null, rate: null, codec: null, width: null, height: null, rotation: 0 };
  let inVideo = false;
  for (const line of log) {
    const time = /^\[info\] {3}Duration: (\d+):(\d+):([\d.]+)/.exec(line);
    if (time) header.duration ??= Number(time[1]) * 3600 + Number(time[2]) * 60 + Number(time[3]);
    const video = /^\[info\] {3}Stream #0:\d+.*?: Video: (\w+)(.*)$/.exec(line);
    if (/^\[info\] {3}Stream #/.test(line)) inVideo = false;
    if (video && header.codec === null && !line.includes('(attached pic)')) {
      inVideo = true;
      header.codec = video[1]!;
      const size = /, (\d+)x(\d+)\b/.exec(video[2]!);
      header.width = size ? Number(size[1]) : null;
      header.height = size ? Number(size[2]) : null;
      header.rate = Number(/, ([\d.]+) fps/.exec(video[2]!)?.[1] ?? Number.NaN) || null;
    }
    const turned = inVideo && /displaymatrix: rotation of (-?[\d.]+) degrees/.exec(line);
    // ffmpeg counts against the clock; films are turned by quarters, and an almost one is one.
    if (turned) header.rotation = (((Math.round(-Number(turned[1]) / 90) * 90) % 360) + 360) % 360;
  }
  return header;
}

/** The error lines without ffmpeg's prefixes and without the file's own name. */
export function loggedErrors(log: readonly string[], inputName: string): string[] {
  const errors: string[] = [];
  for (const line of log) {
    const text = errorLine.exec(line)?.[1];
    if (text === undefined) continue;
    // About the frames that were written, not the file: two of them within one tick of a clock that does not matter.
    if (text.includes('non monotonically increasing dts to muxer')) continue;
    const plain = text.replace(`${inputName}: `, '').replaceAll(inputName, 'the file').trim().replace(/\.$/, '');
    if (plain !== '' && !errors.includes(plain)) errors.push(plain);
  }
  return errors;
}

/** One sentence part: why ffmpeg could not read a file. */
export function failureReason({ log, inputName }: FfmpegOutcome, backend: 'native' | 'core'): string {
  const errors = loggedErrors(log, inputName);
  const all = errors.join('\n');
  if (/matches no streams/.test(all)) return 'it holds no video';
  if (/not on whitelist/i.test(all)) return 'it is not a video container that is read here';
  if (backend === 'core' && log.some((line) => / Video: av1\b/.test(line)))
    return 'it is AV1 video, which the bundled ffmpeg cannot decode (install ffmpeg to read it)';
  const reason = errors.at(-1) ?? 'ffmpeg gave no reason';
  const first = errors[0];
  return first !== undefined && first !== reason ? `${reason} (${first})` : reason;
}
