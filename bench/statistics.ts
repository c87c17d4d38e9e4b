// Figures from samples: medians, because a shared machine makes outliers, with the extremes beside them.

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** How many samples it is made from. */
  readonly count: number;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('There is no median of nothing.');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values), count: values.length };
}

/** a[i] / b[i] of each round. The two took turns, so what slowed the machine down meanwhile slowed both. */
export function pairRatios(a: readonly number[], b: readonly number[]): number[] {
  if (a.length !== b.length) throw new Error(`${a.length} rounds do not pair with ${b.length}.`);
  return a.map((value, i) => value / b[i]!);
}
