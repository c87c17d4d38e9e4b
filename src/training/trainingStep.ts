// One optimizer step on the device: the gradient graph of the batch's streams, then the update graph. Holds the flat
// parameters and optimizer state in two sets of buffers that swap roles, so that nothing is copied or allocated.
import type { Device } from '../engine/devices.ts';
import { type HostTensor, type HostTensors, Session } from '../engine/onnxruntime.ts';
import { onnxModel } from '../graph/onnxModel.ts';
import type { ModelSpec } from '../model/modelSpec.ts';
import type { ParameterLayout } from '../model/parameters.ts';
import { lossName, pixelsName, type Stream, targetsName, trainingGraph } from '../model/trainingGraph.ts';
import { type Optimizer, stateNames, updateGraph } from '../model/updateGraph.ts';

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
}

export class TrainingStep {
  /** Steps done; AdamW's bias correction depends on it. */
  steps = 0;
  private readonly sessions = new Map<string, Session>();
  private state: Record<string, HostTensor> = {};
  private spare: Record<string, HostTensor> = {};
  private readonly gradients: HostTensor;
  private readonly rateScale: HostTensor;
  private readonly decayScale: HostTensor;

  private constructor(
    private readonly options: TrainingStepOptions,
    private readonly update: Session,
    parameters: Float32Array,
  ) {
    const { layout, optimizer, spatialOnly } = options;
    const vector = (data: Float32Array): HostTensor => ({ data, shape: [layout.size] });
    for (const name of ['parameters', ...stateNames(optimizer)]) {
      this.state[name] = vector(name === 'parameters' ? parameters.slice() : new Float32Array(layout.size));
      this.spare[name] = vector(new Float32Array(layout.size));
    }
    this.gradients = vector(new Float32Array(layout.size));
    const rateScale = new Float32Array(layout.size).fill(1);
    const decayScale = new Float32Array(layout.size);
    for (const { offset, size, decays, temporal } of layout.parameters) {
      if (decays) decayScale.fill(1, offset, offset + size);
      if (temporal && spatialOnly) rateScale.fill(0, offset, offset + size);
    }
    this.rateScale = vector(rateScale);
    this.decayScale = vector(decayScale);
  }

  static async create(options: TrainingStepOptions, parameters: Float32Array): Promise<TrainingStep> {
    const model = onnxModel(updateGraph(options.layout.size, options.optimizer));
    return new TrainingStep(options, await Session.create(model, { provider: options.device.provider }), parameters);
  }

  /** The flat parameters. Valid until the next step; copy to keep. */
  get parameters(): Float32Array {
    return this.state.parameters!.data as Float32Array;
  }

  /** The optimizer's state vectors by name. Valid until the next step. */
  get optimizerState(): Readonly<Record<string, Float32Array>> {
    const { parameters: _, ...rest } = this.state;
    return Object.fromEntries(Object.entries(rest).map(([name, { data }]) => [name, data as Float32Array]));
  }

  /** Makes one step with learning rate `rate` on a batch of one or more streams. */
  async step(batch: readonly StreamBatch[], rate: number): Promise<StepResult> {
    const { spec } = this.options;
    const session = await this.sessionFor(batch.map(({ stream }) => stream));
    const feeds: Record<string, HostTensor> = { parameters: this.state.parameters! };
    for (const { stream, samples, pixels, targets } of batch) {
      feeds[pixelsName(stream.name)] = {
        data: pixels,
        shape: [samples, stream.frames, 3, spec.imageSize, spec.imageSize],
      };
      for (const head of stream.heads) {
        const data = targets[head]!;
        feeds[targetsName(stream.name, head)] = { data, shape: [samples, data.length / samples] };
      }
    }
    const results = await session.run(feeds, { gradients: this.gradients });
    this.steps++;
    const into = Object.fromEntries(Object.entries(this.spare).map(([name, tensor]) => [`next.${name}`, tensor]));
    const updated = await this.update.run({ ...this.state, ...this.stepInputs(rate), gradients: this.gradients }, into);
    [this.state, this.spare] = [this.spare, this.state];
    const losses: Record<string, number> = Object.create(null); // a head may be called "constructor"
    for (const { stream } of batch) {
      for (const head of stream.heads)
        losses[head] = (losses[head] ?? 0) + Number(results[lossName(stream.name, head)]!.data[0]);
    }
    const loss = Object.values(losses).reduce((sum, part) => sum + part, 0);
    return { losses, loss, gradientNorm: Number(updated.gradient_norm!.data[0]) };
  }

  async release(): Promise<void> {
    await this.update.release();
    for (const session of this.sessions.values()) await session.release();
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
