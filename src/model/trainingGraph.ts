// The gradient graph of a training step: parameters, clips and targets in; losses and the flat gradient out.
// A batch is made of streams: all samples with the same number of frames (videos; images, which are videos of one frame).
// Streams share every weight, and each sample reaches its own head through its target's row alone.
import { gradients, type Segment } from '../graph/gradients.ts';
import { Graph, type GraphNode, type Value } from '../graph/graph.ts';
import * as op from '../graph/operators.ts';
import { computeEarly } from '../graph/schedule.ts';
import { type Dim, type SymbolicDim, sizeOf, symbolic } from '../graph/shape.ts';
import { linear, linearLayer, type Parameters } from './layers.ts';
import type { HeadSpec, ModelSpec } from './modelSpec.ts';
import { type ParameterLayout, piecesOf } from './parameters.ts';
import { type BackboneOptions, type Branch, timesformer } from './timesformer.ts';

export interface Stream {
  /** Names the stream's inputs, and the unknown size of its batch. */
  readonly name: string;
  readonly frames: number;
  /** The heads that its samples may belong to. */
  readonly heads: readonly string[];
}

/** Names of a stream's inputs and outputs. */
export const pixelsName = (stream: string) => `pixels.${stream}`;
export const targetsName = (stream: string, head: string) => `targets.${stream}.${head}`;
export const keptBranchesName = (stream: string) => `kept_branches.${stream}`;
export const keptFeaturesName = (stream: string) => `kept_features.${stream}`;
export const logitsName = (stream: string, head: string) => `logits.${stream}.${head}`;
export const lossName = (stream: string, head: string) => `loss.${stream}.${head}`;

/** The branches of a block that stochastic depth may leave out, in the order of their rows in `kept_branches`. */
export const branches: readonly Branch[] = ['temporal', 'spatial', 'mlp'];

export interface TrainingGraphOptions {
  /** Leaves the temporal branch out, as image pre-training does. */
  readonly spatialOnly?: boolean;
  /** Differentiates by the heads alone; all other gradients are zero, and nothing is computed for them. */
  readonly headsOnly?: boolean;
  /** Gives the logits out too, for tests. */
  readonly logits?: boolean;
  /** Stochastic depth (Huang et al. 2016): whole branches are left out for some samples. */
  readonly dropPath?: boolean;
  /** Dropout of the features that the heads read. */
  readonly dropout?: boolean;
  /** Recomputes each block's values on the way back instead of keeping them. */
  readonly checkpointing?: boolean;
  /** Multiplies the loss by an input `loss_scale` [1] before it is differentiated, so that float16 can hold gradients. */
  readonly lossScale?: boolean;
  /**
   * Takes and gives each piece of the parameters (parameters.ts) as a tensor of its own, `parameters.<piece>` and
   * `gradients.<piece>` (in whatever shape it was made), instead of one flat vector each: in the host's memory these are
   * views of the flat vectors, and nothing needs to be cut or joined.
   */
  readonly pieces?: boolean;
}

/**
 * Inputs: `parameters` [layout.size]; for each stream `pixels.S` [b, frames, 3, size, size] and, for each of its heads,
 * `targets.S.H` [b, classes]: the target distribution divided by the size of the whole batch, zeros in rows of samples
 * that belong to other heads. With dropPath `kept_branches.S` [3 · depth, b] (a row for each of a block's `branches`): 0
 * where the branch is left out, else 1 / the share of those kept; with dropout `kept_features.S` [b, d] likewise.
 * Outputs: `gradients` [layout.size]; `loss.S.H`: that head's share of the loss (the sum over heads and streams is the
 * sum of cross entropies over the total batch size, cover-method §3).
 */
export function trainingGraph(
  spec: ModelSpec,
  layout: ParameterLayout,
  streams: readonly Stream[],
  options: TrainingGraphOptions = {},
): Graph {
  const graph = new Graph('training_step');
  const { parts, parameters } = options.pieces ? piecewise(graph, layout) : flat(graph, layout);
  const losses: Value[] = [];
  const segments: Segment[] = [];
  for (const stream of streams) {
    graph.scope(stream.name, () => {
      const { loss, blocks } = streamLosses(graph, spec, parameters, stream, options);
      losses.push(...loss);
      if (options.checkpointing) segments.push(...blocks);
    });
  }
  const scaled = graph.scope('loss.total', () => {
    const sum = losses.reduce((total, loss) => op.Add(total, loss));
    return options.lossScale ? op.Mul(sum, op.Reshape(graph.input('loss_scale', 'float32', [1]), [])) : sum;
  });
  // A part that the batch does not reach has no gradient.
  const wanted = piecesOf(layout).map(({ name }) => !options.headsOnly || name.startsWith('heads.'));
  const found = gradients(
    scaled,
    parts.filter((_, i) => wanted[i]),
    segments,
  );
  const grads = parts.map((part, i) => (wanted[i] ? found.shift() : undefined) ?? op.Mul(part, graph.scalar(0)));
  computeEarly(graph, grads);
  if (options.pieces)
    piecesOf(layout).forEach(({ name }, i) => void graph.output(`gradients.${name}`, made(grads[i]!)));
  else
    graph.output(
      'gradients',
      graph.scope('gradients', () => op.Concat(grads, 0)),
    );
  return graph;
}

