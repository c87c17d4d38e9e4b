// The only file that imports onnxruntime. Everything else sees sessions that take and give plain arrays, and tensors that
// stay on the device and cannot be looked into.
import './noTelemetry.ts';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { messageOf } from '../base/errors.ts';
import { listName, stoppedAtList, withListFirst } from './placedResults.ts';

export interface HostTensor {
  readonly data: Float32Array | BigInt64Array;
  readonly shape: readonly number[];
}
export type HostTensors = Readonly<Record<string, HostTensor>>;

/** What each DeviceTensor holds, and the session that made it. */
const held = new WeakMap<DeviceTensor, { readonly tensor: ort.Tensor; readonly maker: Set<DeviceTensor> }>();

/** A place in the device's own memory. Empty until a session puts a result there, and once that session is released. */
export class DeviceTensor {
  /** Frees the memory; the place is empty again. */
  dispose(): void {
    const content = held.get(this);
    content?.maker.delete(this);
    content?.tensor.dispose();
    held.delete(this);
  }
}

export type Tensor = HostTensor | DeviceTensor;
export type Tensors = Readonly<Record<string, Tensor>>;

export interface SessionOptions {
  /** onnxruntime's name of the execution provider, from the device table. */
  readonly provider: string;
  /** 0: as many as there are cores. */
  readonly threads?: number;
  /** Outputs that stay in the device's memory, in the DeviceTensor that `run` is given for each. */
  readonly keep?: readonly string[];
  /** `run` is given a place for every result, and none is copied besides. For models handed over as bytes. */
  readonly placed?: boolean;
  /** Refuses a model of which any node would run on the CPU instead of the device. */
  readonly wholeOnDevice?: boolean;
  /** Records where each node runs, in a file that begins like this, for nodesRun(). For tests and measurements. */
  readonly profile?: string;
  /** Says on stderr everything that the library does. */
  readonly verbose?: boolean;
}

/** One run of one node. */
export interface NodeRun {
  readonly node: string;
  readonly op: string;
  /** For example "CPUExecutionProvider". */
  readonly provider: string;
}

/** The version of the library, for the record of a run. */
export const onnxruntimeVersion = ort.env.versions.node ?? ort.env.versions.common;

/** A loaded model. `run` blocks the thread while it computes. */
export class Session {
  /** The places that hold a result of this session. */
  private readonly made = new Set<DeviceTensor>();

  private constructor(
    private readonly session: ort.InferenceSession,
    private readonly options: SessionOptions,
  ) {}

  /** `model`: its bytes; or its path, where its weights lie in further files beside it. */
  static async create(model: Uint8Array | string, options: SessionOptions): Promise<Session> {
    const { provider, threads, keep, placed, wholeOnDevice, profile, verbose } = options;
    if (verbose) ort.env.logLevel = 'verbose';
    try {
      const settings: ort.InferenceSession.SessionOptions = {
        executionProviders: [provider],
        graphOptimizationLevel: 'all',
        intraOpNumThreads: threads ?? 0,
        // A planned block would come on top of what the first run took piece by piece: nearly twice the memory, no faster.
        enableMemPattern: false,
        logSeverityLevel: verbose ? 0 : 3,
        ...(keep?.length && { preferredOutputLocation: Object.fromEntries(keep.map((name) => [name, 'gpu-buffer'])) }),
        ...(profile !== undefined && { enableProfiling: true, profileFilePrefix: profile }),
        extra: {
          session: {
            // Idle threads wait 20 µs for the next node before they sleep: a step is a tenth faster than without, and beside
            // another busy process no slower. Waiting as long as onnxruntime does by itself takes half as long again there.
            intra_op: { allow_spinning: '1', spin_duration_us: '20' },
            inter_op: { allow_spinning: '0' },
            ...(wholeOnDevice && { disable_cpu_ep_fallback: '1' }),
          },
        },
      };
      // One call for each, since the library's types take them apart.
      const session =
        typeof model === 'string'
          ? await ort.InferenceSession.create(model, settings)
          : await ort.InferenceSession.create(placed ? withListFirst(model) : model, settings);
      return new Session(session, options);
    } catch (error) {
      throw new Error(`onnxruntime refused the model: ${messageOf(error)}`);
    }
  }

