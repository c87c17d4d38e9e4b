// The only file that imports onnxruntime. Everything else sees sessions that take and give plain arrays.
import * as ort from 'onnxruntime-node';
import { messageOf } from '../base/errors.ts';

export interface HostTensor {
  readonly data: Float32Array | BigInt64Array;
  readonly shape: readonly number[];
}
export type HostTensors = Readonly<Record<string, HostTensor>>;

export interface SessionOptions {
  /** onnxruntime's name of the execution provider, from the device table. */
  readonly provider: string;
  /** 0: as many as there are cores. */
  readonly threads?: number;
}

/** The version of the library, for the record of a run. */
export const onnxruntimeVersion = ort.env.versions.node ?? ort.env.versions.common;

/** A loaded model. `run` blocks the thread while it computes. */
export class Session {
  private constructor(private readonly session: ort.InferenceSession) {}

  static async create(model: Uint8Array, options: SessionOptions): Promise<Session> {
    try {
      const session = await ort.InferenceSession.create(model, {
        executionProviders: [options.provider],
        graphOptimizationLevel: 'all',
        intraOpNumThreads: options.threads ?? 0,
        enableMemPattern: true,
        logSeverityLevel: 3,
        // Idle threads sleep instead of spinning: a step beside one busy process takes half the time, and alone no more.
        extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
      });
      return new Session(session);
    } catch (error) {
      throw new Error(`onnxruntime refused the model: ${messageOf(error)}`);
    }
  }

  get inputNames(): readonly string[] {
    return this.session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.session.outputNames;
  }

  /**
   * Runs the model. Results named in `into` are written into the given arrays, whose shapes must be right; the others
   * come back in new ones.
   */
  async run(feeds: HostTensors, into: HostTensors = {}): Promise<Record<string, HostTensor>> {
    const fetches: Record<string, ort.Tensor | null> = {};
    for (const name of this.session.outputNames) {
      const given = into[name];
      fetches[name] = given ? toTensor(given) : null;
    }
    const inputs = Object.fromEntries(
      this.session.inputNames.map((name) => {
        const feed = feeds[name];
        if (!feed) throw new Error(`The model's input ${name} was not given.`);
        return [name, toTensor(feed)];
      }),
    );
    const results = await this.session.run(inputs, fetches);
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [
        name,
        { data: tensor.data as HostTensor['data'], shape: tensor.dims },
      ]),
    );
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

function toTensor({ data, shape }: HostTensor): ort.Tensor {
  return data instanceof Float32Array ? new ort.Tensor('float32', data, shape) : new ort.Tensor('int64', data, shape);
}
