// What training leaves out at random, as the numbers that the training graph multiplies with: 0 for what is left out, else one
// over the share that is kept, so that the expectation stays.
import type { Random } from '../base/random.ts';

/**
 * Stochastic depth, [3 · depth, samples]: each sample keeps or drops each of a block's three branches. The rate grows
 * linearly from 0 in the first block to `rate` in the last (Huang et al. 2016, section 3).
 */
export function keptBranches(random: Random, rate: number, depth: number, samples: number): Float32Array {
  const kept = new Float32Array(3 * depth * samples);
  for (let row = 0; row < 3 * depth; row++) {
    const own = depth > 1 ? (rate * Math.floor(row / 3)) / (depth - 1) : rate;
    draw(random, own, kept.subarray(row * samples, (row + 1) * samples));
  }
  return kept;
}

/** Dropout of the features that the heads read, [samples, width]. */
export function keptFeatures(random: Random, rate: number, samples: number, width: number): Float32Array {
  return draw(random, rate, new Float32Array(samples * width));
}

function draw(random: Random, rate: number, into: Float32Array): Float32Array {
  const kept = 1 / (1 - rate);
  for (let i = 0; i < into.length; i++) into[i] = random.uniform() < rate ? 0 : kept;
  return into;
}
