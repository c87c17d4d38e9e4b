// What is measured, made with the program's own parts as a run makes it: the training step (gradient graph, update graph),
// the classifier on an exported model.onnx; beside it the same file in a bare onnxruntime, and the machine's own rate of
// matrix multiplication. Each runs in a process of its own (participant.ts).
import '../src/engine/noTelemetry.ts';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { Random } from '../src/base/random.ts';
import { optimizerSchema } from '../src/config/stage.ts';
import { chooseDevice } from '../src/engine/devices.ts';
import { type HostTensor, Session } from '../src/engine/onnxruntime.ts';
import { Classifier } from '../src/evaluation/classifier.ts';
import { Graph } from '../src/graph/graph.ts';
import { onnxModel } from '../src/graph/onnxModel.ts';
import * as op from '../src/graph/operators.ts';
import { headOutput, inferenceGraph } from '../src/model/inferenceGraph.ts';
import { initialParameters } from '../src/model/initialise.ts';
import type { ModelSpec } from '../src/model/modelSpec.ts';
import { type ParameterLayout, parameterLayout } from '../src/model/parameters.ts';
import {
  logitsName,
  lossName,
  pixelsName,
  type Stream,
  targetsName,
  trainingGraph,
} from '../src/model/trainingGraph.ts';
import type { Optimizer } from '../src/model/updateGraph.ts';
import { TrainingStep } from '../src/training/trainingStep.ts';
import { writeSafetensors } from '../src/weights/safetensors.ts';
import { type BenchModel, headName, type Mode } from './cases.ts';

export type Role = 'prepare' | 'training' | 'inference' | 'bare' | 'gemm';

export interface RoleRequest {
  readonly role: Role;
  readonly model: BenchModel;
  readonly mode: Mode;
  readonly device: string;
  /** Holds what `prepare` wrote. */
  readonly folder: string;
}

/** One run; a number of its result, so that it is known to be done. */
export type Run = () => Promise<number>;

/** Small, so that the loss stays comparable between programs for many steps. */
export const learningRate = 1e-5;
export const optimizer = adamW();
const seed = 1;

/** Files of a case's folder. */
export const inputsFile = (folder: string) => join(folder, 'inputs.safetensors');
export const resultsFile = (folder: string) => join(folder, 'ours.safetensors');
export const modelFile = (folder: string) => join(folder, 'model.onnx');

export async function startRole(request: RoleRequest): Promise<Run> {
  if (request.role === 'training') return training(request);
  if (request.role === 'inference') return inference(request);
  if (request.role === 'bare') return bare(request);
  if (request.role === 'gemm') return matrixProducts(request.device);
  throw new Error(`There is nothing to time in ${request.role}.`);
}

/**
 * Writes model.onnx or, for training, nothing of the kind; and inputs.safetensors (weights, pixels, labels) with
 * ours.safetensors (logits and, for training, every gradient) for PyTorch to be compared with.
 */
export async function prepare({ model, mode, device, folder }: RoleRequest): Promise<void> {
  const { spec, batch } = model;
  const layout = parameterLayout(spec);
  const weights = randomWeights(spec, layout);
  const { pixels, labels, targets } = randomBatch(model);
  const { provider } = await chooseDevice(device);
  const shape = [batch, spec.frames, 3, spec.imageSize, spec.imageSize];
  const named = (flat: Float32Array) =>
    layout.parameters.map(
      ({ name, shape, offset, size }) => [name, { shape, data: flat.subarray(offset, offset + size) }] as const,
    );
  await writeSafetensors(inputsFile(folder), [
    ...named(weights),
    ['pixels', { shape, data: pixels }],
    ['labels', { shape: [batch], data: BigInt64Array.from(labels, BigInt) }],
  ]);
  let logits: HostTensor;
  if (mode === 'inference') {
    const bytes = onnxModel(inferenceGraph(spec, layout, weights));
    writeFileSync(modelFile(folder), bytes);
    const session = await Session.create(bytes, { provider });
    logits = (await session.run({ clips: { data: pixels, shape } }))[headOutput(headName)]!;
    await writeSafetensors(resultsFile(folder), [['logits', float32(logits)]]);
    return;
  }
  const stream = streamOf(spec);
  const session = await Session.create(onnxModel(trainingGraph(spec, layout, [stream], { logits: true })), {
    provider,
  });
  const results = await session.run({
    parameters: { data: weights, shape: [layout.size] },
    [pixelsName(stream.name)]: { data: pixels, shape },
    [targetsName(stream.name, headName)]: { data: targets, shape: [batch, targets.length / batch] },
  });
  logits = results[logitsName(stream.name, headName)]!;
  if (!results[lossName(stream.name, headName)]) throw new Error('The training graph gives no loss.');
  const gradients = results.gradients!.data as Float32Array;
  await writeSafetensors(resultsFile(folder), [['logits', float32(logits)], ...named(gradients)]);
}

