// Which samples a batch is made of. Each sample comes from dataset d with that dataset's share of the draws: N_d / ΣN, as
// CoVeR draws them, or another (config/stages.ts). Inside a dataset, every sample comes once before any comes again. The order of a pass follows from the seed and the pass's number,
// so that the whole state is a handful of numbers, however many samples there are.
import { Random } from '../base/random.ts';

/** One drawn sample: which dataset, which of its samples, and the seed of everything random done to it. */
export interface Draw {
  readonly dataset: number;
  readonly sample: number;
  readonly seed: number;
}

/** Where the sequence stands. */
export interface SamplerState {
  /** Of the draws between datasets (`Random.save`). */
  readonly random: readonly number[];
  /** Per dataset: passes through it that were begun, and samples taken of the last of them. */
  readonly passes: readonly number[];
  readonly positions: readonly number[];
}

export class MixedSampler {
  private readonly random: Random;
  private readonly total: number;
  private readonly orders: Uint32Array[];
  private readonly passes: number[];
  private readonly positions: number[];

  /**
   * `sizes`: N_d of each dataset, all at least 1. `from` continues a sequence of the same sizes, shares, seed and stream.
   * `shares`: how often each is drawn from, relatively; in proportion to the sizes where they are not given.
   */
  constructor(
    private readonly sizes: readonly number[],
    private readonly seed: number,
    private readonly stream: number,
    from?: SamplerState,
    private readonly shares: readonly number[] = sizes,
  ) {
    if (sizes.some((size) => size < 1)) throw new Error('A dataset without samples cannot be drawn from.');
    this.random = new Random(seed, stream);
    this.total = shares.reduce((sum, share) => sum + share, 0);
    if (!(this.total > 0)) throw new Error('No dataset has a share of the draws.');
    if (from) this.random.restore(from.random);
    this.passes = sizes.map((_, dataset) => from?.passes[dataset] ?? 1);
    this.positions = sizes.map((_, dataset) => from?.positions[dataset] ?? 0);
    this.orders = this.passes.map((pass, dataset) => this.order(dataset, pass));
  }

  /** The next `batchSize` samples. */
  draw(batchSize: number): Draw[] {
    return Array.from({ length: batchSize }, () => {
      const dataset = this.dataset();
      return { dataset, sample: this.sampleOf(dataset), seed: this.random.uint32() };
    });
  }

  save(): SamplerState {
    return { random: this.random.save(), passes: [...this.passes], positions: [...this.positions] };
  }

  private dataset(): number {
    let rest = this.random.uniform() * this.total;
    for (const [i, share] of this.shares.entries()) {
      if (rest < share) return i;
      rest -= share;
    }
    return this.shares.findLastIndex((share) => share > 0); // rounding left nothing over
  }

  private sampleOf(dataset: number): number {
    if (this.positions[dataset] === this.sizes[dataset]) {
      this.orders[dataset] = this.order(dataset, ++this.passes[dataset]!);
      this.positions[dataset] = 0;
    }
    return this.orders[dataset]![this.positions[dataset]!++]!;
  }

  /** The order of a pass through a dataset (Fisher-Yates), the same whenever it is asked for. */
  private order(dataset: number, pass: number): Uint32Array {
    const random = [this.stream, dataset, pass].reduce(
      (from, key) => new Random(from.uint32(), key),
      new Random(this.seed),
    );
    const order = Uint32Array.from({ length: this.sizes[dataset]! }, (_, sample) => sample);
    for (let i = order.length - 1; i > 0; i--) {
      const j = random.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}
