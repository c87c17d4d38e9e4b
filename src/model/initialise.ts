// The weights a model starts with when none are loaded. As in the original (facebookresearch/TimeSformer, executed; timm's
// ViT): truncated normal weights, norms at one, biases and every temporal_fc at zero, so that each block starts without
// motion. Two deviations from it are ours, because a small model that starts from nothing must learn in minutes:
// weights keep the original's 0.02 at its hidden size 768 and grow as 1/√hidden below it, and position and time embeddings
// start large (the original: 0.02 and 0), so that attention can tell places and times apart from the first step.
import { Random } from '../base/random.ts';
import type { ModelSpec } from './modelSpec.ts';
import type { Parameter, ParameterLayout } from './parameters.ts';

const embeddingDeviation = 0.5;

/** The flat parameter vector. Each parameter draws from its own stream, so that another head changes no other weight. */
export function initialParameters(
  { hiddenSize }: Pick<ModelSpec, 'hiddenSize'>,
  layout: ParameterLayout,
  seed: number,
): Float32Array {
  const weightDeviation = 0.02 * Math.sqrt(768 / hiddenSize);
  const flat = new Float32Array(layout.size);
  for (const parameter of layout.parameters) {
    const part = flat.subarray(parameter.offset, parameter.offset + parameter.size);
    const random = new Random(seed, streamOf(parameter.name));
    if (isOne(parameter)) part.fill(1);
    else if (!isZero(parameter)) {
      const deviation = isPlace(parameter) ? embeddingDeviation : weightDeviation;
      for (let i = 0; i < part.length; i++) part[i] = deviation * truncatedNormal(random);
    }
  }
  return flat;
}

function isOne({ name, shape }: Parameter): boolean {
  return shape.length === 1 && name.endsWith('.weight');
}

function isZero({ name, shape }: Parameter): boolean {
  return shape.length === 1 || name.includes('.temporal_fc.');
}

function isPlace({ name }: Parameter): boolean {
  return name === 'pos_embed' || name === 'time_embed';
}

/** Standard normal within two deviations. */
function truncatedNormal(random: Random): number {
  for (;;) {
    const value = random.normal();
    if (Math.abs(value) <= 2) return value;
  }
}

/** FNV-1a of the name. */
function streamOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
