// Arithmetic on flat vectors, wherever they lie: as one loop over arrays of this process, as a session on a device.
import type { Graph } from '../graph/graph.ts';
import type { Device } from './devices.ts';
import { FusedGraph } from './fused.ts';
import { modelFor } from './lowering.ts';
import { DeviceTensor, type NodeRun, Session, type SessionOptions, type Tensor, type Tensors } from './onnxruntime.ts';

/** A graph of elementwise arithmetic and sums, ready to run. */
export interface Kernel {
  /** Writes the graph's vectors into the places that `into` has for them; returns its single numbers. */
  run(feeds: Tensors, into?: Tensors): Promise<Readonly<Record<string, number>>>;
  /** Where `options` asked for a profile. */
  nodesRun(): NodeRun[];
  release(): Promise<void>;
}

/** `options` are of the session, where there is one. */
export async function kernelFor(graph: Graph, device: Device, options: SessionOptions): Promise<Kernel> {
  return device.memory === 'host' ? hostKernel(graph) : sessionKernel(graph, device, options);
}

async function hostKernel(graph: Graph): Promise<Kernel> {
  const fused = await FusedGraph.compile(graph);
  return {
    run: async (feeds, into = {}) => fused.run(arrays(feeds), arrays(into)),
    nodesRun: () => [],
    release: async () => undefined,
  };
}

async function sessionKernel(graph: Graph, device: Device, options: SessionOptions): Promise<Kernel> {
  const session = await Session.create(modelFor(graph, device), options);
  return {
    run: async (feeds, into = {}) => {
      const results = await session.run(feeds, into);
      return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, Number(data[0])]));
    },
    nodesRun: () => session.nodesRun(),
    release: () => session.release(),
  };
}

function arrays(tensors: Tensors): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, arrayOf(tensor, name)]));
}

function arrayOf(tensor: Tensor, name: string): Float32Array {
  if (tensor instanceof DeviceTensor || !(tensor.data instanceof Float32Array))
    throw new Error(`${name} is no vector of this process.`);
  return tensor.data;
}
