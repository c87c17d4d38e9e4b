// A trained model's weights as files for other programs: safetensors with metadata, and a folder as Hugging Face's
// transformers reads it.

import { packageVersion } from '../base/paths.ts';
import type { ResolvedExperiment } from '../config/resolved.ts';
import type { ModelSpec } from './modelSpec.ts';
import type { ParameterLayout } from './parameters.ts';

/** What a .safetensors file says of the weights in it. All values are texts; lists and tables are JSON. */
export function weightsMetadata(
  experiment: ResolvedExperiment,
  spec: ModelSpec,
  run: string,
  step: string | undefined,
): Record<string, string> {
  const { name, model, datasets } = experiment;
  const heads = spec.heads.map((head) => head.name);
  const used = datasets.filter((dataset) => heads.includes(dataset.name));
  return {
    format: 'pt', // which framework's layout of tensors: what transformers asks for
    producer: `CoVeR Studio ${packageVersion()}`,
    run,
    ...(step !== undefined && { step }),
    experiment: JSON.stringify(experiment),
    experiment_name: name,
    datasets: JSON.stringify(used.map(({ name, kind, trainSamples }) => ({ name, kind, trainSamples }))),
    classes: JSON.stringify(Object.fromEntries(spec.heads.map((head) => [head.name, head.classes]))),
    normalisation: JSON.stringify({ mean: model.mean, std: model.std }),
    layer_norm_eps: String(model.layerNormEpsilon),
    frames: String(model.frames),
    size: String(model.imageSize),
  };
}

/** The same model and weights with one head. Throws where the model has none of that name. */
export function withOneHead(spec: ModelSpec, name: string): ModelSpec {
  const heads = spec.heads.filter((head) => head.name === name);
  if (heads.length !== 1) throw new Error(`The model has no head ${name}.`);
  return { ...spec, heads };
}

/** The parameters of `to` out of the flat vector of `from`, which has all of them. */
export function picked(from: ParameterLayout, flat: Float32Array, to: ParameterLayout): Float32Array {
  const places = new Map(from.parameters.map((parameter) => [parameter.name, parameter]));
  const result = new Float32Array(to.size);
  for (const { name, offset, size } of to.parameters) {
    const found = places.get(name);
    if (found?.size !== size) throw new Error(`There is no parameter ${name} of ${size} numbers.`);
    result.set(flat.subarray(found.offset, found.offset + size), offset);
  }
  return result;
}

const attentionTypes = { divided: 'divided_space_time', joint: 'joint_space_time', space: 'space_only' } as const;

/** config.json of TimesformerForVideoClassification (as transformers 5.18 writes it) for a model with one head. */
export function huggingFaceConfig(spec: ModelSpec): Record<string, unknown> {
  const classes = spec.heads[0]!.classes;
  return {
    architectures: ['TimesformerForVideoClassification'],
    model_type: 'timesformer',
    attention_type: attentionTypes[spec.attention ?? 'divided'],
    image_size: spec.imageSize,
    patch_size: spec.patchSize,
    num_channels: 3,
    num_frames: spec.frames,
    hidden_size: spec.hiddenSize,
    num_hidden_layers: spec.depth,
    num_attention_heads: spec.attentionHeads,
    intermediate_size: spec.mlpRatio * spec.hiddenSize,
    hidden_act: 'gelu',
    layer_norm_eps: spec.layerNormEpsilon,
    qkv_bias: true,
    drop_path_rate: 0,
    attention_probs_dropout_prob: 0,
    hidden_dropout_prob: 0,
    initializer_range: 0.02,
    id2label: Object.fromEntries(classes.map((label, index) => [String(index), label])),
    label2id: Object.fromEntries(classes.map((label, index) => [label, index])),
    torch_dtype: 'float32',
  };
}

/** preprocessor_config.json for transformers' video processors: how pixels are made from frames. */
export function huggingFacePreprocessor({ model }: ResolvedExperiment): Record<string, unknown> {
  const { imageSize, mean, std } = model;
  return {
    image_processor_type: 'VideoMAEImageProcessor',
    do_resize: true,
    size: { shortest_edge: imageSize },
    resample: 2, // bilinear
    do_center_crop: true,
    crop_size: { height: imageSize, width: imageSize },
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: mean,
    image_std: std,
  };
}
