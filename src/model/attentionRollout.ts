// Where the model looked: attention roll-out (Abnar & Zuidema, "Quantifying Attention Flow in Transformers", ACL 2020, arXiv
// 2005.00928), for the three kinds of attention that timesformer.ts has. Pure arithmetic on the weights that inferenceGraph gives
// out with `attention`. t frames, n patches of each, s tokens.
import type { ModelSpec } from './modelSpec.ts';

/** One block's weights of one clip, averaged over the attention heads, as `inferenceGraph` gives them. */
export interface BlockAttention {
  /** [n, t, t]; divided attention only. */
  readonly temporal?: Float32Array | undefined;
  /** [t, 1 + n, 1 + n] (divided, space only) or [1 + t·n, 1 + t·n] (joint); of the last block each matrix's first row alone. */
  readonly spatial: Float32Array;
}

export interface Rollout {
  /** What of the class token comes from each patch, [t, n]. */
  readonly patches: Float64Array;
  /** What of it comes from the class token itself. With the patches it sums to 1. */
  readonly classToken: number;
}

/**
 * The class token's row of the roll-out R = A_L · … · A_1, without ever making a matrix of all 1 + t·n tokens.
 *
 * The paper's: the matrix of an attention with its residual is Â = ½ W + ½ I, W being the mean over the heads; rows of W sum
 * to 1, so Â needs no further normalising; the MLPs, which move nothing between tokens, are left out.
 *
 * Ours, for divided attention: a block has two attentions, one after the other, each with a residual of its own, so
 * A = Ŝ · T̂. T̂ is ½ W + ½ I over the frames of each patch, and leaves the class token as it is, which takes no part in it.
 * Ŝ is ½ W + ½ I within each frame. The class token stands in all t frames, and what they give it is averaged: its row of W
 * is the mean over the frames f of row 0 of W_f. In space-only attention each frame has a class token of its own, and the
 * result is the mean over them.
 *
 * Computed as a row vector from the last block to the first: r ← r · Ŝ, then r ← r · T̂.
 */
export function rollout(
  kind: NonNullable<ModelSpec['attention']>,
  blocks: readonly BlockAttention[],
  frames: number,
  patches: number,
): Rollout {
  if (kind === 'joint') return joint(blocks, frames, patches);
  const frameClass = kind === 'space';
  // What comes through each frame's copy of the class token. In divided attention the copies are one token: they are made
  // equal before each attention and collected after it.
  const cls = new Float64Array(frames).fill(1 / frames);
  let tokens: Float64Array<ArrayBufferLike> = new Float64Array(frames * patches);
  for (const { temporal, spatial } of blocks.toReversed()) {
    tokens = throughFrames(cls, tokens, spatial, patches);
    if (!frameClass) cls.fill(sumOf(cls) / frames);
    if (temporal) tokens = throughTime(tokens, temporal, frames, patches);
  }
  return { patches: tokens, classToken: sumOf(cls) };
}

/** r · Ŝ: `cls` [t] is changed, the new patches [t, n] are returned. `spatial` [t, 1 + n or 1, 1 + n]. */
function throughFrames(cls: Float64Array, tokens: Float64Array, spatial: Float32Array, patches: number): Float64Array {
  const next = new Float64Array(tokens.length);
  const width = patches + 1;
  const rows = spatial.length / cls.length / width;
  for (let f = 0; f < cls.length; f++) {
    const row = new Float64Array(width);
    // The last block has row 0 alone: no patch counts there yet.
    for (let from = 0; from < rows; from++) {
      const weight = from === 0 ? cls[f]! : tokens[f * patches + from - 1]!;
      const at = (f * rows + from) * width;
      for (let to = 0; to < width; to++) row[to]! += weight * spatial[at + to]!;
    }
    cls[f] = (cls[f]! + row[0]!) / 2;
    for (let p = 0; p < patches; p++) next[f * patches + p] = (tokens[f * patches + p]! + row[p + 1]!) / 2;
  }
  return next;
}

/** r · T̂ over the frames of each patch: `temporal` [n, t, t]. */
function throughTime(tokens: Float64Array, temporal: Float32Array, frames: number, patches: number): Float64Array {
  const next = Float64Array.from(tokens, (value) => value / 2);
  for (let p = 0; p < patches; p++) {
    for (let from = 0; from < frames; from++) {
      const half = tokens[from * patches + p]! / 2;
      const at = (p * frames + from) * frames;
      for (let to = 0; to < frames; to++) next[to * patches + p]! += half * temporal[at + to]!;
    }
  }
  return next;
}

function joint(blocks: readonly BlockAttention[], frames: number, patches: number): Rollout {
  const width = 1 + frames * patches;
  let row = new Float64Array(width);
  row[0] = 1;
  for (const { spatial } of blocks.toReversed()) {
    const next = Float64Array.from(row, (value) => value / 2);
    const rows = spatial.length / width;
    for (let from = 0; from < rows; from++) {
      const half = row[from]! / 2;
      for (let to = 0; to < width; to++) next[to]! += half * spatial[from * width + to]!;
    }
    row = next;
  }
  return { patches: row.slice(1), classToken: row[0]! };
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
