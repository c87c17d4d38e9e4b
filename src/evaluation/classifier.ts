// The model as a function from clips to every head's probabilities: the exported model.onnx, or, while it trains, the
// same graph with the weights fed.
import { UserError } from '../base/errors.ts';
import type { ResolvedModel } from '../config/resolved.ts';
import type { Device } from '../engine/devices.ts';
import { modelFor } from '../engine/lowering.ts';
import { type Memory, memoryOf } from '../engine/memory.ts';
import { Session, type Tensor, type Tensors } from '../engine/onnxruntime.ts';
import { viewsOf } from '../engine/views.ts';
import { partsAtOnce, samplesAtOnce } from '../model/atOnce.ts';
import { headOutput, inferenceGraph } from '../model/inferenceGraph.ts';
import type { HeadSpec, ModelSpec } from '../model/modelSpec.ts';
import { type ParameterLayout, piecesOf } from '../model/parameters.ts';

/** A head's probabilities, [clips, classes]. */
export type HeadProbabilities = Readonly<Record<string, Float32Array>>;

export class Classifier {
  private weights: Tensor | undefined;

  private constructor(
    private readonly session: Session,
    private readonly model: Pick<ModelSpec, 'imageSize' | 'patchSize'>,
    readonly heads: readonly HeadSpec[],
    private readonly device: Device,
    private readonly memory?: Memory,
    /** Of a model in training: the weights as its graph takes them. */
    private readonly feedsOf?: (weights: Tensor) => Tensors,
  ) {}

  /** Of an exported model. */
  static async ofModel(
    bytes: Uint8Array,
    model: ResolvedModel,
    heads: readonly HeadSpec[],
    device: Device,
  ): Promise<Classifier> {
    const session = await Session.create(bytes, { provider: device.provider });
    const missing = heads.find(({ name }) => !session.outputNames.includes(headOutput(name)));
    if (missing) throw new Error(`The model has no output for the head ${missing.name}.`);
    return new Classifier(session, model, heads, device);
  }

  /** Of a model in training; call `use` with its weights first. */
  static async inTraining(spec: ModelSpec, layout: ParameterLayout, device: Device): Promise<Classifier> {
    const graph = inferenceGraph(spec, layout, undefined, { pieces: device.memory === 'host' });
    const session = await Session.create(modelFor(graph, device), { provider: device.provider });
    const feedsOf = viewsOf('parameters', piecesOf(layout), graph);
    return new Classifier(session, spec, spec.heads, device, await memoryOf(device), feedsOf);
  }

  /** Takes these flat parameters until `forget`. Not copied, but to the device once. */
  async use(parameters: Float32Array): Promise<void> {
    this.forget();
    this.weights = await this.memory?.put(parameters);
  }

  /** Lets go of the parameters, and of the memory that they are part of. */
  forget(): void {
    if (this.weights) this.memory?.free(this.weights);
    this.weights = undefined;
  }

  /** `pixels` [clips, frames, 3, size, size], normalised. One frame is an image. */
  async classify(pixels: Float32Array, clips: number, frames: number): Promise<HeadProbabilities> {
    const ranges = partsAtOnce(clips, samplesAtOnce(this.model, frames, this.device.memory));
    if (ranges.length === 1) return this.classifyAtOnce(pixels, clips, frames);
    const all = Object.fromEntries(
      this.heads.map(({ name, classes }) => [name, new Float32Array(clips * classes.length)]),
    );
    const clipSize = pixels.length / clips;
    for (const { start, end } of ranges) {
      const said = await this.classifyAtOnce(pixels.subarray(start * clipSize, end * clipSize), end - start, frames);
      for (const { name, classes } of this.heads) all[name]!.set(said[name]!, start * classes.length);
    }
    return all;
  }

  private async classifyAtOnce(pixels: Float32Array, clips: number, frames: number): Promise<HeadProbabilities> {
    const { imageSize } = this.model;
    const input = { data: pixels, shape: [clips, frames, 3, imageSize, imageSize] };
    const results = await this.session.run({ ...(this.weights && this.feedsOf?.(this.weights)), clips: input });
    return Object.fromEntries(
      this.heads.map(({ name, classes }) => {
        const { data, shape } = results[headOutput(name)]!;
        if (shape.length !== 2 || shape[1] !== classes.length || !(data instanceof Float32Array)) {
          throw new UserError(
            'bad-model-file',
            `The model's head "${name}" gives ${shape.join(' × ')} numbers where ${classes.length} classes are expected: ` +
              'model.onnx and experiment.json of the run do not belong together. Train again.',
          );
        }
        return [name, softmaxRows(data, classes.length)];
      }),
    );
  }

  async release(): Promise<void> {
    this.forget();
    await this.memory?.release();
    await this.session.release();
  }
}

/** Softmax of each row of `width` numbers. */
export function softmaxRows(logits: Float32Array, width: number): Float32Array {
  const result = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += width) {
    let most = Number.NEGATIVE_INFINITY;
    for (let i = start; i < start + width; i++) most = Math.max(most, logits[i]!);
    let sum = 0;
    for (let i = start; i < start + width; i++) sum += result[i] = Math.exp(logits[i]! - most);
    for (let i = start; i < start + width; i++) result[i]! /= sum;
  }
  return result;
}

/** Indices of the `k` largest of probabilities[start … start + width), best first; ties in the order of the classes. */
export function topClasses(probabilities: Float32Array, start: number, width: number, k: number): number[] {
  const order = [...Array(width).keys()].sort((a, b) => probabilities[start + b]! - probabilities[start + a]! || a - b);
  return order.slice(0, k);
}
