// One optimizer step on the device: the gradient graph of the batch's streams, then the update graph. Holds the flat
// parameters and optimizer state in two sets of buffers that swap roles, so that nothing is copied; where the device has a
// memory of its own they never leave it: pixels and targets go up, losses and the gradient's norm come down.
import type { Device } from '../engine/devices.ts';
import { modelFor } from '../engine/lowering.ts';
import { type Memory, memoryOf } from '../engine/memory.ts';
import {
  type HostTensor,
  type NodeRun,
  Session,
  type SessionOptions,
  type Tensor,
  type Tensors,
} from '../engine/onnxruntime.ts';
import type { ModelSpec } from '../model/modelSpec.ts';
import type { ParameterLayout } from '../model/parameters.ts';
import { lossName, pixelsName, type Stream, targetsName, trainingGraph } from '../model/trainingGraph.ts';
import { type Optimizer, stateNames, sumGraph, updateGraph } from '../model/updateGraph.ts';

/** The samples of a batch with the same number of frames. */
export interface StreamBatch {
  readonly stream: Stream;
  readonly samples: number;
  /** [samples, frames, 3, size, size], normalised. */
  readonly pixels: Float32Array;
  /** Per head, [samples, classes]: target distributions over the size of the whole batch. */
  readonly targets: Readonly<Record<string, Float32Array>>;
}

export interface StepResult {
  /** Each head's share of the loss. */
  readonly losses: Readonly<Record<string, number>>;
  readonly loss: number;
  /** Global norm of the gradient before clipping. */
  readonly gradientNorm: number;
}

export interface TrainingStepOptions {
  readonly spec: ModelSpec;
  readonly layout: ParameterLayout;
  readonly optimizer: Optimizer;
  readonly device: Device;
  /** Leaves the temporal branch out and its parameters as they are (image pre-training). */
  readonly spatialOnly: boolean;
  /** Factor of the learning rate per element [layout.size]; 0 freezes it. Default: ones. */
  readonly rateScale?: Float32Array | undefined;
  /** Keeps an exponential moving average of the weights: average · decay + weights · (1 − decay) after each step. 0: none. */
  readonly averageDecay?: number | undefined;
  /** Where to record which node runs where, for nodesRun(): how the names of the files begin. */
  readonly profile?: string | undefined;
}

/** Everything that the next step depends on, beside its batch. Vectors are [layout.size]. */
export interface TrainingState {
  /** Steps done; AdamW's bias correction depends on it. */
  readonly steps: number;
  readonly parameters: Float32Array;
  /** The optimizer's vectors by name (stateNames). */
  readonly optimizer: Readonly<Record<string, Float32Array>>;
  /** The moving average of the weights, where one is kept. */
  readonly average?: Float32Array;
}

/** Where training starts: new weights, or a state that was read. What is left out starts anew. */
export type InitialState = Pick<TrainingState, 'parameters'> & Partial<TrainingState>;

export class TrainingStep {
  private readonly sessions = new Map<string, Session>();
  private spare: Record<string, Tensor>;
  private readonly gradients: Tensor;
  /** Adds up the gradients of several micro-batches: made when first needed. */
  private sum: GradientSum | undefined;

  private constructor(
    private readonly options: TrainingStepOptions,
    private readonly memory: Memory,
    private readonly update: Session,
    /** Steps done. */
    private steps: number,
    private state: Record<string, Tensor>,
    private readonly scales: { readonly rate_scale: Tensor; readonly decay_scale: Tensor },
  ) {
    const { size } = options.layout;
    this.spare = Object.fromEntries(Object.keys(state).map((name) => [name, memory.place(size)]));
    this.gradients = memory.place(size);
  }

  /** Copies what it is given. */
  static async create(options: TrainingStepOptions, initial: InitialState): Promise<TrainingStep> {
    const { layout, optimizer, averageDecay, device } = options;
    const starts: Record<string, Float32Array> = { parameters: initial.parameters };
    for (const name of stateNames(optimizer)) starts[name] = initial.optimizer?.[name] ?? new Float32Array(layout.size);
    if (averageDecay) starts.average = initial.average ?? initial.parameters;
    const names = Object.keys(starts);
    const model = modelFor(updateGraph(layout.size, optimizer, averageDecay), device);
    const update = await Session.create(
      model,
      sessionOptions(
        options,
        names.map((name) => `next.${name}`),
      ),
    );
    const memory = await memoryOf(device);
    const state: Record<string, Tensor> = {};
    for (const name of names) state[name] = await memory.put(starts[name]!.slice());
    const { rateScale, decayScale } = scalesOf(options);
    const scales = { rate_scale: await memory.put(rateScale), decay_scale: await memory.put(decayScale) };
    return new TrainingStep(options, memory, update, initial.steps ?? 0, state, scales);
  }

  /** A copy of the whole state, from the device where it lies there. */
  async read(): Promise<TrainingState> {
    const copies: Record<string, Float32Array> = {};
    for (const [name, tensor] of Object.entries(this.state)) copies[name] = await this.memory.read(tensor);
    const { parameters, average, ...optimizer } = copies;
    return { steps: this.steps, parameters: parameters!, optimizer, ...(average && { average }) };
  }

