// Probabilities as models and files have them: 0 … 1, but for what the rounding of sums and shares adds.

const rounding = 1e-6;

/** A value that rounding took out of 0 … 1, back at its end; any other as it is. */
export function clampRounding(value: number): number {
  return value >= -rounding && value <= 1 + rounding ? Math.min(Math.max(value, 0), 1) : value;
}

export function isProbability(value: number): boolean {
  return value >= 0 && value <= 1;
}
