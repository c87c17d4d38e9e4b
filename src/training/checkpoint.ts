// What a checkpoint holds: every weight under its TimeSformer name, the optimizer's state, and where the run stood.
import type { ParameterLayout } from '../model/parameters.ts';
import type { TensorToWrite } from '../weights/safetensors.ts';

/** The tensors of a checkpoint: `<parameter>` and `optimizer.<state>.<parameter>`. */
export function* checkpointTensors(
  layout: ParameterLayout,
  parameters: Float32Array,
  optimizerState: Readonly<Record<string, Float32Array>>,
): Generator<readonly [string, TensorToWrite]> {
  const vectors: [string, Float32Array][] = [
    ['', parameters],
    ...Object.entries(optimizerState).map(([name, data]): [string, Float32Array] => [`optimizer.${name}.`, data]),
  ];
  for (const [prefix, vector] of vectors) {
    for (const { name, shape, offset, size } of layout.parameters) {
      yield [`${prefix}${name}`, { dtype: 'F32', shape: [...shape], data: vector.subarray(offset, offset + size) }];
    }
  }
}
