// Keeps results that are written to given places from being brought back besides. onnxruntime's Node binding copies every result
// into a new array, also one whose place it was given (as of 1.30; microsoft/onnxruntime, pull request 32346, is to end it): for a
// training step these are all gradients, for every part of a batch. When a run is over it goes through the results in
// the model's order, and at one that is no tensor it stops, with an error of its own; all places are filled by then. So
// an empty list is made the first result.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { messageOf } from '../base/errors.ts';
import { ModelProtoSchema, NodeProtoSchema, ValueInfoProtoSchema } from '../graph/onnx/onnx_pb.ts';

/** The name of the list among the results. */
export const listName = 'no_tensor';

/** The model with the empty list as its first result. */
export function withListFirst(model: Uint8Array): Uint8Array {
  const proto = fromBinary(ModelProtoSchema, model);
  const { graph } = proto;
  if (!graph) throw new Error('There is no graph in the model.');
  graph.node.push(create(NodeProtoSchema, { name: listName, opType: 'SequenceEmpty', output: [listName] }));
  graph.output.unshift(create(ValueInfoProtoSchema, { name: listName }));
  return toBinary(ModelProtoSchema, proto);
}

/** Whether a run failed with that error alone: it is thrown after everything was computed. */
export function stoppedAtList(error: unknown): boolean {
  return messageOf(error) === 'Non tensor type is temporarily not supported.';
}
