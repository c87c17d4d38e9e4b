// The model as one classifier: clips in, every head's logits out. The same graph evaluates during training (weights fed as
// the flat vector) and is the exported model.onnx (weights inside). Batch and frames are both known only when it runs:
// one file serves videos and images.
import { Graph, type Value } from '../graph/graph.ts';
import * as op from '../graph/operators.ts';
import { type Dim, multiply, sameDim, symbolic } from '../graph/shape.ts';
import { linear, linearLayer, type Parameters } from './layers.ts';
import { type ModelSpec, patchesOf } from './modelSpec.ts';
import { type ParameterLayout, piecesOf } from './parameters.ts';
import { timesformer } from './timesformer.ts';
import { flat, lookUp, piecewise } from './trainingGraph.ts';

/** The output of a head. */
export const headOutput = (head: string) => `logits.${head}`;

/** The output of an attention's weights: see `inferenceGraph`. */
export const attentionOutput = (block: number, name: 'temporal' | 'spatial') => `attention.${block}.${name}`;

export interface InferenceOptions {
  /**
   * Gives out who looks at whom as well, averaged over the attention heads, for b clips of t frames with n patches:
   * `attention.I.temporal` [b·n, t, t] and `attention.I.spatial` [b·t, 1 + n, 1 + n] of block I (divided), `attention.I.spatial`
   * [b, 1 + t·n, 1 + t·n] (joint) or [b·t, 1 + n, 1 + n] (space only). Rows sum to 1. The last block has the class token's row
   * alone: [b·t, 1, 1 + n], [b, 1, 1 + t·n]. The rest of the graph is the same, node by node.
   */
  readonly attention?: boolean;
  /** Takes the parameters, where they are no weights inside, piece by piece, as `trainingGraph` does. */
  readonly pieces?: boolean;
}

/**
 * Input `clips` [clips, frames, 3, size, size], normalised. Outputs: `logits.H` [clips, classes] for every head and
 * `features` [clips, d]. Without `weights` the parameters are a further input, `parameters` [layout.size].
 */
export function inferenceGraph(
  spec: ModelSpec,
  layout: ParameterLayout,
  weights?: Float32Array,
  { attention = false, pieces = false }: InferenceOptions = {},
): Graph {
  const graph = new Graph('cover');
  const pixels = graph.input('clips', 'float32', [
    symbolic('clips'),
    symbolic('frames'),
    3,
    spec.imageSize,
    spec.imageSize,
  ]);
  const fed = pieces ? piecewise : flat;
  const parameters = weights ? stored(graph, layout, weights) : fed(graph, layout).parameters;
  const seen: { name: string; weights: Value; rows: Dim }[] = [];
  const observe = (weights: Value, block: number, name: 'temporal' | 'spatial') => {
    const groups = groupsOf(spec, name);
    seen.push({ name: attentionOutput(block, name), weights, rows: groups });
  };
  const { features } = timesformer(pixels, parameters, spec, attention ? { observe } : {});
  for (const { name } of spec.heads) {
    graph.output(headOutput(name), linear(features, linearLayer(parameters, `heads.${name}`)));
  }
  graph.output('features', features);
  // Last, so that they change no other node's name.
  for (const { name, weights, rows } of seen) graph.output(name, overHeads(weights, rows, spec));
  return graph;
}

/** How many sequences an attention has: one for each clip, frame or patch. */
function groupsOf(spec: ModelSpec, name: 'temporal' | 'spatial'): Dim {
  if (name === 'temporal') return symbolic('clips', patchesOf(spec));
  return spec.attention === 'joint' ? symbolic('clips') : multiply(symbolic('clips'), symbolic('frames'));
}

/** [groups · heads, s, s], or the class token's [groups, heads, s], to the mean over the heads: [groups, s or 1, s]. */
function overHeads(weights: Value, groups: Dim, { attentionHeads }: ModelSpec): Value {
  return weights.graph.scope('attention', () => {
    const [first, rows, width] = weights.shape as [Dim, Dim, Dim];
    if (sameDim(first, groups)) return op.ReduceMean(weights, [1], true);
    return op.ReduceMean(op.Reshape(weights, [groups, attentionHeads, rows, width]), [1]);
  });
}

function stored(graph: Graph, layout: ParameterLayout, weights: Float32Array): Parameters {
  const values = piecesOf(layout).map(
    ({ name, shape, offset, size }) =>
      [name, graph.constant(name, weights.subarray(offset, offset + size), shape)] as const,
  );
  return lookUp(new Map(values));
}
