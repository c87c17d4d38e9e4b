// A vector's direction as 64 bits: on which side of 64 random planes it lies (Charikar, "Similarity estimation techniques from
// rounding algorithms", 2002). The share of bits in which two vectors differ is the angle between them by π.
import { Random } from '../base/random.ts';

/** 64 bits as two whole numbers. */
export interface Bits {
  readonly low: number;
  readonly high: number;
}

const bits = 64;
const longest = 128;
const rounds = 3;
/** Always the same signs, so that a hash means the same in every run. */
const signs = makeSigns();
const scratch = new Float32Array(longest);

function makeSigns(): Float32Array[] {
  const random = new Random(20_021);
  return Array.from({ length: rounds }, () =>
    Float32Array.from({ length: longest }, () => (random.uniform() < 0.5 ? -1 : 1)),
  );
}

/**
 * Of a vector of 64 or 128 numbers. The random planes are made by turning signs over and mixing (Hadamard transform), three
 * times, which costs a fourth of a product with a random matrix (Andoni et al. 2015, "Practical and optimal LSH").
 */
export function simHash(vector: Float32Array): Bits {
  const length = vector.length;
  const mixed = scratch.subarray(0, length);
  mixed.set(vector);
  for (const sign of signs) {
    for (let k = 0; k < length; k++) mixed[k]! *= sign[k]!;
    hadamard(mixed);
  }
  let [low, high] = [0, 0];
  for (let bit = 0; bit < bits; bit++) {
    if (mixed[bit]! <= 0) continue;
    if (bit < 32) low |= 1 << bit;
    else high |= 1 << (bit - 32);
  }
  return { low: low >>> 0, high: high >>> 0 };
}

/** In place; the length is a power of two. */
function hadamard(values: Float32Array): void {
  const length = values.length;
  for (let half = 1; half < length; half *= 2)
    for (let from = 0; from < length; from += 2 * half)
      for (let k = from; k < from + half; k++) {
        const [a, b] = [values[k]!, values[k + half]!];
        values[k] = a + b;
        values[k + half] = a - b;
      }
}

/** In how many of 32 bits two numbers differ. */
export function differingBits(a: number, b: number): number {
  let x = (a ^ b) >>> 0;
  x -= (x >>> 1) & 0x55555555;
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
