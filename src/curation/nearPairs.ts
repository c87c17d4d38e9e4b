// Finds the pairs of fingerprints that may be alike without comparing all with all: each vector's hash of 64 bits is cut into
// three bands, and only vectors that agree in a band, but for one bit, are looked at (multi-index hashing; Norouzi et al. 2012).
import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfAborted } from '../base/errors.ts';
import type { Fingerprint } from './fingerprint.ts';
import { between, type Likeness, likeness, measuredLimits, mirror } from './lookAlike.ts';
import { type Bits, differingBits, simHash } from './simHash.ts';

/** Bits of a band, and where the three begin; of 64 bits one is left over. */
const bandBits = 21;
const bandStarts = [0, 21, 42];
/** Vectors whose hashes differ in more bits are not compared. At the loosest limit (distance 0.02) 4 bits differ on average. */
const mostBits = 16;
/** A clip with more vectors than this is found by one of them without looking one bit aside as well. */
const fewVectors = 5;
/** A place of the index that holds more vectors (a title, a logo, one wall that thousands of clips show) is looked at in part. */
const crowded = 200;

export interface NearPair extends Likeness {
  /** Indices of the fingerprints, a < b. */
  readonly a: number;
  readonly b: number;
}

export interface NearOptions {
  signal?: AbortSignal | undefined;
  /** Fingerprints asked about, of all. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** All pairs that `likeness` calls copies, but for a few that the hashes miss. Fingerprints are of one kind. */
export async function nearPairs(
  fingerprints: readonly Fingerprint[],
  { signal, onProgress }: NearOptions = {},
): Promise<NearPair[]> {
  throwIfAborted(signal, 'Comparing');
  const index = new BandIndex(fingerprints);
  const pairs: NearPair[] = [];
  const seen = new Set<number>();
  let last = performance.now();
  for (let a = 0; a < fingerprints.length; a++) {
    seen.clear();
    const own = fingerprints[a]!;
    index.find(a, seen);
    // What comes before was compared when it was its turn.
    for (const b of seen) {
      const alike = likeness(own, fingerprints[b]!);
      if (alike) pairs.push({ a, b, ...alike });
    }
    if (performance.now() - last < 50) continue;
    onProgress?.(a, fingerprints.length);
    await nextTurn();
    throwIfAborted(signal, 'Comparing');
    last = performance.now();
  }
  onProgress?.(fingerprints.length, fingerprints.length);
  return pairs;
}

interface Asked {
  readonly vector: Float32Array;
  readonly bits: Bits;
}

class BandIndex {
  private readonly low: Uint32Array;
  private readonly high: Uint32Array;
  /** Of each vector, the fingerprint it belongs to. */
  private readonly owner: Uint32Array;
  /** Per band: where each place's vectors begin in `order`, and the vectors by place. */
  private readonly starts: Uint32Array[] = [];
  private readonly order: Uint32Array[] = [];
  private readonly vectors: Float32Array[] = [];
  private readonly ask: readonly Asked[][];

  constructor(fingerprints: readonly Fingerprint[]) {
    const hashes: Bits[] = [];
    const owners: number[] = [];
    const ask: Asked[][] = [];
    for (const [owner, { kind, frames, cropped }] of fingerprints.entries()) {
      const own: Asked[] = [];
      const add = (vector: Float32Array) => {
        const bits = simHash(vector);
        // Frames of a still clip are found by one of them.
        if (own.some((one) => one.bits.low === bits.low && one.bits.high === bits.high)) return;
        own.push({ vector, bits });
        this.vectors.push(vector);
        hashes.push(bits);
        owners.push(owner);
      };
      frames.forEach(add);
      cropped.forEach(add);
      const mirrored = kind === 'image' && frames[0] ? mirror(frames[0]) : undefined;
      ask.push(mirrored ? [...own, { vector: mirrored, bits: simHash(mirrored) }] : own);
    }
    this.ask = ask;
    this.low = Uint32Array.from(hashes, ({ low }) => low);
    this.high = Uint32Array.from(hashes, ({ high }) => high);
    this.owner = Uint32Array.from(owners);
    for (const band of bandStarts.keys()) this.sort(band);
  }

  /** Counting sort of all vectors by their value in a band. */
  private sort(band: number): void {
    const starts = new Uint32Array((1 << bandBits) + 1);
    const places = Uint32Array.from(this.low, (low, n) => placeOf(low, this.high[n]!, band));
    for (const place of places) starts[place + 1]!++;
    for (let place = 0; place < 1 << bandBits; place++) starts[place + 1]! += starts[place]!;
    const next = starts.slice();
    const order = new Uint32Array(places.length);
    for (const [n, place] of places.entries()) order[next[place]!++] = n;
    this.starts.push(starts);
    this.order.push(order);
  }

  /** Adds to `found` the fingerprints after `own` that have a vector near one of its. */
  find(own: number, found: Set<number>): void {
    const hashes = this.ask[own]!;
    for (const asked of hashes)
      for (const band of bandStarts.keys()) {
        const place = placeOf(asked.bits.low, asked.bits.high, band);
        this.look(band, place, asked, own, found);
        if (hashes.length > fewVectors) continue;
        for (let bit = 0; bit < bandBits; bit++) this.look(band, place ^ (1 << bit), asked, own, found);
      }
  }

  private look(band: number, place: number, { vector: wanted, bits }: Asked, own: number, found: Set<number>): void {
    const order = this.order[band]!;
    const starts = this.starts[band]!;
    let n = starts[place]!;
    const end = starts[place + 1]!;
    if (end - n > crowded) n = this.after(order, n, end, own);
    for (let looked = 0; n < end && looked < crowded; n++, looked++) {
      const vector = order[n]!;
      const other = this.owner[vector]!;
      if (other <= own || found.has(other)) continue;
      const differing = differingBits(bits.low, this.low[vector]!) + differingBits(bits.high, this.high[vector]!);
      if (differing <= mostBits && between(wanted, this.vectors[vector]!) <= measuredLimits.frame) found.add(other);
    }
  }

  /** Where in a crowded place the vectors after those of `own` begin: they lie there in the order of their owners. */
  private after(order: Uint32Array, from: number, to: number, own: number): number {
    let [low, high] = [from, to];
    while (low < high) {
      const mid = (low + high) >> 1;
      if (this.owner[order[mid]!]! <= own) low = mid + 1;
      else high = mid;
    }
    return low;
  }
}

function placeOf(low: number, high: number, band: number): number {
  const start = bandStarts[band]!;
  if (start + bandBits <= 32) return (low >>> start) & ((1 << bandBits) - 1);
  if (start >= 32) return (high >>> (start - 32)) & ((1 << bandBits) - 1);
  return ((low >>> start) | (high << (32 - start))) & ((1 << bandBits) - 1);
}
