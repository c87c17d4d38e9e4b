// One optimizer step on the device: the gradient graph of the batch's streams, then the update of the flat vectors. Where
// the device has a memory of its own they never leave it: pixels and targets go up, losses and the gradient's norm come down.
import { Random } from '../base/random.ts';
import type { Device } from '../engine/devices.ts';
import { modelFor } from '../engine/lowering.ts';
import { type NodeRun, Session, type Tensor, type Tensors } from '../engine/onnxruntime.ts';
import { viewsOf } from '../engine/views.ts';
import { halfPrecision } from '../graph/halfPrecision.ts';
import { partsAtOnce, samplesAtOnce } from '../model/atOnce.ts';
import type { ModelSpec } from '../model/modelSpec.ts';
import { type Parameter, type ParameterLayout, piecesOf } from '../model/parameters.ts';
import {
  isOfLoss,
  keptBranchesName,
  keptFeaturesName,
  lossName,
  pixelsName,
  type Stream,
  targetsName,
  trainingGraph,
} from '../model/trainingGraph.ts';
import { clipFactor, type Optimizer, stateNames, updateNumbers } from '../model/updateGraph.ts';
import { keptBranches, keptFeatures } from './dropping.ts';
import { type ElementScale, FlatVectors, stepSession } from './flatVectors.ts';
import { canShrink, initialLossScale, type LossScaleState, nextLossScale } from './lossScale.ts';
import { cut, type Part, type PartFeed } from './parts.ts';
import type { Precision } from './precision.ts';
import type { StoredVector } from './storedVector.ts';

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
  /** The weights stayed as they were, since a scaled gradient overflowed: the next step uses a smaller scale. */
  readonly skipped: boolean;
}

export interface TrainingStepOptions {
  readonly spec: ModelSpec;
  readonly layout: ParameterLayout;
  readonly optimizer: Optimizer;
  readonly device: Device;
  /** Leaves the temporal branch out and its parameters as they are (image pre-training). */
  readonly spatialOnly: boolean;
  /** Trains the heads and leaves everything else as it is. */
  readonly headsOnly?: boolean | undefined;
  /** The heads that are trained; the others stay as they are. Default: all. */
  readonly heads?: readonly string[] | undefined;
  /** Factor of a parameter's learning rate; 0 freezes it. Default: 1. */
  readonly rateScale?: ((parameter: Parameter) => number) | undefined;
  /** Keeps an exponential moving average of the weights: average · decay + weights · (1 − decay) after each step. 0: none. */
  readonly averageDecay?: number | undefined;
  /** What the gradients are computed in; float16 scales the loss dynamically. Weights and update are float32. */
  readonly precision?: Precision | undefined;
  /** Rate of stochastic depth in the last block; 0: none. */
  readonly dropPath?: number | undefined;
  /** Share of the features that the heads do not see; 0: none. */
  readonly dropout?: number | undefined;
  /** Of what is left out at random. */
  readonly seed?: number | undefined;
  /** Recomputes each block's values on the way back: less memory, longer steps. */
  readonly checkpointing?: boolean | undefined;
  /** Where to record which node runs where, for nodesRun(): how the names of the files begin. */
  readonly profile?: string | undefined;
}

/** Everything that the next step depends on, beside its batch. Vectors are [layout.size]. */
export interface TrainingState {
  /** Updates made; AdamW's bias correction depends on it. */
  readonly steps: number;
  readonly parameters: Float32Array;
  /** The optimizer's vectors by name (stateNames). */
  readonly optimizer: Readonly<Record<string, Float32Array>>;
  /** The moving average of the weights, where one is kept. */
  readonly average?: Float32Array;
  /** Where the loss is scaled. */
  readonly lossScale?: LossScaleState;
}

/** Where training starts: new weights, or a state that was kept. What is left out starts anew. */
export interface InitialState extends Pick<Partial<TrainingState>, 'steps' | 'lossScale'> {
  readonly parameters: StoredVector;
  readonly optimizer?: Readonly<Record<string, StoredVector>>;
  readonly average?: StoredVector;
}

/** A gradient graph, ready to run. */
interface GradientSession {
  readonly session: Session;
  /** A flat vector as the graph knows it: in this process's memory a view for each piece, else as it is. */
  parameters(vector: Tensor): Tensors;
  gradients(vector: Tensor): Tensors;
  /** Where the losses go in this process's memory; none on a device, from where they are brought back. */
  readonly losses: Tensors;
}

