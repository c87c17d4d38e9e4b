// What a run will need, known before it starts: parameters, operations, memory. The memory of the CPU's process is the sum of
// what is known (vectors of the parameters' size, frames kept, onnxruntime's allocator simulated for the very graphs that
// will run) and of shares measured on models of 1 to 31 million parameters; test/training/estimate.test.ts holds it to what
// a run then uses.
import { availableParallelism, totalmem } from 'node:os';
import { UserError } from '../base/errors.ts';
import { bytes } from '../base/format.ts';
import { evaluationFrames, storeLimit, trainingFrames } from '../clips/frameStore.ts';
import type { ResolvedExperiment, ResolvedStage } from '../config/resolved.ts';
import { plannedShares, stepsOf } from '../config/stages.ts';
import { arenaBytes } from '../engine/arena.ts';
import type { Device } from '../engine/devices.ts';
import { judgedTogether } from '../evaluation/judge.ts';
import { flopsOf } from '../graph/flops.ts';
import { memoryEvents, type Sizes } from '../graph/memory.ts';
import { partsAtOnce, samplesAtOnce } from '../model/atOnce.ts';
import { inferenceGraph } from '../model/inferenceGraph.ts';
import { type ModelSpec, modelSpecOf } from '../model/modelSpec.ts';
import { type ParameterLayout, parameterLayout } from '../model/parameters.ts';
import { type Stream, trainingGraph } from '../model/trainingGraph.ts';
import { stateNames } from '../model/updateGraph.ts';
import { batchBytes, batchesAhead } from './batchWorkers.ts';
import { streamsOf } from './makeBatch.ts';
import { optimizerOf } from './optimizer.ts';

export interface Estimate {
  readonly parameters: number;
  /** Floating-point operations of the matrix products of one video clip's forward pass. */
  readonly flopsPerClip: number;
  /** Bytes of memory that training will use: of this process, or of the device for what lies there. */
  readonly memory: number;
}

/** The program with its libraries, the index and a decoder, before anything of the model. Measured. */
const processBytes = 215e6;
/** What a session takes beside its tensors, for each node. Measured. */
const nodeBytes = 15_000;
/** Width over height of a video's frame, assumed for the memory of frames. */
const aspect = 4 / 3;
/** What decoding a video takes for as many at a time as there are cores: the decoder, and twice the frames it hands over. Measured. */
const decoder = { bytes: 75e6, frames: 200 };

export function estimate(experiment: ResolvedExperiment, device: Device): Estimate {
  const spec = modelSpecOf(experiment);
  const layout = parameterLayout(spec);
  const one = { clips: 1, frames: spec.frames };
  const stages = experiment.stages.map((stage) => stageMemory(experiment, spec, layout, stage, device));
  const host = device.memory === 'host' ? processBytes + decoding(experiment) + framesKept(experiment) : 0;
  return {
    parameters: layout.size,
    flopsPerClip: flopsOf(inferenceGraph(spec, layout), one),
    memory: host + Math.max(...stages),
  };
}

/** Throws UserError `does-not-fit` where this machine has less memory than a run needs, with settings that would fit. */
export function requireMemory(experiment: ResolvedExperiment, device: Device, available = availableBytes()): Estimate {
  const needed = estimate(experiment, device);
  // How much a graphics adapter has, no interface tells.
  if (device.memory === 'device' || needed.memory <= available) return needed;
  const advice =
    whatFits(experiment, device, available) ??
    'Take a smaller preset, or fewer frames, a smaller imageSize or a larger patchSize.';
  throw new UserError(
    'does-not-fit',
    `Training this model needs about ${bytes(needed.memory)} of memory, and ${bytes(available)} are free. ${advice}`,
  );
}

function whatFits(experiment: ResolvedExperiment, device: Device, available: number): string | undefined {
  // One after the other: a large model's estimate takes a third of a second, and the first that fits will do.
  for (const alternative of alternatives(experiment)) {
    const { memory } = estimate(alternative.experiment, device);
    if (memory <= available) return adviceOf(alternative, memory);
  }
  return undefined;
}

/** `memory` is what it needs. */
export function adviceOf({ text }: Alternative, memory: number): string {
  return `It would fit with ${text} (about ${bytes(memory)}).`;
}

export interface Alternative {
  /** As one would write it in cover.json. */
  readonly text: string;
  readonly experiment: ResolvedExperiment;
}

/** The same training in less memory, the faster ways first. */
export function alternatives(experiment: ResolvedExperiment): Alternative[] {
  const largest = Math.max(...experiment.stages.map(({ batchSize }) => batchSize));
  // A batch can only be cut into equal parts.
  const cuts = (count: number) =>
    experiment.stages.every(({ batchSize }) => batchSize % Math.min(count, batchSize) === 0);
  const parts = [2, 4, 8, 16, 32, 64, 128].filter((count) => count <= largest && cuts(count));
  const split = (count: number, checkpointing: boolean): ResolvedExperiment => ({
    ...experiment,
    checkpointing: checkpointing || experiment.checkpointing,
    stages: experiment.stages.map((stage) => ({
      ...stage,
      accumulate: Math.max(stage.accumulate, Math.min(count, stage.batchSize)),
    })),
  });
  const inParts = parts.map((count) => ({
    text: `"accumulate": ${count} in its stages`,
    experiment: split(count, false),
  }));
  if (experiment.checkpointing) return inParts;
  return [
    ...inParts,
    { text: '"checkpointing": true', experiment: split(1, true) },
    ...parts.map((count) => ({
      text: `"checkpointing": true and "accumulate": ${count} in its stages`,
      experiment: split(count, true),
    })),
  ];
}

