// TimeSformer (Bertasius et al., ICML 2021, arXiv 2102.05095, section 3), the backbone of CoVeR, with its three kinds of
// attention: divided space-time (CoVeR's), joint, and space only. The arithmetic equals the original's
// (facebookresearch/TimeSformer, executed); the layout is our own: patch tokens stay [b, t, n, d] and, in divided attention,
// the class token stays apart, so that neither attention moves the tokens.
// Shapes: b clips, t frames, n = h·w patches, p patch size, d hidden size.
import type { Segment } from '../graph/gradients.ts';
import type { Value } from '../graph/graph.ts';
import * as op from '../graph/operators.ts';
import { addDims, type Dim, formatShape, multiply, sameDim } from '../graph/shape.ts';
import {
  layerNorm,
  linear,
  linearLayer,
  merged,
  type Observe,
  type Parameters,
  projection,
  selfAttention,
  singleQueryAttention,
  withoutBias,
} from './layers.ts';
import { type ModelSpec, patchesOf } from './modelSpec.ts';
import { timeEmbedding, zerosLike } from './timeEmbedding.ts';

/** The three residual branches of a block. */
export type Branch = 'temporal' | 'spatial' | 'mlp';

export interface BackboneOptions {
  /** What becomes of a branch before it is added, [b, …] → [b, …]: stochastic depth. `block` counts from 0. */
  dropPath?(branch: Value, block: number, name: Branch): Value;
  /**
   * Hears of the weights of every attention that is computed, as `selfAttention` and, in the last block, where the class
   * token alone looks, `singleQueryAttention` give them. `block` counts from 0.
   */
  observe?(weights: Value, block: number, name: 'temporal' | 'spatial'): void;
}

/** What a pass computes, by name. */
export interface Backbone {
  /** The normalised class token, [b, d]: what the heads read. */
  readonly features: Value;
  /**
   * Each block: what goes into it (class token and patch tokens, or all tokens in one) and its range of the graph's nodes.
   */
  readonly blocks: readonly Segment[];
}

/** What a block needs beside its tokens. */
interface Block {
  readonly parameters: Parameters;
  readonly spec: ModelSpec;
  /** The last block's class token alone is read. */
  readonly last: boolean;
  add(x: Value, branch: Value, name: Branch): Value;
  observe(name: 'temporal' | 'spatial'): Observe | undefined;
}

/** Pixels, normalised, [b, t, 3, imageSize, imageSize], to features. b and t may be unknown; one frame is an image. */
export function timesformer(
  pixels: Value,
  parameters: Parameters,
  spec: ModelSpec,
  { dropPath, observe }: BackboneOptions = {},
): Backbone {
  const [, , channels, height] = pixels.shape as [Dim, Dim, Dim, Dim];
  if (channels !== 3 || height !== spec.imageSize)
    throw new Error(`Pixels ${formatShape(pixels.shape)} for size ${spec.imageSize}.`);
  const { graph } = pixels;
  const kind = spec.attention ?? 'divided';
  const embedded = graph.scope('embed', () => embed(pixels, parameters, spec));
  let tokens: readonly Value[] = kind === 'divided' ? embedded : graph.scope('embed', () => inOne(embedded, kind));
  const blocks: Segment[] = [];
  for (let i = 0; i < spec.depth; i++) {
    const [start, inputs] = [graph.nodes.length, tokens];
    const block: Block = {
      parameters: (name) => parameters(`blocks.${i}.${name}`),
      spec,
      last: i === spec.depth - 1,
      add: (x, branch, name) => op.Add(x, dropPath ? dropPath(branch, i, name) : branch),
      observe: (name) => observe && ((weights) => observe(weights, i, name)),
    };
    tokens = graph.scope(`blocks.${i}`, () => (kind === 'divided' ? divided(tokens, block) : plain(tokens, block)));
    blocks.push({ start, end: graph.nodes.length, inputs });
  }
  const b = pixels.shape[0]!;
  const cls = graph.scope('cls', () => clsOf(tokens[0]!, pixels, spec)); // [b, d]
  return {
    features: op.Reshape(
      graph.scope('norm', () => layerNorm(cls, parameters, 'norm', spec.layerNormEpsilon)),
      [b, spec.hiddenSize],
    ),
    blocks,
  };
}

