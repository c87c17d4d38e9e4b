// The weights a model starts with when none are loaded, as the original starts its own (facebookresearch/TimeSformer,
// executed; timm's ViT): truncated normal of deviation 0.02, norms at one, biases, the time embedding and every temporal_fc
// at zero, so that the video model starts as the image model applied to each frame.
import { Random } from '../base/random.ts';
import type { Parameter, ParameterLayout } from './parameters.ts';

const deviation = 0.02;

/** The flat parameter vector. Each parameter draws from its own stream, so that another head changes no other weight. */
export function initialParameters(layout: ParameterLayout, seed: number): Float32Array {
  const flat = new Float32Array(layout.size);
  for (const parameter of layout.parameters) {
    const part = flat.subarray(parameter.offset, parameter.offset + parameter.size);
    const random = new Random(seed, streamOf(parameter.name));
    if (isOne(parameter)) part.fill(1);
    else if (!isZero(parameter)) for (let i = 0; i < part.length; i++) part[i] = deviation * truncatedNormal(random);
  }
  return flat;
}

function isOne({ name, shape }: Parameter): boolean {
  return shape.length === 1 && name.endsWith('.weight');
}

function isZero({ name, shape }: Parameter): boolean {
  return shape.length === 1 || name === 'time_embed' || name.includes('.temporal_fc.');
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