/** Everything of one stage that grows with the model. */
function stageMemory(
  experiment: ResolvedExperiment,
  spec: ModelSpec,
  layout: ParameterLayout,
  stage: ResolvedStage,
  device: Device,
): number {
  const states = stateNames(optimizerOf(stage)).length + (stage.averageDecay > 0 ? 1 : 0);
  const { graphs, summed, frames } = computedOf(experiment, spec, stage, device);
  // Weights, gradients, state; in this process also the weights that the stage started from.
  const vectors = 2 + states + (summed ? 1 : 0) + (device.memory === 'host' ? 1 : 0);
  const sessions = graphs.reduce((sum, { streams, sizes }) => {
    const graph = trainingGraph(spec, layout, streams, {
      spatialOnly: stage.name === 'imagePretraining',
      dropPath: stage.dropPath > 0,
      dropout: stage.dropout > 0,
      headsOnly: stage.train === 'heads',
      checkpointing: experiment.checkpointing,
      pieces: true,
    });
    return sum + nodeBytes * graph.nodes.length + arenaBytes([...memoryEvents(graph, sizes)]);
  }, 0);
  // Of the batch that is trained on, and of those that are made meanwhile.
  const ahead = batchesAhead(batchBytes(spec, stage.batchSize));
  const pixels = batchBytes({ ...spec, frames }, stage.batchSize) * (1 + ahead);
  return vectors * 4 * layout.size + sessions + pixels + judging(spec, layout, device);
}

/**
 * What gradient graphs a stage will have, with as many samples as they may get at once, whether gradients are summed, and of how
 * many frames a sample is in the mean.
 */
function computedOf(experiment: ResolvedExperiment, spec: ModelSpec, stage: ResolvedStage, device: Device) {
  const datasets = experiment.datasets.filter(({ name }) => stage.datasets.includes(name));
  const streams = streamsOf(datasets, experiment.model.frames);
  const shares = plannedShares(stage, experiment.datasets);
  const size = Math.ceil(stage.batchSize / stage.accumulate);
  // Rounded, shares may sum to a little more than 1.
  const share = ({ heads }: Stream) => heads.reduce((sum, name) => Math.min(1, sum + shares[name]!), 0);
  /** Three standard deviations above the mean of what is drawn. */
  const most = (p: number) => Math.min(size, Math.ceil(size * p + 3 * Math.sqrt(size * p * (1 - p))));
  const drawn = streams.map((stream) => ({ stream, samples: streams.length === 1 ? size : most(share(stream)) }));
  /** Of one kind there are as many in every batch, and its parts are even; of two kinds any number up to the most. */
  const atOnce = ({ frames }: Stream, samples: number) => {
    const most = samplesAtOnce(spec, frames, device.memory);
    if (streams.length > 1) return Math.min(samples, most);
    return Math.max(...partsAtOnce(samples, most).map(({ start, end }) => end - start));
  };
  const alone = (stream: Stream, samples: number) => ({
    streams: [stream],
    sizes: { [stream.name]: atOnce(stream, samples) } as Sizes,
  });
  const frames = streams.reduce((sum, stream) => sum + stream.frames * (streams.length === 1 ? 1 : share(stream)), 0);
  if (device.memory === 'host' || streams.length === 1) {
    const cut = drawn.some(({ stream, samples }) => samples > atOnce(stream, samples));
    return {
      frames,
      graphs: drawn.map(({ stream, samples }) => alone(stream, samples)),
      summed: stage.accumulate > 1 || streams.length > 1 || cut,
    };
  }
  // A batch of one kind only has a graph of its own; one that will hardly come in the stage does not count.
  const steps = stepsOf(stage) * stage.accumulate;
  const single = streams.filter((stream) => steps * share(stream) ** size > 0.5);
  const sizes: Sizes = Object.fromEntries(drawn.map(({ stream, samples }) => [stream.name, samples]));
  return {
    frames,
    graphs: [{ streams, sizes }, ...single.map((stream) => alone(stream, size))],
    summed: stage.accumulate > 1,
  };
}

/** The session that judges held-out samples, with a batch of clips. */
function judging(spec: ModelSpec, layout: ParameterLayout, device: Device): number {
  const clips = Math.min(judgedTogether, samplesAtOnce(spec, spec.frames, device.memory));
  const graph = inferenceGraph(spec, layout, undefined, { pieces: true });
  return arenaBytes([...memoryEvents(graph, { clips, frames: spec.frames })]);
}

function decoding(experiment: ResolvedExperiment): number {
  if (experiment.datasets.every(({ kind }) => kind === 'image')) return 0;
  const { shortSide } = trainingFrames(experiment);
  return availableParallelism() * (decoder.bytes + decoder.frames * frameBytes(shortSide));
}

/** Two stores: of samples to train on, and of those held out. */
function framesKept(experiment: ResolvedExperiment): number {
  return (
    storedOf(experiment, 'trainSamples', trainingFrames(experiment)) +
    storedOf(experiment, 'heldOutSamples', evaluationFrames(experiment))
  );
}

function storedOf(
  { datasets }: ResolvedExperiment,
  samples: 'trainSamples' | 'heldOutSamples',
  { count, shortSide }: ReturnType<typeof trainingFrames>,
): number {
  const frames = datasets.reduce(
    (sum, { kind, [samples]: amount = 0 }) => sum + amount * (kind === 'image' ? 1 : count),
    0,
  );
  return Math.min(frames * frameBytes(shortSide), storeLimit());
}

/** Of a decoded frame. */
function frameBytes(shortSide: number): number {
  return 3 * shortSide ** 2 * aspect;
}

/** What this process may still take. */
export function availableBytes(): number {
  // Newer than some editors' Node.
  const { availableMemory } = process as { availableMemory?: () => number };
  return availableMemory?.() ?? 0.9 * totalmem();
}
