// Mixup (Zhang et al. 2018) and CutMix (Yun et al. 2019) of two samples of one dataset. A clip is mixed as a whole: one
// share, and one box for all its frames, since a box that jumped would be motion that is not there. Pure, seeded by the draw.
import { Random } from '../base/random.ts';
import type { ResolvedStage } from '../config/resolved.ts';

export type MixSettings = Pick<ResolvedStage, 'mixup' | 'cutmix' | 'mixupProbability'>;

/** How much of a sample stays its own, and where the partner shows: everywhere as a blend, or in a box alone. */
export interface Mix {
  /** Share of the sample itself in its target, 0 … 1. */
  readonly share: number;
  /** Rows and columns [top, bottom) × [left, right) that come from the partner; absent: all are blended. */
  readonly box?: { readonly top: number; readonly bottom: number; readonly left: number; readonly right: number };
}

/** Tells this use of a draw's seed from the augmentation's. */
const stream = 0x6d69_7870;

/** What happens to the sample drawn with `seed`, at `size` × `size` pixels; undefined: it stays itself. */
export function mixOf(seed: number, { mixup, cutmix, mixupProbability }: MixSettings, size: number): Mix | undefined {
  if (mixup === 0 && cutmix === 0) return undefined;
  const random = new Random(seed, stream);
  if (random.uniform() >= mixupProbability) return undefined;
  const cut = cutmix > 0 && (mixup === 0 || random.uniform() < 0.5);
  const alpha = cut ? cutmix : mixup;
  const share = beta(random, alpha);
  if (!cut) return { share };
  const side = size * Math.sqrt(1 - share);
  const [row, column] = [random.below(size), random.below(size)];
  const from = (centre: number) => Math.max(0, Math.floor(centre - side / 2));
  const to = (centre: number) => Math.min(size, Math.floor(centre + side / 2));
  const box = { top: from(row), bottom: to(row), left: from(column), right: to(column) };
  // The share is what is really seen: the box may reach over the edge.
  return { share: 1 - ((box.bottom - box.top) * (box.right - box.left)) / size ** 2, box };
}

/** A sample's place in its buffers: `planes` planes of size × size pixels from `pixelsAt`, `classes` shares from `targetAt`. */
export interface Row {
  readonly pixels: Float32Array;
  readonly pixelsAt: number;
  readonly target: Float32Array;
  readonly targetAt: number;
}

/** Mixes two samples into each other, each by its own mix. Both are read as they were before. */
export function mixPair(
  a: Row,
  b: Row,
  mixes: readonly [Mix | undefined, Mix | undefined],
  { planes, size, classes }: { planes: number; size: number; classes: number },
): void {
  const [ofA, ofB] = mixes;
  if (!ofA && !ofB) return;
  for (let plane = 0; plane < planes; plane++) {
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const at = (plane * size + row) * size + column;
        const [x, y] = [a.pixels[a.pixelsAt + at]!, b.pixels[b.pixelsAt + at]!];
        if (ofA) a.pixels[a.pixelsAt + at] = mixed(x, y, ofA, row, column);
        if (ofB) b.pixels[b.pixelsAt + at] = mixed(y, x, ofB, row, column);
      }
    }
  }
  for (let i = 0; i < classes; i++) {
    const [x, y] = [a.target[a.targetAt + i]!, b.target[b.targetAt + i]!];
    if (ofA) a.target[a.targetAt + i] = x * ofA.share + y * (1 - ofA.share);
    if (ofB) b.target[b.targetAt + i] = y * ofB.share + x * (1 - ofB.share);
  }
}

function mixed(own: number, other: number, { share, box }: Mix, row: number, column: number): number {
  if (!box) return own * share + other * (1 - share);
  const inside = row >= box.top && row < box.bottom && column >= box.left && column < box.right;
  return inside ? other : own;
}

/** Beta(α, α) from two gamma variates. */
function beta(random: Random, alpha: number): number {
  const [x, y] = [logGamma(random, alpha), logGamma(random, alpha)];
  return 1 / (1 + Math.exp(y - x));
}

/** The logarithm of a gamma variate of shape α (Marsaglia and Tsang 2000); the logarithm, since small shapes underflow. */
function logGamma(random: Random, alpha: number): number {
  if (alpha < 1) return logGamma(random, alpha + 1) + Math.log(1 - random.uniform()) / alpha;
  const d = alpha - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random.uniform()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}
