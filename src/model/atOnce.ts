// How many samples go through a model at once. On the CPU so many that their activations stay in the processor's cache: a pass
// over a large batch waits for memory between all of its matrix products. A graphics device takes everything at once.
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

/** How many samples each part has of `samples`, of which `most` go at once: as even as they can be. */
export function partSizes(samples: number, most: number): number[] {
  const count = Math.max(1, Math.ceil(samples / most));
  const start = (part: number) => Math.floor((part * samples) / count);
  return Array.from({ length: count }, (_, part) => start(part + 1) - start(part));
}