/** The class token [b, d] and patch tokens [b, t, n, d] with their places and times. */
function embed(pixels: Value, parameters: Parameters, spec: ModelSpec): [Value, Value] {
  const [b, t] = pixels.shape as [Dim, Dim];
  const { patchSize: p, hiddenSize: d } = spec;
  const side = spec.imageSize / p;
  const cut = op.Reshape(pixels, [b, t, 3, side, p, side, p]);
  const rows = op.Reshape(op.Transpose(cut, [0, 1, 3, 5, 2, 4, 6]), [b, t, side * side, 3 * p * p]);
  const embedded = linear(rows, linearLayer(parameters, 'patch_embed.proj')); // [b, t, n, d]
  const [clsPosition, patchPositions] = op.Split(parameters('pos_embed'), [1, patchesOf(spec)], 1) as [Value, Value];
  const places = op.Reshape(patchPositions, [1, 1, patchesOf(spec), d]);
  const times = () => op.Reshape(timeEmbedding(parameters('time_embed'), pixels), [1, t, 1, d]);
  const positions = spec.attention === 'space' ? places : op.Add(places, times()); // [1, t or 1, n, d]
  const cls = op.Reshape(op.Add(parameters('cls_token'), clsPosition), [1, d]);
  return [op.Add(zerosLike(pixels, [b, 1]), cls), op.Add(embedded, positions)];
}

/** All tokens as sequences [b, 1, 1 + t·n, d] of a clip (joint), or [b·t, 1, 1 + n, d] of a frame (space only). */
function inOne([cls, patches]: readonly Value[], kind: 'joint' | 'space'): Value[] {
  const [b, t, n, d] = patches!.shape as [Dim, Dim, Dim, Dim];
  if (kind === 'joint') {
    return [op.Concat([op.Reshape(cls!, [b, 1, 1, d]), op.Reshape(patches!, [b, 1, multiply(t, n), d])], 2)];
  }
  const sequences = op.Concat([perFrame(cls!, patches!), patches!], 2); // [b, t, 1 + n, d]
  return [op.Reshape(sequences, [multiply(b, t), 1, addDims(1, n), d])];
}

/** The class token of each clip, [b, d], from what the last block gives: its class tokens. */
function clsOf(cls: Value, pixels: Value, { attention, hiddenSize }: ModelSpec): Value {
  const [b, t] = pixels.shape as [Dim, Dim];
  if (attention !== 'space') return op.Reshape(cls, [b, hiddenSize]);
  return op.ReduceMean(op.Reshape(cls, [b, t, hiddenSize]), [1]);
}

/** Temporal attention, then spatial, each with its residual (section 3, "divided"). The last block gives [cls] alone. */
function divided([cls, patches]: readonly Value[], block: Block): Value[] {
  const { graph } = cls!;
  const [b, t, n, d] = patches!.shape as [Dim, Dim, Dim, Dim];
  const moved = graph.scope('temporal_attn', () => temporal(patches!, block));
  const [clsAttended, patchesAttended] = graph.scope('attn', () => spatial(cls!, moved, block));
  const clsNext = block.add(cls!, clsAttended, 'spatial'); // [b, d]
  if (!patchesAttended) return [mlp(clsNext, block)];
  const patchesNext = block.add(moved, patchesAttended, 'spatial'); // [b, t, n, d]
  const count = multiply(t, n);
  const all = op.Concat([op.Reshape(clsNext, [b, 1, d]), op.Reshape(patchesNext, [b, count, d])], 1);
  const [clsOut, patchesOut] = op.Split(mlp(all, block), [1, count], 1) as [Value, Value];
  return [op.Reshape(clsOut, [b, d]), op.Reshape(patchesOut, [b, t, n, d])];
}

/** x + temporal_fc(temporal_attn(temporal_norm1(x))), each patch over its own t frames. The class token takes no part. */
function temporal(x: Value, { parameters, spec, add, observe }: Block): Value {
  const t = x.shape[1]!;
  if (spec.imageTemporal === 'skip' && sameDim(t, 1)) return x;
  const normal = layerNorm(x, parameters, 'temporal_norm1', spec.layerNormEpsilon);
  const attended = sameDim(t, 1)
    ? linear(normal, withoutBias(parameters, 'temporal_attn.value')) // the softmax over one frame is 1
    : selfAttention(normal, 1, spec.attentionHeads, parameters, 'temporal_attn', observe('temporal'));
  const [proj, fc] = [projection(parameters, 'temporal_attn'), linearLayer(parameters, 'temporal_fc')];
  // Nothing stands between the two layers: with more tokens than d, one product of matrices saves one of the tokens.
  const merges = spec.frames * patchesOf(spec) >= spec.hiddenSize;
  const branch = merges ? linear(attended, merged(proj, fc)) : linear(linear(attended, proj), fc);
  if (spec.imageTemporal === 'skip' && typeof t !== 'number') {
    return add(x, op.Mul(branch, isVideo(x)), 'temporal');
  }
  return add(x, branch, 'temporal'); // [b, t, n, d]
}

