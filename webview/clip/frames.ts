// Stepping by frames in a player that only knows seconds. Pure.

/** The shortest distance between two shown frames that is believed, in seconds (240 frames a second). */
const shortest = 1 / 240;

/** The length of a frame, learned from the times of shown frames: the shortest distance seen so far. */
export function learnFrame(known: number | undefined, previous: number | undefined, shown: number): number | undefined {
  if (previous === undefined) return known;
  const distance = Math.abs(shown - previous);
  if (distance < shortest || distance > 1) return known;
  return known === undefined ? distance : Math.min(known, distance);
}

/**
 * Where to seek to show the frame `steps` from the one at `time`: the middle of that frame, so that rounding never
 * shows its neighbour; inside `from` … `to`.
 */
export function stepped(time: number, frame: number, steps: number, from: number, to: number): number {
  const index = Math.floor((time - from) / frame + 1e-6) + steps;
  const last = Math.max(0, Math.ceil((to - from) / frame - 1e-6) - 1);
  return from + (Math.min(last, Math.max(0, index)) + 0.5) * frame;
}
