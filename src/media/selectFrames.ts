// Which frames of a video are the candidates of a clip, from the frames' times alone. Pure, and the same for every
// backend: candidate i is the frame on the screen at time start + (i + 0.5) / count × duration.

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
