// Which windows of a long video a model is asked about. Pure. Neighbouring windows share frames, so that a stretch of windows is
// decoded as one clip of evenly spaced frames.
import type { ResolvedExperiment } from '../config/resolved.ts';
import type { TimelinePlan } from '../protocol/predictions.ts';
import type { ClipSpan } from './sampledTimes.ts';

/** No more windows than this, however long a video is: then there are gaps between them. */
export const mostWindows = 120;
/** Windows of a page. */
export const pageWindows = 8;
/** Seconds between the frames of a window, where a model takes its frames evenly from clips of any length. */
const usualSpacing = 0.25;

/**
 * How long a window is, in seconds: of a model that samples densely, its frames × its stride at the file's rate, which is what it
 * was trained on. Others take clips of any length: four frames a second, at least one second.
 */
export function windowLength(
  { model, sampling }: Pick<ResolvedExperiment, 'model' | 'sampling'>,
  rate: number,
): number {
  if (sampling.name === 'dense') return (model.frames * sampling.stride) / rate;
  return Math.max(1, model.frames * usualSpacing);
}

/**
 * Windows of about `wanted` seconds, each beginning half a window after the one before it; where that would be too many,
 * `mostWindows` evenly spread. The length is fitted so that the last window ends with the video.
 */
export function planTimeline(
  { start, end }: Pick<ClipSpan, 'start' | 'end'>,
  wanted: number,
  frames: number,
): TimelinePlan {
  const seconds = end - start;
  const cover = { from: start, to: end, frames };
  const step = stepOf(frames);
  // With m windows, step · (m − 1) + frames frames lie evenly over the video.
  const windows = Math.floor(((seconds / wanted) * frames - frames) / step + 0.5) + 1;
  if (!(windows > 1)) return { ...cover, length: seconds, stride: seconds, windows: 1 };
  if (windows > mostWindows)
    return { ...cover, length: wanted, stride: (seconds - wanted) / (mostWindows - 1), windows: mostWindows };
  const spacing = seconds / (step * (windows - 1) + frames);
  return { ...cover, length: frames * spacing, stride: step * spacing, windows };
}

/** Frames from the beginning of a window to that of the next one. */
export function stepOf(frames: number): number {
  return Math.max(1, Math.floor(frames / 2));
}

/** A stretch of windows as one clip to decode: `count` evenly spaced frames of it, of which window i has those from i · step on. */
export interface Stretch {
  readonly first: number;
  readonly windows: number;
  readonly start: number;
  readonly end: number;
  readonly count: number;
  readonly step: number;
}

/** The stretches of up to `pageWindows` windows from the window `from` on: one where they share frames, else one for each. */
export function stretchesOf({ from: start, length, stride, windows, frames }: TimelinePlan, from: number): Stretch[] {
  const many = Math.max(0, Math.min(pageWindows, windows - from));
  if (many === 0) return [];
  const step = stepOf(frames);
  // Overlapping is not enough: as many windows as there may be lie further apart than the `step` frames that a stretch takes.
  const joined = windows > 1 && Math.abs(stride * frames - step * length) < 1e-6 * length;
  const stretch = (first: number, count: number): Stretch => ({
    first,
    windows: count,
    start: start + first * stride,
    end: start + (first + count - 1) * stride + length,
    count: step * (count - 1) + frames,
    step,
  });
  if (joined) return [stretch(from, many)];
  return Array.from({ length: many }, (_, i) => stretch(from + i, 1));
}
