// model.onnx: one file for every head, with what is needed to use it without this program.
import type { ResolvedExperiment } from '../config/resolved.ts';
import { onnxModel } from '../graph/onnxModel.ts';
import { inferenceGraph } from './inferenceGraph.ts';
import type { ModelSpec } from './modelSpec.ts';
import type { ParameterLayout } from './parameters.ts';

/**
 * The model with its weights inside. Metadata: `classes` (JSON, head → class names in the order of its logits),
 * `preprocessing` (JSON) and `experiment`.
 */
export function exportModel(
  { name, model }: ResolvedExperiment,
  spec: ModelSpec,
  layout: ParameterLayout,
  weights: Float32Array,
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
  return onnxModel(inferenceGraph(spec, layout, weights), {
    experiment: name,
    classes: JSON.stringify(Object.fromEntries(spec.heads.map((head) => [head.name, head.classes]))),
    preprocessing: JSON.stringify(preprocessing),
  });
}
