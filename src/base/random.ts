// Seeded random numbers. The whole state is one small array, so that a checkpoint can carry it and a resumed run
// continues the same sequence.

/** sfc32 (Chris Doty-Humphrey's PractRand): 128 bits of state, period at least 2^32. */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;
  /** The second value of the last Box-Muller pair, kept so that no draw is wasted. */
  private spare: number | undefined;

  /** `stream` gives independent generators of one seed: one for weights, one for sampling, one per clip, … */
  constructor(seed: number, stream = 0) {
    this.a = seed >>> 0;
    this.b = stream >>> 0;
    this.c = 0x9e3779b9;
    this.d = 1;
    for (let i = 0; i < 16; i++) this.uint32();
  }

  /** A whole number in 0 … 2³²−1. */
  uint32(): number {
    const t = (((this.a + this.b) | 0) + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + t) | 0;
    return t >>> 0;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.uint32() / 2 ** 32;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** A whole number in 0 … n−1. */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Standard normal (Box-Muller). */
  normal(): number {
    if (this.spare !== undefined) {
      const value = this.spare;
      this.spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Shuffles in place (Fisher-Yates) and returns the same array. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
    return items;
  }

  /** The whole state, for a checkpoint. */
  save(): number[] {
    return [this.a, this.b, this.c, this.d, ...(this.spare === undefined ? [] : [this.spare])];
  }

  /** Continues from a saved state. */
  restore(state: readonly number[]): void {
    const [a, b, c, d, spare] = state;
    if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('Bad random state.');
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
    this.spare = spare;
  }
}