/** A whole step as a run makes it: gradients, clipping, AdamW; the loss and the gradient's norm are read back. */
async function training({ model, device }: RoleRequest): Promise<Run> {
  const { spec, batch } = model;
  const layout = parameterLayout(spec);
  const options = { spec, layout, optimizer, device: await chooseDevice(device), spatialOnly: false };
  const step = await TrainingStep.create(options, { parameters: randomWeights(spec, layout) });
  const { pixels, targets } = randomBatch(model);
  const streams = [{ stream: streamOf(spec), samples: batch, pixels, targets: { [headName]: targets } }];
  return async () => (await step.step([streams], learningRate)).loss;
}

async function inference({ model, device, folder }: RoleRequest): Promise<Run> {
  const { spec, batch } = model;
  const size = {
    ...spec,
    attention: spec.attention ?? 'divided',
    preset: model.name,
    mean: channels(0),
    std: channels(1),
  };
  const bytes = readFileSync(modelFile(folder));
  const classifier = await Classifier.ofModel(bytes, size, spec.heads, await chooseDevice(device));
  const { pixels } = randomBatch(model);
  return async () => (await classifier.classify(pixels, batch, spec.frames))[headName]![0]!;
}

/**
 * The same model.onnx with nothing of ours around it. This file names onnxruntime, which otherwise only
 * src/engine/onnxruntime.ts does, because the point is to leave that file out.
 */
async function bare({ model, device, folder }: RoleRequest): Promise<Run> {
  const { spec, batch } = model;
  const { provider } = await chooseDevice(device);
  const session = await ort.InferenceSession.create(modelFile(folder), { executionProviders: [provider] });
  const shape = [batch, spec.frames, 3, spec.imageSize, spec.imageSize];
  const clips = new ort.Tensor('float32', randomBatch(model).pixels, shape);
  return async () => Number((await session.run({ clips }))[headOutput(headName)]!.data[0]);
}

/** Sizes of the square matrices multiplied, and how many products a run makes one after the other. */
const products = { cpu: { size: 2048, count: 4 }, gpu: { size: 4096, count: 16 } };

function productsOn(device: string): { size: number; count: number } {
  return device === 'cpu' ? products.cpu : products.gpu;
}

/** Floating-point operations of one run of `gemm`. */
export function gemmFlops(device: string): number {
  const { size, count } = productsOn(device);
  return count * 2 * size ** 3;
}

/**
 * A chain of large Gemms whose matrices lie in the model, where onnxruntime may pack them beforehand: the best this
 * machine's matrix multiplication does. Only one number goes in and one comes out, so that no copy is measured.
 */
async function matrixProducts(device: string): Promise<Run> {
  const { size, count } = productsOn(device);
  const graph = new Graph('products');
  const random = new Random(seed);
  const values = Float32Array.from({ length: size * size }, () => (random.uniform() - 0.5) * Math.sqrt(12 / size));
  const matrix = graph.constant('matrix', values, [size, size]);
  const scale = graph.input('scale', 'float32', [1]);
  let x = op.Mul(matrix, scale); // not known beforehand, so that nothing can be computed when the model is loaded
  for (let i = 0; i < count; i++) x = op.Gemm(x, matrix, undefined, { transB: true });
  graph.output('sum', op.ReduceSum(x, [0, 1]));
  const { provider } = await chooseDevice(device);
  const session = await Session.create(onnxModel(graph), { provider });
  const feeds = { scale: { data: Float32Array.of(1), shape: [1] } };
  return async () => Number((await session.run(feeds)).sum!.data[0]);
}

/** What `auto` gives onnxruntime, and what PyTorch is told to use. */
export const threads = availableParallelism();

function streamOf(spec: ModelSpec): Stream {
  return { name: 'videos', frames: spec.frames, heads: [headName] };
}

/** A new model's weights with noise on all of them: nothing is zero, so that a check sees every branch. */
function randomWeights(spec: ModelSpec, layout: ParameterLayout): Float32Array {
  const weights = initialParameters(spec, layout, seed);
  const random = new Random(seed, 1);
  for (let i = 0; i < weights.length; i++) weights[i]! += 0.04 * (random.uniform() - 0.5);
  return weights;
}

function randomBatch({ spec, batch }: BenchModel) {
  const random = new Random(seed, 2);
  const classes = spec.heads[0]!.classes.length;
  const pixels = Float32Array.from({ length: batch * spec.frames * 3 * spec.imageSize ** 2 }, () =>
    random.between(-2, 2),
  );
  const labels = Array.from({ length: batch }, () => random.below(classes));
  const targets = new Float32Array(batch * classes);
  labels.forEach((label, i) => {
    targets[i * classes + label] = 1 / batch;
  });
  return { pixels, labels, targets };
}

function adamW(): Extract<Optimizer, { name: 'adamw' }> {
  const { betas, epsilon, weightDecay, clipNorm } = optimizerSchema.parse({});
  return { name: 'adamw', betas, epsilon, weightDecay, clipNorm };
}

function channels(value: number): [number, number, number] {
  return [value, value, value];
}

function float32({ data, shape }: HostTensor): { data: Float32Array; shape: readonly number[] } {
  if (!(data instanceof Float32Array)) throw new Error('The logits are no float32.');
  return { data, shape };
}
