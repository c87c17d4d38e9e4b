// A model's weights in a layout's names: the same tables as for loading, the other way round.
import { namesIn, type WeightLayout } from '../weights/layouts/layout.ts';
import type { TensorToWrite } from '../weights/safetensors.ts';
import type { ParameterLayout } from './parameters.ts';

/**
 * The tensors of `flat`, without a copy: parameters the layout has no place for are left out, and of the heads, where it
 * has a place for one, all but `head`.
 */
export function* tensorsIn(
  layout: WeightLayout,
  { parameters }: ParameterLayout,
  flat: Float32Array,
  head?: string,
): Generator<readonly [string, TensorToWrite]> {
  for (const { name, shape, offset, size } of parameters) {
    const ofHead = name.startsWith('heads.');
    if (ofHead && layout.head && name !== `heads.${head}.weight` && name !== `heads.${head}.bias`) continue;
    const names = namesIn(layout, layout.written, name) ?? [];
    const part = size / names.length;
    for (const [i, each] of names.entries()) {
      const data = flat.subarray(offset + i * part, offset + (i + 1) * part);
      yield [each, { dtype: 'F32', shape: [shape[0]! / names.length, ...shape.slice(1)], data }];
    }
  }
}