/** 1 where the clip has more than one frame, else 0: a scalar, for models whose number of frames is known at run time. */
function isVideo(x: Value): Value {
  const ones = op.Add(zerosLike(x, [1, x.shape[1]!]), op.scalarOf(x, 1)); // [1, t]
  return op.Reshape(op.Min(op.Sub(op.ReduceSum(ones, [1]), op.scalarOf(x, 1)), op.scalarOf(x, 1)), []);
}

/**
 * Attention within each frame, [cls, patches] of 1 + n tokens: what is added to the class token [b, d], averaged over the
 * frames, and to the patches [b, t, n, d], which nobody reads in the last block.
 */
function spatial(cls: Value, patches: Value, { parameters, spec, last, observe }: Block): [Value, Value | undefined] {
  const { hiddenSize: d, layerNormEpsilon: epsilon, attentionHeads } = spec;
  const [b] = patches.shape as [Dim];
  const normal = layerNorm(patches, parameters, 'norm1', epsilon); // [b, t, n, d]
  const query = perFrame(layerNorm(cls, parameters, 'norm1', epsilon), patches); // [b, t, 1, d]
  const tokens = op.Concat([query, normal], 2); // [b, t, 1 + n, d]
  const proj = projection(parameters, 'attn');
  if (last) {
    const [, t] = patches.shape as [Dim, Dim];
    const mixed = singleQueryAttention(
      op.Reshape(query, [b, t, d]),
      tokens,
      attentionHeads,
      parameters,
      'attn',
      observe('spatial'),
    );
    return [linear(op.ReduceMean(mixed, [1]), proj), undefined];
  }
  const attended = linear(selfAttention(tokens, 2, attentionHeads, parameters, 'attn', observe('spatial')), proj);
  const [clsPart, patchPart] = op.Split(attended, [1, patchesOf(spec)], 2) as [Value, Value];
  return [op.Reshape(op.ReduceMean(clsPart, [1, 2]), [b, d]), patchPart];
}

/** The class token [b, d] repeated for each frame of the patches [b, t, n, d]: [b, t, 1, d]. */
function perFrame(cls: Value, patches: Value): Value {
  const [b, t, , d] = patches.shape as [Dim, Dim, Dim, Dim];
  const single = op.Reshape(cls, [b, 1, 1, d]);
  if (typeof t === 'number') return op.Expand(single, [b, t, 1, d]);
  return op.Add(single, zerosLike(patches, [b, t, 1, 1]));
}

/** A block of the plain vision transformer over sequences [g, 1, s, d]. The last one gives class tokens [g, d] alone. */
function plain([x]: readonly Value[], block: Block): Value[] {
  const { parameters, spec, last, observe } = block;
  const [g, , s, d] = x!.shape as [Dim, Dim, Dim, Dim];
  const normal = layerNorm(x!, parameters, 'norm1', spec.layerNormEpsilon);
  const proj = projection(parameters, 'attn');
  if (!last) {
    const attended = x!.graph.scope('attn', () =>
      linear(selfAttention(normal, 2, spec.attentionHeads, parameters, 'attn', observe('spatial')), proj),
    );
    return [mlp(block.add(x!, attended, 'spatial'), block)];
  }
  const first = (value: Value) => op.Reshape(op.Slice(value, 2, 0, 1), [g, 1, d]);
  const attended = x!.graph.scope('attn', () =>
    linear(
      singleQueryAttention(
        first(normal),
        op.Reshape(normal, [g, 1, s, d]),
        spec.attentionHeads,
        parameters,
        'attn',
        observe('spatial'),
      ),
      proj,
    ),
  );
  return [op.Reshape(mlp(block.add(first(x!), attended, 'spatial'), block), [g, d])];
}

/** x + fc2(gelu(fc1(norm2(x)))). */
function mlp(x: Value, { parameters, spec, add }: Block): Value {
  return x.graph.scope('mlp', () => {
    const normal = layerNorm(x, parameters, 'norm2', spec.layerNormEpsilon);
    const hidden = op.Gelu(linear(normal, linearLayer(parameters, 'mlp.fc1')));
    return add(x, linear(hidden, linearLayer(parameters, 'mlp.fc2')), 'mlp');
  });
}
