// A flat vector as the inputs or outputs of a graph that knows it by its pieces.
import type { Graph } from '../graph/graph.ts';
import { known, type Shape } from '../graph/shape.ts';
import { DeviceTensor, type Tensor, type Tensors } from './onnxruntime.ts';

/** Where a piece lies in the vector, in elements. */
export interface PieceOfVector {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

/**
 * Cuts a vector in pieces, `<name>.<piece>`, each in the shape that the graph has for it, without copying: the same
 * tensors every time. A device's vector stays whole, `name`.
 */
export function viewsOf(name: string, pieces: readonly PieceOfVector[], graph: Graph): (vector: Tensor) => Tensors {
  const shapes = new Map<string, Shape>([
    ...graph.inputs.map((input) => [input.name, input.shape] as const),
    ...graph.outputs.map((output) => [output.name, output.value.shape] as const),
  ]);
  const views = new WeakMap<Tensor, Tensors>();
  return (vector) => {
    if (vector instanceof DeviceTensor) return { [name]: vector };
    const found = views.get(vector);
    if (found) return found;
    const data = vector.data as Float32Array;
    const made = Object.fromEntries(
      pieces.map(({ name: piece, offset, size }): [string, Tensor] => {
        const full = `${name}.${piece}`;
        return [full, { data: data.subarray(offset, offset + size), shape: shapes.get(full)!.map(known) }];
      }),
    );
    views.set(vector, made);
    return made;
  };
}