  /**
   * Makes one step with learning rate `rate`. The batch comes as one or more micro-batches, each of one or more streams:
   * their gradients are summed (targets are divided by the size of the whole batch), then the weights are updated once.
   */
  async step(micro: readonly (readonly StreamBatch[])[], rate: number): Promise<StepResult> {
    const losses: Record<string, number> = Object.create(null); // a head may be called "constructor"
    let gradients = this.gradients;
    for (const [i, batch] of micro.entries()) {
      if (i === 0) await this.gradientsOf(batch, gradients, losses);
      else {
        this.sum ??= await GradientSum.create(this.options, this.memory);
        await this.gradientsOf(batch, this.sum.next, losses);
        gradients = await this.sum.add(gradients);
      }
    }
    this.steps++;
    const into = Object.fromEntries(Object.entries(this.spare).map(([name, tensor]) => [`next.${name}`, tensor]));
    const feeds = { ...this.state, ...this.scales, ...this.stepInputs(rate), gradients };
    const updated = await this.update.run(feeds, into);
    [this.state, this.spare] = [this.spare, this.state];
    this.memory.free(...Object.values(this.spare), gradients);
    const loss = Object.values(losses).reduce((sum, part) => sum + part, 0);
    return { losses, loss, gradientNorm: Number(updated.gradient_norm!.data[0]) };
  }

  /** Every node that ran in a step so far, where `profile` was asked for; the step is of no use afterwards. */
  nodesRun(): NodeRun[] {
    return this.allSessions().flatMap((session) => session.nodesRun());
  }

  async release(): Promise<void> {
    this.memory.free(...Object.values({ ...this.state, ...this.scales }));
    for (const session of this.allSessions()) await session.release();
    await this.memory.release();
  }

  private allSessions(): Session[] {
    return [...this.sessions.values(), ...(this.sum ? [this.sum.session] : []), this.update];
  }

  /** Writes the flat gradient of one micro-batch into `gradients` and adds its losses to `losses`. */
  private async gradientsOf(
    batch: readonly StreamBatch[],
    gradients: Tensor,
    losses: Record<string, number>,
  ): Promise<void> {
    const { imageSize } = this.options.spec;
    const session = await this.sessionFor(batch.map(({ stream }) => stream));
    const feeds: Record<string, Tensor> = { parameters: this.state.parameters! };
    for (const { stream, samples, pixels, targets } of batch) {
      feeds[pixelsName(stream.name)] = { data: pixels, shape: [samples, stream.frames, 3, imageSize, imageSize] };
      for (const head of stream.heads) {
        const data = targets[head]!;
        feeds[targetsName(stream.name, head)] = { data, shape: [samples, data.length / samples] };
      }
    }
    const results = await session.run(feeds, { gradients });
    for (const { stream } of batch) {
      for (const head of stream.heads)
        losses[head] = (losses[head] ?? 0) + Number(results[lossName(stream.name, head)]!.data[0]);
    }
  }

  private stepInputs(rate: number): Tensors {
    const { optimizer } = this.options;
    const scalar = (value: number): HostTensor => ({ data: Float32Array.of(value), shape: [1] });
    if (optimizer.name === 'sgd') return { rate: scalar(rate), dampening: scalar(this.steps === 1 ? 0 : 1) };
    const [beta1, beta2] = optimizer.betas;
    const correction = Float32Array.of(1 - beta1 ** this.steps, 1 - beta2 ** this.steps);
    return { rate: scalar(rate), correction: { data: correction, shape: [2] } };
  }

  /** One session per set of streams: batches of videos, of images, and mixed ones. Made when first met. */
  private async sessionFor(streams: readonly Stream[]): Promise<Session> {
    const key = streams.map(({ name }) => name).join('+');
    const found = this.sessions.get(key);
    if (found) return found;
    const { spec, layout, spatialOnly, device } = this.options;
    const model = modelFor(trainingGraph(spec, layout, streams, { spatialOnly }), device);
    const session = await Session.create(model, sessionOptions(this.options, ['gradients']));
    this.sessions.set(key, session);
    return session;
  }
}

/** Factors of the learning rate and of the weight decay, per element. */
function scalesOf({ layout, spatialOnly, rateScale: given }: TrainingStepOptions) {
  const rateScale = given?.slice() ?? new Float32Array(layout.size).fill(1);
  const decayScale = new Float32Array(layout.size);
  for (const { offset, size, decays, temporal } of layout.parameters) {
    if (decays) decayScale.fill(1, offset, offset + size);
    if (temporal && spatialOnly) rateScale.fill(0, offset, offset + size);
  }
  return { rateScale, decayScale };
}

/** `results` stay on the device where it has a memory of its own; no node of a step may then run elsewhere. */
function sessionOptions({ device, profile }: TrainingStepOptions, results: readonly string[]): SessionOptions {
  const options = { provider: device.provider, ...(profile !== undefined && { profile: `${profile}${++profiles}.` }) };
  return device.memory === 'device' ? { ...options, keep: results, wholeOnDevice: true } : options;
}

let profiles = 0;

/** Sums flat gradients. */
class GradientSum {
  private total: Tensor;
  private spare: Tensor;

  private constructor(
    readonly session: Session,
    private readonly memory: Memory,
    /** Where the next gradient goes. */
    readonly next: Tensor,
    size: number,
  ) {
    [this.total, this.spare] = [memory.place(size), memory.place(size)];
  }

  static async create(options: TrainingStepOptions, memory: Memory): Promise<GradientSum> {
    const { size } = options.layout;
    const session = await Session.create(modelFor(sumGraph(size), options.device), sessionOptions(options, ['sum']));
    return new GradientSum(session, memory, memory.place(size), size);
  }

  /** `before` + `next`. Valid until the next but one call. */
  async add(before: Tensor): Promise<Tensor> {
    await this.session.run({ a: before, b: this.next }, { sum: this.spare });
    [this.total, this.spare] = [this.spare, this.total];
    this.memory.free(this.next, before);
    return this.total;
  }
}