/** The same numbers in the shape in which they were made: onnxruntime would copy an output to give it another. */
function made(value: Value): Value {
  return value.producer?.op === 'Reshape' ? made(value.producer.inputs[0]!) : value;
}

/** Whether a node belongs to the losses or their gradient: in half precision these keep float32, which holds a loss scale. */
export function isOfLoss({ name }: GraphNode): boolean {
  return /(^|\/)loss\./.test(name);
}

/** One stream's losses, given out and returned, and the blocks of its backbone. */
function streamLosses(
  graph: Graph,
  spec: ModelSpec,
  parameters: Parameters,
  stream: Stream,
  { spatialOnly, logits: givesLogits, dropPath, dropout }: TrainingGraphOptions,
) {
  const batch = symbolic(stream.name);
  const { imageSize, depth, hiddenSize } = spec;
  const pixels = graph.input(pixelsName(stream.name), 'float32', [batch, stream.frames, 3, imageSize, imageSize]);
  const model: ModelSpec = spatialOnly ? { ...spec, imageTemporal: 'skip' } : spec;
  const { features, blocks } = timesformer(
    pixels,
    parameters,
    model,
    dropPath
      ? { dropPath: keptBranches(graph.input(keptBranchesName(stream.name), 'float32', [3 * depth, batch])) }
      : {},
  );
  const read = dropout
    ? op.Mul(features, graph.input(keptFeaturesName(stream.name), 'float32', [batch, hiddenSize]))
    : features;
  const loss = stream.heads.map((name) => {
    const head = headOf(spec, name);
    const targets = graph.input(targetsName(stream.name, name), 'float32', [batch, head.classes.length]);
    const logits = linear(read, linearLayer(parameters, `heads.${name}`)); // [b, classes]
    if (givesLogits) graph.output(logitsName(stream.name, name), logits);
    const result = graph.scope(`loss.${name}`, () => crossEntropy(logits, targets));
    graph.output(lossName(stream.name, name), result);
    return result;
  });
  return { loss, blocks };
}

/** Multiplies each sample's branch [b, …], or [b · frames, …] of single frames, with its number in `kept` [3 · depth, b]. */
function keptBranches(kept: Value): NonNullable<BackboneOptions['dropPath']> {
  const [, b] = kept.shape as [Dim, SymbolicDim];
  return (branch, block, name) => {
    const row = block * branches.length + branches.indexOf(name);
    const numbers = op.Reshape(op.Slice(kept, 0, row, row + 1), [b, 1]);
    const { factor } = sizeOf(branch.shape) as SymbolicDim; // elements of one sample
    return op.Reshape(op.Mul(op.Reshape(branch, [b, factor]), numbers), branch.shape);
  };
}

/** Σ −target · log softmax(logits), a scalar. */
function crossEntropy(logits: Value, targets: Value): Value {
  const shifted = op.Sub(logits, op.ReduceMax(logits, [-1], true));
  const logProbabilities = op.Sub(shifted, op.Log(op.ReduceSum(op.Exp(shifted), [-1], true)));
  return op.Neg(op.ReduceSum(op.Mul(targets, logProbabilities), [0, 1]));
}

interface Unpacked {
  /** What the gradient is wanted of, in the order of piecesOf(layout). */
  readonly parts: Value[];
  readonly parameters: Parameters;
}

/** The flat vector, an input, cut in pieces, and each in its own shape. */
export function flat(graph: Graph, layout: ParameterLayout): Unpacked {
  const vector = graph.input('parameters', 'float32', [layout.size]);
  const pieces = piecesOf(layout);
  return graph.scope('parameters', () => {
    const sizes = pieces.map(({ size }) => size);
    const parts = op.Split(vector, sizes, 0);
    const values = pieces.map(
      ({ name, shape }, i) => [name, graph.scope(name, () => op.Reshape(parts[i]!, shape))] as const,
    );
    return { parts, parameters: lookUp(new Map(values)) };
  });
}

/** Every piece an input of its own. */
export function piecewise(graph: Graph, layout: ParameterLayout): Unpacked {
  const pieces = piecesOf(layout);
  const parts = pieces.map(({ name, shape }) => graph.input(`parameters.${name}`, 'float32', shape));
  return { parts, parameters: lookUp(new Map(pieces.map(({ name }, i) => [name, parts[i]!]))) };
}

export function lookUp(values: ReadonlyMap<string, Value>): Parameters {
  return (name) => {
    const value = values.get(name);
    if (!value) throw new Error(`The model has no parameter ${name}.`);
    return value;
  };
}

function headOf(spec: ModelSpec, name: string): HeadSpec {
  const head = spec.heads.find((candidate) => candidate.name === name);
  if (!head) throw new Error(`The model has no head ${name}.`);
  return head;
}
