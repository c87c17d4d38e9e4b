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
  /** Whether it computes in float16 too. */
  readonly float16?: boolean;
}

/** x · x + 1, inside in float16 on request. */
async function computes(float16: boolean): Promise<ProbeResult> {
  try {
    const graph = new Graph('probe');
    const input = graph.input('x', 'float32', [2, 2]);
    const x = float16 ? op.Cast(input, 'float16') : input;
    const product = op.MatMul(x, x);
    graph.output('y', op.Add(float16 ? op.Cast(product, 'float32') : product, graph.scalar(1)));
    const session = await Session.create(onnxModel(graph), { provider: 'webgpu', wholeOnDevice: true, verbose: true });
    const { y } = await session.run({ x: { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] } });
    const numbers = Array.from(y!.data, Number);
    return numbers.join() === '8,11,16,23' ? {} : { error: `it computes wrongly (${numbers.join(', ')})` };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

async function probe(): Promise<ProbeResult> {
  const result = await computes(false);
  return result.error === undefined ? { float16: (await computes(true)).error === undefined } : result;
}

void probe().then((result) => process.stdout.write(`${JSON.stringify(result)}\n`));
