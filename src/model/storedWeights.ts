// The weights inside a model.onnx of ours, as the flat vector that graphs are built with.
import { fromBinary } from '@bufbuild/protobuf';
import { TensorProto_DataType as DataType, ModelProtoSchema } from '../graph/onnx/onnx_pb.ts';
import { type ParameterLayout, piecesOf } from './parameters.ts';

/**
 * The parameters that `exportModel` stored in float32. Throws an Error that names the first one that is not there, or is of
 * another size: then the file is none of this model's.
 */
export function storedWeights(model: Uint8Array, layout: ParameterLayout): Float32Array {
  const stored = new Map(
    (fromBinary(ModelProtoSchema, model).graph?.initializer ?? []).map((tensor) => [tensor.name, tensor]),
  );
  const flat = new Float32Array(layout.size);
  const bytes = new Uint8Array(flat.buffer);
  for (const { name, offset, size } of piecesOf(layout)) {
    const tensor = stored.get(name);
    if (tensor?.dataType !== DataType.FLOAT || tensor.rawData.byteLength !== 4 * size)
      throw new Error(`The model has no ${name} of ${size} numbers.`);
    bytes.set(tensor.rawData, 4 * offset);
  }
  return flat;
}
