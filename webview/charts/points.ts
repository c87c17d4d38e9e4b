// Lists of points as the charts take them, and what makes long ones drawable: fewer points, smoother ones, and the
// nearest one to the pointer.

/** Points of one line, x rising. Both lists have the same length. */
export interface Points {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/**
 * At most about `most` of the points, such that the line looks the same: of every stretch its first, lowest, highest
 * and last point stay, so that no spike is lost.
 */
export function decimate(points: Points, most: number): Points {
  const n = points.x.length;
  if (n <= most) return points;
  const stretches = Math.max(1, Math.floor(most / 4));
  const x: number[] = [];
  const y: number[] = [];
  for (let s = 0; s < stretches; s++) {
    const from = Math.floor((s * n) / stretches);
    const to = Math.floor(((s + 1) * n) / stretches);
    let low = from;
    let high = from;
    for (let i = from; i < to; i++) {
      if (points.y[i]! < points.y[low]!) low = i;
      if (points.y[i]! > points.y[high]!) high = i;
    }
    const kept = [...new Set([from, low, high, to - 1])].sort((a, b) => a - b);
    for (const i of kept) {
      x.push(points.x[i]!);
      y.push(points.y[i]!);
    }
  }
  return { x, y };
}

/**
 * An exponential moving average with `weight` (0 … 1) on the past, corrected for its start (as in Adam): the first
 * value is the first point's own.
 */
export function smooth(points: Points, weight: number): Points {
  let mean = 0;
  let total = 0;
  const y = points.y.map((value) => {
    mean = weight * mean + (1 - weight) * value;
    total = weight * total + (1 - weight);
    return mean / total;
  });
  return { x: points.x, y };
}

/** Index of the point nearest to `x`, or −1 where there is none. */
export function nearest(xs: readonly number[], x: number): number {
  if (xs.length === 0) return -1;
  let low = 0;
  let high = xs.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low > 0 && x - xs[low - 1]! <= xs[low]! - x ? low - 1 : low;
}

/** Lowest and highest of all values, or undefined where there are none. */
export function extent(lists: readonly (readonly number[])[]): [number, number] | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const list of lists) {
    for (const value of list) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : undefined;
}
