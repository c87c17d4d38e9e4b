// What a graph must not say to a device. A WebGPU shader binds few buffers at once (12 with some drivers, 8 are guaranteed),
// so that one Split cannot cut the flat parameters into all of them: each part is a Slice of its own there.
import type { Graph, GraphNode } from '../graph/graph.ts';
import { onnxModel } from '../graph/onnxModel.ts';
import { known } from '../graph/shape.ts';
import type { Device } from './devices.ts';

/** Results of one node. WebGPU guarantees 8 storage buffers a shader; the input is one. */
const mostResults = 7;

/** The graph as a model for this device. */
export function modelFor(graph: Graph, { provider }: Pick<Device, 'provider'>): Uint8Array {
  if (provider === 'webgpu') {
    const nodes = graph.nodes.flatMap((node) =>
      node.op === 'Split' && node.outputs.length > mostResults ? slicesOf(graph, node) : [node],
    );
    graph.nodes.splice(0, graph.nodes.length, ...nodes);
  }
  return onnxModel(graph);
}

/** The results of a Split, each by its own node. */
function slicesOf(graph: Graph, split: GraphNode): GraphNode[] {
  const axis = Number(split.attributes.axis);
  let start = 0;
  return split.outputs.map((output, i) => {
    const end = start + known(output.shape[axis]!);
    const inputs = [split.inputs[0]!, graph.int64s([start]), graph.int64s([end]), graph.int64s([axis])];
    start = end;
    const slice = { name: `${split.name}/slice.${i}`, op: 'Slice', inputs, outputs: [output], attributes: {} };
    Object.assign(output, { producer: slice }); // whoever uses the value finds the node that makes it now
    return slice;
  });
}
