// Which frames of a video are the candidates of a clip, from the frames' times alone. Pure, and the same for every
// backend. Uniform in time: candidate i is the frame on the screen at start + (i + 0.5) / count × duration; or counted in frames.
import type { ClipPattern, ClipRequest } from './clip.ts';

/** Containers round times (WebM to a millisecond), so a frame counts as shown this many seconds early. */
export const tolerance = 0.001;

/** The index of the last of the rising `times` that is not after `time`; 0 where all are. */
export function frameShownAt(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle]! <= time + tolerance) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The times in seconds of the `count` candidates of a clip. */
export function candidateTimes(start: number, end: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => start + ((i + 0.5) / count) * (end - start));
}

/** Which of the frames 0 … n − 1 the pattern's `count` candidates are. */
export function patternFrames(pattern: ClipPattern, count: number, n: number): number[] {
  if (pattern.name === 'whole')
    return Array.from({ length: count }, (_, i) => Math.round(count === 1 ? (n - 1) / 2 : (i / (count - 1)) * (n - 1)));
  const { clips, stride } = pattern;
  const frames = Math.floor(count / clips);
  const starts = Math.max(0, n - ((frames - 1) * stride + 1)) + 1;
  return Array.from({ length: clips }, (_, c) => Math.floor(((c + 0.5) / clips) * starts)).flatMap((start) =>
    Array.from({ length: frames }, (_, i) => Math.min(n - 1, start + i * stride)),
  );
}

/** The candidates of a clip as indices into the rising `times` of its frames. */
export function candidateFrames(
  times: readonly number[],
  start: number,
  end: number,
  { count, pattern }: Pick<ClipRequest, 'count' | 'pattern'>,
): number[] {
  if (!pattern) return candidateTimes(start, end, count).map((time) => frameShownAt(times, time));
  const first = frameShownAt(times, start);
  const last = Math.max(first, frameShownAt(times, end - 2 * tolerance));
  return patternFrames(pattern, count, last - first + 1).map((n) => first + n);
}

/** When the candidates of a clip are on the screen, where only the frame rate is known. */
export function expectedTimes(
  start: number,
  end: number,
  { count, pattern }: Pick<ClipRequest, 'count' | 'pattern'>,
  rate: number,
): number[] {
  if (!pattern) return candidateTimes(start, end, count);
  const n = Math.max(1, Math.round((end - start) * rate));
  return patternFrames(pattern, count, n).map((index) => Math.min(end, start + index / rate + 2 * tolerance));
}

/** How long a frame is on the screen, usually: the median step between frames. 0 where there is only one. */
export function usualStep(times: readonly number[]): number {
  const steps: number[] = [];
  for (let i = 1; i < times.length; i++) steps.push(times[i]! - times[i - 1]!);
  steps.sort((a, b) => a - b);
  return steps[steps.length >> 1] ?? 0;
}

/** Numbers the distinct values in order of appearance: [7, 7, 9, 7] → unique [7, 9], frameOf [0, 0, 1, 0]. */
export function distinct<T>(chosen: readonly T[]): { unique: T[]; frameOf: Uint16Array } {
  const place = new Map<T, number>();
  const frameOf = Uint16Array.from(chosen, (value) => {
    if (!place.has(value)) place.set(value, place.size);
    return place.get(value)!;
  });
  return { unique: [...place.keys()], frameOf };
}
