// One optimizer step on the device: the gradient graph of the batch's streams, then the update graph. Holds the flat
// parameters and optimizer state in two sets of buffers that swap roles, so that nothing is copied or allocated.
import type { Device } from '../engine/devices.ts';
import { type HostTensor, type HostTensors, Session } from '../engine/onnxruntime.ts';
import { onnxModel } from '../graph/onnxModel.ts';
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
  private steps: number;
  private readonly sessions = new Map<string, Session>();
  private state: Record<string, HostTensor> = {};
  private spare: Record<string, HostTensor> = {};
  private readonly gradients: HostTensor;
  /** Adds up the gradients of several micro-batches: made when first needed. */
  private sum: GradientSum | undefined;
  private readonly rateScale: HostTensor;
  private readonly decayScale: HostTensor;

  private constructor(
    private readonly options: TrainingStepOptions,
    private readonly update: Session,
    initial: InitialState,
  ) {
    const { layout, optimizer, spatialOnly } = options;
    this.steps = initial.steps ?? 0;
    const starts: Record<string, Float32Array> = { parameters: initial.parameters };
    for (const name of stateNames(optimizer)) starts[name] = initial.optimizer?.[name] ?? new Float32Array(layout.size);
    if (options.averageDecay) starts.average = initial.average ?? initial.parameters;
    for (const [name, start] of Object.entries(starts)) {
      this.state[name] = this.vector(start.slice());
      this.spare[name] = this.vector(new Float32Array(layout.size));
    }
    this.gradients = this.vector(new Float32Array(layout.size));
    const rateScale = options.rateScale?.slice() ?? new Float32Array(layout.size).fill(1);
    const decayScale = new Float32Array(layout.size);
    for (const { offset, size, decays, temporal } of layout.parameters) {
      if (decays) decayScale.fill(1, offset, offset + size);
      if (temporal && spatialOnly) rateScale.fill(0, offset, offset + size);
    }
    this.rateScale = this.vector(rateScale);
    this.decayScale = this.vector(decayScale);
  }

  /** Copies what it is given. */
  static async create(options: TrainingStepOptions, initial: InitialState): Promise<TrainingStep> {
    const { layout, optimizer, averageDecay, device } = options;
    const model = onnxModel(updateGraph(layout.size, optimizer, averageDecay));
    return new TrainingStep(options, await Session.create(model, { provider: device.provider }), initial);
  }

  /** A copy of the whole state, from the device where it lies there. */
  async read(): Promise<TrainingState> {
    const { steps, state } = this;
    const copy = (name: string) => (state[name]!.data as Float32Array).slice();
    const optimizer = Object.fromEntries(stateNames(this.options.optimizer).map((name) => [name, copy(name)]));
    return { steps, parameters: copy('parameters'), optimizer, ...(state.average && { average: copy('average') }) };
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
        this.sum ??= await GradientSum.create(this.options.layout.size, this.options.device.provider);
        await this.gradientsOf(batch, this.sum.next, losses);
        gradients = await this.sum.add(gradients);
      }
    }
    this.steps++;
    const into = Object.fromEntries(Object.entries(this.spare).map(([name, tensor]) => [`next.${name}`, tensor]));
    const updated = await this.update.run({ ...this.state, ...this.stepInputs(rate), gradients }, into);
    [this.state, this.spare] = [this.spare, this.state];
    const loss = Object.values(losses).reduce((sum, part) => sum + part, 0);
    return { losses, loss, gradientNorm: Number(updated.gradient_norm!.data[0]) };
  }

  async release(): Promise<void> {
    await this.update.release();
    await this.sum?.release();
    for (const session of this.sessions.values()) await session.release();
  }

  /** Writes the flat gradient of one micro-batch into `gradients` and adds its losses to `losses`. */
  private async gradientsOf(
    batch: readonly StreamBatch[],
    gradients: HostTensor,
    losses: Record<string, number>,
  ): Promise<void> {
    const { imageSize } = this.options.spec;
    const session = await this.sessionFor(batch.map(({ stream }) => stream));
    const feeds: Record<string, HostTensor> = { parameters: this.state.parameters! };
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

  private vector(data: Float32Array): HostTensor {
    return { data, shape: [this.options.layout.size] };
  }

  private stepInputs(rate: number): HostTensors {
    const { optimizer } = this.options;
    const scalar = (value: number): HostTensor => ({ data: Float32Array.of(value), shape: [1] });
    const common = { rate: scalar(rate), rate_scale: this.rateScale, decay_scale: this.decayScale };
    if (optimizer.name === 'sgd') return { ...common, dampening: scalar(this.steps === 1 ? 0 : 1) };
    const [beta1, beta2] = optimizer.betas;
    const correction = Float32Array.of(1 - beta1 ** this.steps, 1 - beta2 ** this.steps);
    return { ...common, correction: { data: correction, shape: [2] } };
  }

  /** One session per set of streams: batches of videos, of images, and mixed ones. Made when first met. */
  private async sessionFor(streams: readonly Stream[]): Promise<Session> {
    const key = streams.map(({ name }) => name).join('+');
    const found = this.sessions.get(key);
    if (found) return found;
    const { spec, layout, spatialOnly, device } = this.options;
    const session = await Session.create(onnxModel(trainingGraph(spec, layout, streams, { spatialOnly })), {
      provider: device.provider,
    });
    this.sessions.set(key, session);
    return session;
  }
}

/** Sums flat gradients. */
class GradientSum {
  /** Where the next gradient goes. */
  readonly next: HostTensor;
  private total: HostTensor;
  private spare: HostTensor;

  private constructor(
    private readonly session: Session,
    size: number,
  ) {
    const vector = () => ({ data: new Float32Array(size), shape: [size] });
    [this.next, this.total, this.spare] = [vector(), vector(), vector()];
  }

  static async create(size: number, provider: string): Promise<GradientSum> {
    return new GradientSum(await Session.create(onnxModel(sumGraph(size)), { provider }), size);
  }

  /** `before` + `next`. Valid until the next but one call. */
  async add(before: HostTensor): Promise<HostTensor> {
    await this.session.run({ a: before, b: this.next }, { sum: this.spare });
    [this.total, this.spare] = [this.spare, this.total];
    return this.total;
  }

  release(): Promise<void> {
    return this.session.release();
  }
}
