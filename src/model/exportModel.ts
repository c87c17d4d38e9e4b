// model.onnx: one file for every head, with what is needed to use it without this program.
import type { ResolvedExperiment } from '../config/resolved.ts';
import { halfPrecision } from '../graph/halfPrecision.ts';
import { onnxModel } from '../graph/onnxModel.ts';
import { inferenceGraph } from './inferenceGraph.ts';
import type { ModelSpec } from './modelSpec.ts';
import type { ParameterLayout } from './parameters.ts';

export type ModelPrecision = 'float32' | 'float16';

/**
 * The model with its weights inside. Metadata: `classes` (JSON, head → class names in the order of its logits),
 * `preprocessing` (JSON) and `experiment`. In float16 the weights and most of the arithmetic have half precision; clips
 * and logits stay float32.
 */
export function exportModel(
  { name, model }: ResolvedExperiment,
  spec: ModelSpec,
  layout: ParameterLayout,
  weights: Float32Array,
  precision: ModelPrecision = 'float32',
): Uint8Array {
  const preprocessing = {
    input: 'clips [clips, frames, 3, size, size], RGB',
    size: model.imageSize,
    frames: model.frames,
    sampling: 'frame i is the one shown at (i + 0.5) / frames of the clip; an image is one frame',
    resize: 'shorter side to size, then the centre square',
    scale: 1 / 255,
    mean: model.mean,
    std: model.std,
  };
  const graph = inferenceGraph(spec, layout, weights);
  return onnxModel(precision === 'float16' ? halfPrecision(graph) : graph, {
    experiment: name,
    classes: JSON.stringify(Object.fromEntries(spec.heads.map((head) => [head.name, head.classes]))),
    preprocessing: JSON.stringify(preprocessing),
    precision,
  });
}
