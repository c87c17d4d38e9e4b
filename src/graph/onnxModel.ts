// Writes a graph as an ONNX file (the bytes that onnxruntime loads and a model viewer opens).
import { create, toBinary } from '@bufbuild/protobuf';
import type { Attribute, Constant, Graph, Value } from './graph.ts';
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from './onnx/onnx_pb.ts';
import { opsetVersion } from './operators.ts';
import { liveNodes } from './schedule.ts';
import { formatDim } from './shape.ts';

const dataTypes = {
  float32: DataType.FLOAT,
  float16: DataType.FLOAT16,
  int64: DataType.INT64,
  bool: DataType.BOOL,
} as const;

/** The graph as an ONNX model. `metadata` is stored with it (class names, preprocessing, …). */
export function onnxModel(graph: Graph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const outputNames = new Map(graph.outputs.map(({ name, value }) => [value, name]));
  if (outputNames.size !== graph.outputs.length) throw new Error(`Graph ${graph.name} gives one value out twice.`);
  for (const { name, value } of graph.outputs) {
    if (!value.producer) throw new Error(`Output ${name} of graph ${graph.name} is not computed.`);
  }
  const nameOf = (value: Value) => outputNames.get(value) ?? value.name;
  const model = create(ModelProtoSchema, {
    irVersion: 10n,
    producerName: 'CoVeR Studio',
    opsetImport: [{ domain: '', version: BigInt(opsetVersion) }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: create(GraphProtoSchema, {
      name: graph.name,
      node: liveNodes(graph).map((node) =>
        create(NodeProtoSchema, {
          name: node.name,
          opType: node.op,
          input: node.inputs.map(nameOf),
          output: node.outputs.map(nameOf),
          attribute: Object.entries(node.attributes).map(([name, value]) => attribute(name, value)),
        }),
      ),
      initializer: graph.constants.map(initializer),
      input: graph.inputs.map((value) => valueInfo(value.name, value)),
      output: graph.outputs.map(({ name, value }) => valueInfo(name, value)),
    }),
  });
  return toBinary(ModelProtoSchema, model);
}

function attribute(name: string, value: Attribute): AttributeProto {
  if (typeof value === 'bigint') return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: value });
  if (typeof value === 'number') return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value });
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) });
  }
  if (value.every((item): item is bigint => typeof item === 'bigint')) {
    return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: [...value] });
  }
  return create(AttributeProtoSchema, { name, type: AttributeType.FLOATS, floats: value.map(Number) });
}

function initializer({ value, data }: Constant) {
  return create(TensorProtoSchema, {
    name: value.name,
    dataType: dataTypes[value.dtype],
    dims: value.shape.map((dim) => BigInt(dim as number)),
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  });
}

function valueInfo(name: string, { dtype, shape }: Value) {
  const dim = shape.map((size) =>
    create(TensorShapeProto_DimensionSchema, {
      value:
        typeof size === 'number'
          ? { case: 'dimValue', value: BigInt(size) }
          : { case: 'dimParam', value: formatDim(size) },
    }),
  );
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, {
      value: { case: 'tensorType', value: { elemType: dataTypes[dtype], shape: { dim } } },
    }),
  });
}
