// TimeSformer with divided space-time attention (Bertasius et al., ICML 2021, arXiv 2102.05095, section 3), the backbone of
// CoVeR. The arithmetic equals the original's (facebookresearch/TimeSformer, executed); the layout is our own: patch tokens
// stay [b, t, n, d] and the class token stays apart, so that neither attention moves the tokens.
// Shapes: b clips, t frames, n = h·w patches, p patch size, d hidden size.
import type { Value } from '../graph/graph.ts';
import * as op from '../graph/operators.ts';
import { type Dim, formatShape, sameDim } from '../graph/shape.ts';
import { layerNorm, linear, linearLayer, type Parameters, selfAttention } from './layers.ts';
import { type ModelSpec, patchesOf } from './modelSpec.ts';
import { timeEmbedding, zerosLike } from './timeEmbedding.ts';

/** What a pass computes, by name. */
export interface Backbone {
  /** The normalised class token, [b, d]: what the heads read. */
  readonly features: Value;
  /** The class token and patch tokens after each block: [b, d] and [b, t, n, d]. */
  readonly blocks: readonly { readonly cls: Value; readonly patches: Value }[];
}

/** Pixels, normalised, [b, t, 3, imageSize, imageSize], to features. b and t may be unknown; one frame is an image. */
export function timesformer(pixels: Value, parameters: Parameters, spec: ModelSpec): Backbone {
  const [, , channels, height] = pixels.shape as [Dim, Dim, Dim, Dim];
  if (channels !== 3 || height !== spec.imageSize)
    throw new Error(`Pixels ${formatShape(pixels.shape)} for size ${spec.imageSize}.`);
  const { graph } = pixels;
  let { cls, patches } = graph.scope('embed', () => embed(pixels, parameters, spec));
  const blocks: { cls: Value; patches: Value }[] = [];
  for (let i = 0; i < spec.depth; i++) {
    const named: Parameters = (name) => parameters(`blocks.${i}.${name}`);
    graph.scope(`blocks.${i}`, () => {
      const moved = graph.scope('temporal_attn', () => temporal(patches, named, spec));
      const [clsAttended, patchesAttended] = graph.scope('attn', () => spatial(cls, moved, named, spec));
      cls = mlp(op.Add(cls, clsAttended), named, spec, 'mlp_cls'); // [b, d]
      patches = mlp(op.Add(moved, patchesAttended), named, spec, 'mlp'); // [b, t, n, d]
    });
    blocks.push({ cls, patches });
  }
  return { features: graph.scope('norm', () => layerNorm(cls, parameters, 'norm', spec.layerNormEpsilon)), blocks };
}

function embed(pixels: Value, parameters: Parameters, spec: ModelSpec): { cls: Value; patches: Value } {
  const [b, t] = pixels.shape as [Dim, Dim];
  const { patchSize: p, hiddenSize: d } = spec;
  const side = spec.imageSize / p;
  const cut = op.Reshape(pixels, [b, t, 3, side, p, side, p]);
  const rows = op.Reshape(op.Transpose(cut, [0, 1, 3, 5, 2, 4, 6]), [b, t, side * side, 3 * p * p]);
  const tokens = linear(rows, linearLayer(parameters, 'patch_embed.proj')); // [b, t, n, d]
  const [clsPosition, patchPositions] = op.Split(parameters('pos_embed'), [1, patchesOf(spec)], 1) as [Value, Value];
  const times = op.Reshape(timeEmbedding(parameters('time_embed'), pixels), [1, t, 1, d]);
  const positions = op.Add(op.Reshape(patchPositions, [1, 1, patchesOf(spec), d]), times); // [1, t, n, d]
  const cls = op.Reshape(op.Add(parameters('cls_token'), clsPosition), [1, d]);
  return { cls: op.Add(zerosLike(pixels, [b, 1]), cls), patches: op.Add(tokens, positions) };
}

/** x + temporal_fc(temporal_attn(temporal_norm1(x))), each patch over its own t frames. The class token takes no part. */
function temporal(x: Value, parameters: Parameters, spec: ModelSpec): Value {
  const t = x.shape[1]!;
  if (spec.imageTemporal === 'skip' && sameDim(t, 1)) return x;
  const normal = layerNorm(x, parameters, 'temporal_norm1', spec.layerNormEpsilon);
  const attended = sameDim(t, 1)
    ? ofOneFrame(normal, parameters, spec.hiddenSize)
    : selfAttention(normal, 1, spec.attentionHeads, parameters, 'temporal_attn');
  const branch = linear(attended, linearLayer(parameters, 'temporal_fc'));
  if (spec.imageTemporal === 'skip' && typeof t !== 'number') return op.Add(x, op.Mul(branch, isVideo(x)));
  return op.Add(x, branch); // [b, t, n, d]
}

/** Attention over one frame: the softmax of one number is 1, so what remains is the projected value. */
function ofOneFrame(x: Value, parameters: Parameters, d: number): Value {
  const packed = linearLayer(parameters, 'temporal_attn.qkv');
  const [weight, bias] = [op.Slice(packed.weight, 0, 2 * d, 3 * d), op.Slice(packed.bias, 0, 2 * d, 3 * d)];
  return linear(linear(x, { name: 'value', weight, bias }), linearLayer(parameters, 'temporal_attn.proj'));
}

/** 1 where the clip has more than one frame, else 0: a scalar, for models whose number of frames is known at run time. */
function isVideo(x: Value): Value {
  const ones = op.Add(zerosLike(x, [1, x.shape[1]!]), x.graph.scalar(1)); // [1, t]
  return op.Reshape(op.Min(op.Sub(op.ReduceSum(ones, [1]), x.graph.scalar(1)), x.graph.scalar(1)), []);
}

/** Attention within each frame, [cls, patches] of 1 + n tokens. The class token's result is averaged over the frames. */
function spatial(cls: Value, patches: Value, parameters: Parameters, spec: ModelSpec): [Value, Value] {
  const [b, t] = patches.shape as [Dim, Dim];
  const { hiddenSize: d, layerNormEpsilon } = spec;
  const normal = layerNorm(patches, parameters, 'norm1', layerNormEpsilon); // [b, t, n, d]
  const clsNormal = op.Reshape(layerNorm(cls, parameters, 'norm1', layerNormEpsilon), [b, 1, 1, d]);
  const repeated =
    typeof t === 'number' ? op.Expand(clsNormal, [b, t, 1, d]) : op.Add(clsNormal, zerosLike(patches, [b, t, 1, 1]));
  const tokens = op.Concat([repeated, normal], 2); // [b, t, 1 + n, d]
  const attended = selfAttention(tokens, 2, spec.attentionHeads, parameters, 'attn');
  const [clsPart, patchPart] = op.Split(attended, [1, patchesOf(spec)], 2) as [Value, Value];
  return [op.Reshape(op.ReduceMean(clsPart, [1, 2]), [b, d]), patchPart];
}

/** x + fc2(gelu(fc1(norm2(x)))). */
function mlp(x: Value, parameters: Parameters, spec: ModelSpec, scope: string): Value {
  return x.graph.scope(scope, () => {
    const normal = layerNorm(x, parameters, 'norm2', spec.layerNormEpsilon);
    const hidden = op.Gelu(linear(normal, linearLayer(parameters, 'mlp.fc1')));
    return op.Add(x, linear(hidden, linearLayer(parameters, 'mlp.fc2')));
  });
}