export class TrainingStep {
  private readonly sessions = new Map<string, GradientSession>();

  private constructor(
    private readonly options: TrainingStepOptions,
    private readonly vectors: FlatVectors,
    /** Updates made. */
    private steps: number,
    private lossScale: LossScaleState | undefined,
  ) {}

  /** Copies what it is given. */
  static async create(options: TrainingStepOptions, initial: InitialState): Promise<TrainingStep> {
    const { layout, optimizer, device, averageDecay = 0, profile } = options;
    const { size } = layout;
    const start: Record<string, StoredVector> = { parameters: initial.parameters };
    for (const name of stateNames(optimizer)) start[name] = initial.optimizer?.[name] ?? ((into) => into.fill(0));
    if (averageDecay > 0) start.average = initial.average ?? initial.parameters;
    const vectors = await FlatVectors.create(
      { size, optimizer, averageDecay, device, profile, scales: scalesOf(options) },
      start,
    );
    const lossScale = options.precision === 'float16' ? (initial.lossScale ?? initialLossScale) : undefined;
    return new TrainingStep(options, vectors, initial.steps ?? 0, lossScale);
  }

  /**
   * The whole state, from the device where it lies there. In this process's memory these are the vectors themselves, for a
   * copy would double what they take: whoever needs them longer than to the next step makes one.
   */
  async read(): Promise<TrainingState> {
    const { parameters, average, ...optimizer } = await this.vectors.read();
    const { steps, lossScale } = this;
    return { steps, parameters: parameters!, optimizer, ...(average && { average }), ...(lossScale && { lossScale }) };
  }

  /**
   * Makes one step with learning rate `rate`. The batch comes as one or more micro-batches, each of one or more streams:
   * their gradients are summed (targets are divided by the size of the whole batch), then the weights are updated once.
   */
  async step(micro: readonly (readonly StreamBatch[])[], rate: number): Promise<StepResult> {
    const { vectors, options } = this;
    const losses: Record<string, number> = Object.create(null); // a head may be called "constructor"
    for (const [i, parts] of micro.flatMap((batch, at) => this.atOnce(batch, at)).entries()) {
      await this.gradientsOf(parts, i === 0 ? vectors.gradients : vectors.more, losses);
      if (i > 0) await vectors.accumulate();
    }
    const loss = Object.values(losses).reduce((sum, part) => sum + part, 0);
    const scale = this.lossScale?.scale ?? 1;
    const gradientNorm = (await vectors.norm()) / scale;
    const finite = Number.isFinite(gradientNorm);
    const skipped = !finite && this.lossScale !== undefined && canShrink(this.lossScale);
    this.lossScale &&= nextLossScale(this.lossScale, finite);
    if (skipped) vectors.forget();
    else {
      this.steps++;
      const gradientScale = clipFactor(options.optimizer, gradientNorm) / scale;
      await vectors.update(updateNumbers(options.optimizer, { step: this.steps, rate, gradientScale }));
    }
    return { losses, loss, gradientNorm, skipped };
  }

  /** Every node that ran in a step so far, where `profile` was asked for; the step is of no use afterwards. */
  nodesRun(): NodeRun[] {
    return [...[...this.sessions.values()].flatMap(({ session }) => session.nodesRun()), ...this.vectors.nodesRun()];
  }

  async release(): Promise<void> {
    for (const { session } of this.sessions.values()) await session.release();
    await this.vectors.release();
  }

  /**
   * What is computed at once, one after the other: on a device the whole micro-batch, on the CPU a part of one stream. What is
   * left out at random does not depend on it.
   */
  private atOnce(batch: readonly StreamBatch[], index: number): (readonly Part[])[] {
    const { spec, device, seed } = this.options;
    const random = new Random(new Random(seed ?? 0, this.steps).uint32(), index);
    const streams = batch.map((part) => ({
      stream: part.stream,
      samples: part.samples,
      feeds: this.feedsOf(part, random),
    }));
    if (device.memory === 'device') return [streams];
    return streams.flatMap((whole) => {
      const ranges = partsAtOnce(whole.samples, samplesAtOnce(spec, whole.stream.frames, device.memory));
      return cut(whole, ranges).map((part) => [part]);
    });
  }

