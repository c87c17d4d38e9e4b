// Counts the floating-point operations of a model's matrix products: 2·m·n·k for [m, k] × [k, n], nothing for what is not
// a matrix product. A backward pass has two products of the same size for each of the forward's (one for each factor),
// but one for the patch embedding, whose other factor are the pixels. So training is 3 × forward − the embedding's.
//
// Two counts: `model` takes every block whole, the usual convention (ViT-B/16 on 8 × 224²: 195.8 billion multiply-adds).
// `useful` leaves out what no logit depends on: the last block's class token alone is read, so its patch tokens need keys
// and values there but neither queries, output projection nor MLP. Speeds are given by `useful`, the smaller of the two.
import { type ModelSpec, patchesOf } from '../src/model/modelSpec.ts';
import type { Mode } from './cases.ts';

export interface Flops {
  readonly model: number;
  readonly useful: number;
}

/** Operations for `clips` clips of the spec's number of frames: one pass, or one step without the optimizer. */
export function countFlops(spec: ModelSpec, clips: number, mode: Mode): Flops {
  const embedding = 2 * embeddingMacs(spec, clips);
  const total = (whole: boolean) => {
    const forward = 2 * forwardMacs(spec, clips, whole);
    return mode === 'inference' ? forward : 3 * forward - embedding;
  };
  return { model: total(true), useful: total(false) };
}

/** Multiply-adds of a forward pass; `whole` counts the last block like the others. */
export function forwardMacs(spec: ModelSpec, clips: number, whole: boolean): number {
  const { hiddenSize: d, depth } = spec;
  const classes = spec.heads.reduce((sum, head) => sum + head.classes.length, 0);
  const last = whole ? blockMacs(spec, clips) : lastBlockMacs(spec, clips);
  return embeddingMacs(spec, clips) + (depth - 1) * blockMacs(spec, clips) + last + clips * d * classes;
}

function embeddingMacs(spec: ModelSpec, clips: number): number {
  return clips * spec.frames * patchesOf(spec) * 3 * spec.patchSize ** 2 * spec.hiddenSize;
}

function blockMacs(spec: ModelSpec, clips: number): number {
  const { hiddenSize: d, frames: t, mlpRatio } = spec;
  const n = patchesOf(spec);
  const tokens = clips * t * (n + 1); // the class token is repeated for each frame
  const spatial = 4 * tokens * d * d + 2 * clips * t * (n + 1) ** 2 * d; // q, k, v and output; scores and mixing
  const mlp = 2 * clips * (t * n + 1) * mlpRatio * d * d;
  return temporalMacs(spec, clips) + spatial + mlp;
}

/** As blockMacs, with the class token as the only query and the only token of the MLP. */
function lastBlockMacs(spec: ModelSpec, clips: number): number {
  const { hiddenSize: d, frames: t, mlpRatio } = spec;
  const n = patchesOf(spec);
  const keysAndValues = 2 * clips * t * (n + 1) * d * d;
  const queriesAndOutput = 2 * clips * t * d * d;
  const scoresAndMixing = 2 * clips * t * (n + 1) * d;
  const mlp = 2 * clips * mlpRatio * d * d;
  return temporalMacs(spec, clips) + keysAndValues + queriesAndOutput + scoresAndMixing + mlp;
}

/** Temporal attention and temporal_fc over the patch tokens. Over one frame only the value is left of q, k and v. */
function temporalMacs(spec: ModelSpec, clips: number): number {
  const { hiddenSize: d, frames: t } = spec;
  const tokens = clips * t * patchesOf(spec);
  if (t === 1) return spec.imageTemporal === 'skip' ? 0 : 3 * tokens * d * d;
  return 5 * tokens * d * d + 2 * tokens * t * d; // q, k, v, output, temporal_fc; scores and mixing
}
