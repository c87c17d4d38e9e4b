// How many floating-point operations the matrix products of a graph make: 2·m·n·k for [m, k] × [k, n]. All else is left out,
// as is usual.
import type { Graph } from './graph.ts';
import { elements, type Sizes } from './memory.ts';
import { liveNodes } from './schedule.ts';

export function flopsOf(graph: Graph, sizes: Sizes): number {
  let flops = 0;
  for (const { op, inputs, outputs, attributes } of liveNodes(graph)) {
    if (op !== 'Gemm' && op !== 'MatMul') continue;
    const { shape } = inputs[0]!;
    const inner = op === 'Gemm' && attributes.transA === 1n ? shape[0]! : shape.at(-1)!;
    flops += 2 * elements(outputs[0]!.shape, sizes) * elements([inner], sizes);
  }
  return flops;
}
