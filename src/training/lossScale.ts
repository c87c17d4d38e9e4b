// Dynamic loss scaling: small gradients vanish in float16, so the loss, and with it every gradient, is multiplied by a power
// of two, and the update divides it out again. Where a gradient overflows, the step is skipped and the scale halved; after
// many good steps it is doubled (Micikevicius et al. 2018, section 3.2).

export interface LossScaleState {
  readonly scale: number;
  /** Steps made since the scale last changed. */
  readonly goodSteps: number;
}

export const initialLossScale: LossScaleState = { scale: 2 ** 16, goodSteps: 0 };
const stepsToDouble = 2000;
const [least, most] = [1, 2 ** 24];

/** The scale after a step whose gradients were all finite, or not. */
export function nextLossScale({ scale, goodSteps }: LossScaleState, finite: boolean): LossScaleState {
  if (!finite) return { scale: Math.max(least, scale / 2), goodSteps: 0 };
  if (goodSteps + 1 < stepsToDouble) return { scale, goodSteps: goodSteps + 1 };
  return { scale: Math.min(most, scale * 2), goodSteps: 0 };
}

/** Whether gradients that are not finite may be due to the scale. Where it cannot shrink further, training broke down. */
export function canShrink({ scale }: LossScaleState): boolean {
  return scale > least;
}