  /** Every input: its type, and its dimensions, where one that is not fixed is a name. */
  get inputs(): readonly { name: string; type: string; shape: readonly (number | string)[] }[] {
    return this.session.inputMetadata.map((input) =>
      input.isTensor
        ? { name: input.name, type: input.type, shape: input.shape }
        : { name: input.name, type: 'no tensor', shape: [] },
    );
  }

  get inputNames(): readonly string[] {
    return this.session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.session.outputNames.filter((name) => !this.options.placed || name !== listName);
  }

  /**
   * Runs the model. A result named in `into` goes there: into an array of the right shape, or into a place on the device
   * (freeing what was there) for the outputs to `keep`. The others come back in new arrays. On a device, what runs have used
   * up is freed when a run brings a result back: some run of a loop has to.
   */
  async run(feeds: Tensors, into: Tensors = {}): Promise<Record<string, HostTensor>> {
    const { keep, placed } = this.options;
    const names = this.outputNames;
    const fetches: Record<string, ort.Tensor | null> = placed ? { [listName]: null } : {};
    for (const name of names) {
      const given = into[name];
      const kept = keep?.includes(name) ?? false;
      if (placed && !given) throw new Error(`The output ${name} has no place.`);
      if (kept !== given instanceof DeviceTensor) throw new Error(`The output ${name} has no place on the device.`);
      fetches[name] = given && !(given instanceof DeviceTensor) ? hostTensor(given) : null;
    }
    const inputs = Object.fromEntries(
      this.session.inputNames.map((name) => {
        const feed = feeds[name];
        if (!feed) throw new Error(`The model's input ${name} was not given.`);
        return [name, feed instanceof DeviceTensor ? heldBy(feed, name) : hostTensor(feed)];
      }),
    );
    if (placed) {
      await this.session.run(inputs, fetches).catch((error: unknown) => {
        if (!stoppedAtList(error)) throw error;
      });
      return Object.fromEntries(names.map((name) => [name, into[name] as HostTensor]));
    }
    const results: Record<string, HostTensor> = {};
    for (const [name, tensor] of Object.entries(await this.session.run(inputs, fetches))) {
      const place = into[name];
      if (place instanceof DeviceTensor) {
        place.dispose();
        held.set(place, { tensor, maker: this.made });
        this.made.add(place);
      } else results[name] = place ?? { data: tensor.data as HostTensor['data'], shape: tensor.dims };
    }
    return results;
  }

  /** Ends the profile and tells every node that ran since the session was made, in order. */
  nodesRun(): NodeRun[] {
    const { profile } = this.options;
    if (profile === undefined) throw new Error('The session keeps no profile.');
    this.session.endProfiling();
    const files = readdirSync(dirname(profile)).filter((file) => file.startsWith(basename(profile)));
    return files.flatMap((name) => {
      const file = join(dirname(profile), name);
      const events = JSON.parse(readFileSync(file, 'utf8')) as ProfileEvent[];
      rmSync(file);
      return events
        .filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'))
        .map(({ name, args }) => ({
          node: name.slice(0, -'_kernel_time'.length),
          op: args.op_name ?? '',
          provider: args.provider ?? '',
        }));
    });
  }

  async release(): Promise<void> {
    // A result lies in memory that its session manages: freed later, it would bring the process down.
    for (const place of [...this.made]) place.dispose();
    await this.session.release();
  }
}

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly args: { readonly op_name?: string; readonly provider?: string };
}

/** What was made of arrays that are handed in again and again: a training step has hundreds, the same every time. */
const wrapped = new WeakMap<HostTensor, ort.Tensor>();

function hostTensor(given: HostTensor): ort.Tensor {
  const found = wrapped.get(given);
  if (found) return found;
  const { data, shape } = given;
  const made =
    data instanceof Float32Array ? new ort.Tensor('float32', data, shape) : new ort.Tensor('int64', data, shape);
  wrapped.set(given, made);
  return made;
}

function heldBy(place: DeviceTensor, name: string): ort.Tensor {
  const content = held.get(place);
  if (!content) throw new Error(`There is nothing in the place on the device given for ${name}.`);
  return content.tensor;
}
