// The learning rate over a stage.

/**
 * Linear from 0 over the first `warmUp` share of the steps, then half a cosine down to 0 (Loshchilov and Hutter 2017).
 * `step` counts from 0. Never 0 in a step that is made.
 */
export function learningRate(step: number, steps: number, peak: number, warmUp: number): number {
  const warm = Math.floor(steps * warmUp);
  if (step < warm) return (peak * (step + 1)) / warm;
  return (peak * (1 + Math.cos((Math.PI * (step - warm)) / Math.max(1, steps - warm)))) / 2;
}
