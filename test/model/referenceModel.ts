// The reference folder as a model of ours: what a test needs to compare logits with the original's.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ResolvedExperiment, resolvedExperimentSchema } from '../../src/config/resolved.ts';
import { type ModelSpec, modelSpecOf } from '../../src/model/modelSpec.ts';
import { type ParameterLayout, parameterLayout } from '../../src/model/parameters.ts';
import { readSafetensors } from '../../src/weights/safetensors.ts';

interface Config {
  image_size: number;
  patch_size: number;
  hidden_size: number;
  depth: number;
  num_heads: number;
  mlp_ratio: number;
  num_frames: number;
  layer_norm_eps: number;
  heads: Record<string, number>;
  batch: { dataset: string; samples: number; frames: number }[];
}

const folder = join(__dirname, '../fixtures/reference/timesformer-a');
const tensors = (file: string) => readSafetensors(join(folder, `${file}.safetensors`)).tensors;
const numbers = (from: ReturnType<typeof tensors>, name: string) =>
  Float32Array.from(from.get(name)!.data as Float64Array, Number);

export interface Reference {
  experiment: ResolvedExperiment;
  spec: ModelSpec;
  layout: ParameterLayout;
  flat: Float32Array;
  /** Of each dataset: its clips [samples, frames, 3, size, size] and what the original says of them. */
  parts: { dataset: string; samples: number; frames: number; clips: Float32Array; logits: Float32Array }[];
}

export function reference(): Reference {
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Config;
  const [inputs, expected, weights] = [tensors('inputs'), tensors('expected'), tensors('weights')];
  const experiment = resolvedExperimentSchema.parse({
    name: 'reference',
    seed: 1,
    device: 'cpu',
    datasets: Object.entries(config.heads).map(([name, size]) => ({
      name,
      kind: config.batch.find(({ dataset }) => dataset === name)?.frames === 1 ? 'image' : 'video',
      horizontalFlip: false,
      heldOut: null,
      trainSamples: 1,
      classes: Array.from({ length: size }, (_, i) => `${name} ${i}`),
    })),
    model: {
      preset: 'nano',
      imageSize: config.image_size,
      patchSize: config.patch_size,
      hiddenSize: config.hidden_size,
      depth: config.depth,
      attentionHeads: config.num_heads,
      mlpRatio: config.mlp_ratio,
      frames: config.num_frames,
      layerNormEpsilon: config.layer_norm_eps,
      attention: 'divided',
      imageTemporal: 'keep',
      mean: [0.4, 0.5, 0.6],
      std: [0.2, 0.25, 0.3],
    },
    stages: [],
    augmentation: { scale: [1, 1], rotation: 0, brightness: 0, contrast: 0 },
  });
  const spec = modelSpecOf(experiment);
  const layout = parameterLayout(spec);
  const flat = new Float32Array(layout.size);
  for (const { name, offset } of layout.parameters) flat.set(numbers(weights, name), offset);
  const parts = config.batch.map(({ dataset, samples, frames }) => ({
    dataset,
    samples,
    frames,
    clips: framesFirst(numbers(inputs, `input.${dataset}`), samples, frames, config.image_size ** 2),
    logits: numbers(expected, `logits.${dataset}`),
  }));
  return { experiment, spec, layout, flat, parts };
}

/** [samples, 3, frames, …] as the original takes it, to our [samples, frames, 3, …]. */
function framesFirst(data: Float32Array, samples: number, frames: number, plane: number): Float32Array {
  const moved = new Float32Array(data.length);
  for (let s = 0; s < samples; s++)
    for (let c = 0; c < 3; c++)
      for (let f = 0; f < frames; f++) {
        const from = ((s * 3 + c) * frames + f) * plane;
        moved.set(data.subarray(from, from + plane), ((s * frames + f) * 3 + c) * plane);
      }
  return moved;
}

/** ‖a − b‖ / ‖b‖. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    norm += b[i]! ** 2;
  }
  return Math.sqrt(difference / norm);
}
