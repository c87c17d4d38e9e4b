// Turns counts (so many of so many) into progress with a rate and the time left, not more often than a person can read.
const intervalMs = 100;

export interface Counted {
  done: number;
  total: number;
  /** Per second. */
  rate: number;
  /** Seconds; null while unknown. */
  eta: number | null;
}

/** Counts of one task after another, by a name. The first and the last count of each are always told. */
export function paced(
  tell: (name: string, counted: Counted) => void,
  now: () => number = Date.now,
): (name: string, done: number, total: number) => void {
  let current: string | undefined;
  let start = 0;
  let told = 0;
  return (name, done, total) => {
    const time = now();
    if (name !== current) {
      current = name;
      start = time;
    } else if (time - told < intervalMs && done < total) return;
    told = time;
    const rate = time > start ? done / ((time - start) / 1000) : 0;
    tell(name, { done, total, rate, eta: rate > 0 ? (total - done) / rate : null });
  };
}
