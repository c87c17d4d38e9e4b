// The gradient graph of a training step: parameters, clips and targets in; losses and the flat gradient out.
// A batch is made of streams: all samples with the same number of frames (videos; images, which are videos of one frame).
// Streams share every weight, and each sample reaches its own head through its target's row alone.
import { gradients } from '../graph/gradients.ts';
import { Graph, type Value } from '../graph/graph.ts';
import * as op from '../graph/operators.ts';
import { computeEarly } from '../graph/schedule.ts';
import { symbolic } from '../graph/shape.ts';
import { linear, linearLayer, type Parameters } from './layers.ts';
import type { HeadSpec, ModelSpec } from './modelSpec.ts';
import { type ParameterLayout, piecesOf } from './parameters.ts';
import { timesformer } from './timesformer.ts';

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
export const logitsName = (stream: string, head: string) => `logits.${stream}.${head}`;
export const lossName = (stream: string, head: string) => `loss.${stream}.${head}`;

export interface TrainingGraphOptions {
  /** Leaves the temporal branch out, as image pre-training does. */
  readonly spatialOnly?: boolean;
  /** Gives the logits out too, for tests. */
  readonly logits?: boolean;
}

/**
 * Inputs: `parameters` [layout.size]; for each stream `pixels.S` [b, frames, 3, size, size] and, for each of its heads,
 * `targets.S.H` [b, classes]: the target distribution divided by the size of the whole batch, zeros in rows of samples
 * that belong to other heads.
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
  const flat = graph.input('parameters', 'float32', [layout.size]);
  const { parts, parameters } = graph.scope('parameters', () => unpack(flat, layout));
  const losses: Value[] = [];
  const model: ModelSpec = options.spatialOnly ? { ...spec, imageTemporal: 'skip' } : spec;
  for (const stream of streams) {
    const batch = symbolic(stream.name);
    const pixels = graph.input(pixelsName(stream.name), 'float32', [
      batch,
      stream.frames,
      3,
      spec.imageSize,
      spec.imageSize,
    ]);
    graph.scope(stream.name, () => {
      const { features } = timesformer(pixels, parameters, model);
      for (const name of stream.heads) {
        const head = headOf(spec, name);
        const targets = graph.input(targetsName(stream.name, name), 'float32', [batch, head.classes.length]);
        const logits = linear(features, linearLayer(parameters, `heads.${name}`)); // [b, classes]
        if (options.logits) graph.output(logitsName(stream.name, name), logits);
        const loss = graph.scope(`loss.${name}`, () => crossEntropy(logits, targets));
        graph.output(lossName(stream.name, name), loss);
        losses.push(loss);
      }
    });
  }
  const total = losses.reduce((sum, loss) => op.Add(sum, loss));
  // A part that the batch does not reach has no gradient.
  const flatGrads = gradients(total, parts).map((grad, i) => grad ?? op.Mul(parts[i]!, graph.scalar(0)));
  computeEarly(graph, flatGrads);
  graph.output(
    'gradients',
    graph.scope('gradients', () => op.Concat(flatGrads, 0)),
  );
  return graph;
}

/** Σ −target · log softmax(logits), a scalar. */
function crossEntropy(logits: Value, targets: Value): Value {
  const shifted = op.Sub(logits, op.ReduceMax(logits, [-1], true));
  const logProbabilities = op.Sub(shifted, op.Log(op.ReduceSum(op.Exp(shifted), [-1], true)));
  return op.Neg(op.ReduceSum(op.Mul(targets, logProbabilities), [0, 1]));
}

/** The flat vector cut in pieces, and each in its own shape. */
export function unpack(flat: Value, layout: ParameterLayout): { parts: Value[]; parameters: Parameters } {
  const pieces = piecesOf(layout);
  const parts = op.Split(
    flat,
    pieces.map(({ size }) => size),
    0,
  );
  const values = pieces.map(
    ({ name, shape }, i) => [name, flat.graph.scope(name, () => op.Reshape(parts[i]!, shape))] as const,
  );
  return { parts, parameters: lookUp(new Map(values)) };
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
