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
  { name, model, sampling, views }: ResolvedExperiment,
  spec: ModelSpec,
  layout: ParameterLayout,
  weights: Float32Array,
  precision: ModelPrecision = 'float32',
): Uint8Array {
  const preprocessing = {
    input: 'clips [clips, frames, 3, size, size], RGB',
    size: model.imageSize,
    frames: model.frames,
    sampling: `frame i is ${frameOf(sampling, model.frames)}; an image is one frame`,
    resize: 'shorter side to size, then the centre square',
    ...(views.clips * views.crops > 1 && { views: averagedOver(views) }),
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

/** Which frame is frame i of the one clip in the centre, as clips/sampling.ts and media/selectFrames.ts take it. */
function frameOf({ name, stride }: ResolvedExperiment['sampling'], frames: number): string {
  switch (name) {
    case 'uniform':
      return 'the one shown at (i + 0.5) / frames of the clip';
    case 'dense':
      return `number start + i × ${stride} of the clip’s own, the stretch being in the middle, or the last one past the end`;
    case 'whole':
      return frames === 1
        ? 'the middle one of the clip’s own'
        : 'number round(i / (frames − 1) × (n − 1)) of the clip’s own n, from 0';
  }
}

function averagedOver({ clips, crops }: ResolvedExperiment['views']): string {
  const averaged = [
    ...(clips > 1 ? [`${clips} clips spread evenly over a video`] : []),
    ...(crops > 1 ? [`${crops} square crops spread evenly along the longer side`] : []),
  ];
  return `${averaged.join(' × ')}, whose probabilities are averaged; sampling and resize are of the one in the centre`;
}
