// A process of its own that tries WebGPU: makes a session and runs a small model. Drivers may crash or hang; here that
// costs nothing. Says on stdout what came of it, as one line of JSON, and on stderr everything that the library does.
import { messageOf } from '../base/errors.ts';
import { Graph } from '../graph/graph.ts';
import { onnxModel } from '../graph/onnxModel.ts';
import * as op from '../graph/operators.ts';
import { Session } from './onnxruntime.ts';

/** The line on stdout. */
export interface ProbeResult {
  /** Why it does not work. */
  readonly error?: string;
}

async function probe(): Promise<ProbeResult> {
  try {
    const graph = new Graph('probe');
    const x = graph.input('x', 'float32', [2, 2]);
    graph.output('y', op.Add(op.MatMul(x, x), graph.scalar(1)));
    const session = await Session.create(onnxModel(graph), { provider: 'webgpu', wholeOnDevice: true, verbose: true });
    const { y } = await session.run({ x: { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] } });
    const numbers = Array.from(y!.data, Number);
    return numbers.join() === '8,11,16,23' ? {} : { error: `it computes wrongly (${numbers.join(', ')})` };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

void probe().then((result) => process.stdout.write(`${JSON.stringify(result)}\n`));
