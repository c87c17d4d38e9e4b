// Which samples a batch is made of. Each sample comes from dataset d with probability N_d / ΣN, as CoVeR draws them; inside
// a dataset, every sample comes once before any comes again.
import { Random } from '../base/random.ts';

/** One drawn sample: which dataset, which of its samples, and the seed of everything random done to it. */
export interface Draw {
  readonly dataset: number;
  readonly sample: number;
  readonly seed: number;
}

export class MixedSampler {
  private readonly random: Random;
  private readonly total: number;
  private readonly orders: number[][];
  private readonly positions: number[];

  /** `sizes`: N_d of each dataset, all at least 1. */
  constructor(
    private readonly sizes: readonly number[],
    seed: number,
    stream: number,
  ) {
    if (sizes.some((size) => size < 1)) throw new Error('A dataset without samples cannot be drawn from.');
    this.random = new Random(seed, stream);
    this.total = sizes.reduce((sum, size) => sum + size, 0);
    this.orders = sizes.map((size) => this.random.shuffle([...Array(size).keys()]));
    this.positions = sizes.map(() => 0);
  }

  /** The next `batchSize` samples. */
  draw(batchSize: number): Draw[] {
    return Array.from({ length: batchSize }, () => {
      const dataset = this.dataset();
      return { dataset, sample: this.sampleOf(dataset), seed: this.random.uint32() };
    });
  }

  private dataset(): number {
    let rest = this.random.below(this.total);
    for (let i = 0; i < this.sizes.length - 1; i++) {
      if (rest < this.sizes[i]!) return i;
      rest -= this.sizes[i]!;
    }
    return this.sizes.length - 1;
  }

  private sampleOf(dataset: number): number {
    const order = this.orders[dataset]!;
    if (this.positions[dataset] === order.length) {
      this.random.shuffle(order);
      this.positions[dataset] = 0;
    }
    return order[this.positions[dataset]!++]!;
  }
}