  private feedsOf({ stream, samples, pixels, targets }: StreamBatch, random: Random): PartFeed[] {
    const { spec, dropPath = 0, dropout = 0 } = this.options;
    const { imageSize, depth, hiddenSize } = spec;
    const feeds: PartFeed[] = [
      {
        name: pixelsName(stream.name),
        data: pixels,
        shape: [samples, stream.frames, 3, imageSize, imageSize],
        axis: 0,
      },
      ...stream.heads.map((head) => {
        const data = targets[head]!;
        return { name: targetsName(stream.name, head), data, shape: [samples, data.length / samples], axis: 0 };
      }),
    ];
    if (dropPath > 0) {
      const data = keptBranches(random, dropPath, depth, samples);
      feeds.push({ name: keptBranchesName(stream.name), data, shape: [3 * depth, samples], axis: 1 });
    }
    if (dropout > 0) {
      const data = keptFeatures(random, dropout, samples, hiddenSize);
      feeds.push({ name: keptFeaturesName(stream.name), data, shape: [samples, hiddenSize], axis: 0 });
    }
    return feeds;
  }

  /** Writes the flat gradient of these samples into `gradients` and adds their losses to `losses`. */
  private async gradientsOf(parts: readonly Part[], gradients: Tensor, losses: Record<string, number>): Promise<void> {
    const graph = await this.sessionFor(parts.map(({ stream }) => stream));
    const feeds: Record<string, Tensor> = { ...graph.parameters(this.vectors.parameters) };
    if (this.lossScale) feeds.loss_scale = { data: Float32Array.of(this.lossScale.scale), shape: [1] };
    for (const { name, data, shape } of parts.flatMap((part) => part.feeds)) feeds[name] = { data, shape };
    const results = await graph.session.run(feeds, { ...graph.gradients(gradients), ...graph.losses });
    for (const { stream } of parts) {
      for (const head of stream.heads)
        losses[head] = (losses[head] ?? 0) + Number(results[lossName(stream.name, head)]!.data[0]);
    }
  }

  /** One session per set of streams: videos, images and, on a device, batches of both. Made when first met. */
  private async sessionFor(streams: readonly Stream[]): Promise<GradientSession> {
    const key = streams.map(({ name }) => name).join('+');
    const found = this.sessions.get(key);
    if (found) return found;
    const { spec, layout, spatialOnly, device, profile, precision, dropPath = 0, dropout = 0 } = this.options;
    const headsOnly = this.options.headsOnly ?? false;
    const inPlace = device.memory === 'host';
    const graph = trainingGraph(spec, layout, streams, {
      spatialOnly,
      headsOnly,
      dropPath: dropPath > 0,
      dropout: dropout > 0,
      checkpointing: this.options.checkpointing ?? false,
      lossScale: this.lossScale !== undefined,
      pieces: inPlace,
    });
    const model = modelFor(precision === 'float16' ? halfPrecision(graph, isOfLoss) : graph, device);
    const names = streams.flatMap(({ name, heads }) => heads.map((head) => lossName(name, head)));
    const made: GradientSession = {
      session: await Session.create(model, { ...stepSession(device, ['gradients'], profile), placed: inPlace }),
      losses: inPlace ? Object.fromEntries(names.map((name) => [name, { data: new Float32Array(1), shape: [] }])) : {},
      parameters: viewsOf('parameters', piecesOf(layout), graph),
      gradients: viewsOf('gradients', piecesOf(layout), graph),
    };
    this.sessions.set(key, made);
    return made;
  }
}

/** Of each parameter in turn. */
function scalesOf({ layout, rateScale = () => 1, ...options }: TrainingStepOptions): ElementScale[] {
  return layout.parameters.map((parameter) => {
    const { offset, size, decays } = parameter;
    return { end: offset + size, rate: isFrozen(parameter, options) ? 0 : rateScale(parameter), decay: decays ? 1 : 0 };
  });
}

function isFrozen(
  { head, temporal }: Parameter,
  { spatialOnly, headsOnly, heads }: Pick<TrainingStepOptions, 'spatialOnly' | 'headsOnly' | 'heads'>,
): boolean {
  if (head === undefined) return (temporal && spatialOnly) || headsOnly === true;
  return heads !== undefined && !heads.includes(head); // without a gradient it would still decay
}
