// The model as one classifier: clips in, every head's logits out. The same graph evaluates during training (weights fed as
// the flat vector) and is the exported model.onnx (weights inside). Batch and frames are both known only when it runs:
// one file serves videos and images.
import { Graph } from '../graph/graph.ts';
import { symbolic } from '../graph/shape.ts';
import { linear, linearLayer, type Parameters } from './layers.ts';
import type { ModelSpec } from './modelSpec.ts';
import { type ParameterLayout, piecesOf } from './parameters.ts';
import { timesformer } from './timesformer.ts';
import { flat, lookUp } from './trainingGraph.ts';

/** The output of a head. */
export const headOutput = (head: string) => `logits.${head}`;

/**
 * Input `clips` [clips, frames, 3, size, size], normalised. Outputs: `logits.H` [clips, classes] for every head and
 * `features` [clips, d]. Without `weights` the parameters are a further input, `parameters` [layout.size].
 */
export function inferenceGraph(spec: ModelSpec, layout: ParameterLayout, weights?: Float32Array): Graph {
  const graph = new Graph('cover');
  const pixels = graph.input('clips', 'float32', [
    symbolic('clips'),
    symbolic('frames'),
    3,
    spec.imageSize,
    spec.imageSize,
  ]);
  const parameters = weights ? stored(graph, layout, weights) : flat(graph, layout).parameters;
  const { features } = timesformer(pixels, parameters, spec);
  for (const { name } of spec.heads) {
    graph.output(headOutput(name), linear(features, linearLayer(parameters, `heads.${name}`)));
  }
  graph.output('features', features);
  return graph;
}

function stored(graph: Graph, layout: ParameterLayout, weights: Float32Array): Parameters {
  const values = piecesOf(layout).map(
    ({ name, shape, offset, size }) =>
      [name, graph.constant(name, weights.subarray(offset, offset + size), shape)] as const,
  );
  return lookUp(new Map(values));
}
