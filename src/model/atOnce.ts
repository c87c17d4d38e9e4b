// How many samples go through a model at once. On the CPU so many that their activations stay in the processor's cache: a pass
// over a large batch waits for memory between all of its matrix products. A graphics device takes everything at once.
import { evenRanges, type Range } from '../base/evenRanges.ts';
import { type ModelSpec, patchesOf } from './modelSpec.ts';

/**
 * Tokens on the CPU. Measured with training steps of models 96 to 768 wide, 128 to 1,568 tokens a sample: 1,000 to 2,000 are fastest at
 * every width; 6,000 take a tenth to a sixth longer, 12,000 a quarter; below 1,000 the products are too small for their overhead.
 */
export const tokensAtOnce = 2048;

/** Of samples of so many frames. `memory`: where the device's tensors live. A sample is never cut. */
export function samplesAtOnce(
  model: Pick<ModelSpec, 'imageSize' | 'patchSize'>,
  frames: number,
  memory: 'host' | 'device',
): number {
  if (memory === 'device') return Number.POSITIVE_INFINITY;
  return Math.max(1, Math.floor(tokensAtOnce / (frames * patchesOf(model))));
}

/** Samples in parts, of which each has `most` at most and that are as even as they can be. */
export function partsAtOnce(samples: number, most: number): Range[] {
  return evenRanges(samples, Math.max(1, Math.ceil(samples / most)));
}
