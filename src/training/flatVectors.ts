// The weights and everything of their size: optimizer state, moving average, gradients, and the arithmetic on them, always in
// place. In a device's memory they are worked on all at once, without ever leaving it.
import type { Range } from '../base/evenRanges.ts';
import type { Device } from '../engine/devices.ts';
import { type Kernel, kernelFor } from '../engine/kernels.ts';
import { type Memory, memoryOf } from '../engine/memory.ts';
import { DeviceTensor, type NodeRun, type SessionOptions, type Tensor, type Tensors } from '../engine/onnxruntime.ts';
import type { Graph } from '../graph/graph.ts';
import { symbolic } from '../graph/shape.ts';
import { type Optimizer, squaresGraph, sumGraph, updateGraph } from '../model/updateGraph.ts';
import { type StoredVector, writeVector } from './storedVector.ts';

/** Elements that are summed at once: short enough for a sum in float32. */
const summedAtOnce = 131_072;
/** From so many elements with the same scales on, these are a piece of their own, for which none need be stored and read. */
const leastAlone = 65_536;

export interface FlatVectorsOptions {
  /** Elements of every vector. */
  readonly size: number;
  readonly optimizer: Optimizer;
  readonly averageDecay: number;
  readonly device: Device;
  /** Of all elements, one range after the other. */
  readonly scales: readonly ElementScale[];
  readonly profile?: string | undefined;
}

/** How some elements, to before `end` from where the range before ends, are updated. */
export interface ElementScale {
  readonly end: number;
  /** Factor of the learning rate. 0 freezes. */
  readonly rate: number;
  /** Factor of the weight decay. */
  readonly decay: number;
}

/** A range of the vectors. */
interface Piece {
  of(vector: Tensor): Tensor;
  readonly scales: Tensors;
  /** Whether the scales are one number each. */
  readonly uniform: boolean;
}

export class FlatVectors {
  /** Where a gradient graph writes; accumulate() adds `more` to it. */
  readonly gradients: Tensor;
  private extra: Tensor | undefined;
  /** The sum of the gradients' squares, where accumulate() found it on its way. */
  private squares: number | undefined;
  private readonly kernels = new Map<string, Kernel>();

  private constructor(
    private readonly options: FlatVectorsOptions,
    private readonly memory: Memory,
    /** `parameters`, the optimizer's vectors, `average`. */
    private readonly state: Readonly<Record<string, Tensor>>,
    private readonly pieces: readonly Piece[],
    /** Ranges to sum. */
    private readonly ranges: readonly Range[],
  ) {
    this.gradients = memory.place(options.size);
  }

  /** `state`: the vectors to start from, by name, which are copied. Throws what a stored one throws. */
  static async create(
    options: FlatVectorsOptions,
    state: Readonly<Record<string, StoredVector>>,
  ): Promise<FlatVectors> {
    const { size } = options;
    const cut = piecesOf(options);
    const onHost = options.device.memory === 'host';
    const atOnce = onHost ? summedAtOnce : size;
    const ranges = Array.from({ length: Math.ceil(size / atOnce) }, (_, i) => ({
      start: i * atOnce,
      end: Math.min((i + 1) * atOnce, size),
    }));
    // What is worked on together: the state, two gradients, and scales that differ within a piece.
    const sizes = [...Object.keys(state), 'gradients', 'more'].map(() => size);
    const scales = cut.flatMap(({ scales }) => Object.values(scales).map(({ length }) => length));
    const memory = await memoryOf(options.device, [...sizes, ...scales]);
    const put: Record<string, Tensor> = {};
    for (const [name, vector] of Object.entries(state))
      put[name] = await memory.fill(size, (into) => writeVector(vector, into));
    const pieces: Piece[] = [];
    for (const { start, end, scales, uniform } of cut) {
      const placed: Record<string, Tensor> = {};
      for (const [name, data] of Object.entries(scales)) placed[name] = await memory.put(data);
      pieces.push({ of: (vector) => rangeOf(vector, { start, end }), scales: placed, uniform });
    }
    return new FlatVectors(options, memory, put, pieces, ranges);
  }

  get parameters(): Tensor {
    return this.state.parameters!;
  }

  /** Where the gradient of a further micro-batch goes. */
  get more(): Tensor {
    this.extra ??= this.memory.place(this.options.size);
    return this.extra;
  }

  /** gradients += more. In this process's memory their squares are summed in the same loop: reading them again would cost a third more. */
  async accumulate(): Promise<void> {
    const squares = this.options.device.memory === 'host';
    const kernel = await this.kernel('sum', ['sum'], () => sumGraph({ squares }));
    let total = 0;
    for (const range of this.ranges) {
      const sum = rangeOf(this.gradients, range);
      total += (await kernel.run({ a: sum, b: rangeOf(this.more, range) }, { sum })).squares ?? 0;
    }
    this.squares = squares ? total : undefined;
    this.memory.free(this.more);
  }

  /** The global norm of the gradients: of the only ones, or as accumulate() left them. */
  async norm(): Promise<number> {
    const { device, size } = this.options;
    const found = this.squares;
    this.squares = undefined;
    if (found !== undefined) return Math.sqrt(found);
    const graph = () => squaresGraph(device.memory === 'host' ? symbolic('n') : size);
    const kernel = await this.kernel('squares', [], graph);
    let squares = 0;
    for (const range of this.ranges) squares += (await kernel.run({ x: rangeOf(this.gradients, range) })).squares!;
    return Math.sqrt(squares);
  }

  /** Makes one step of the optimizer with the gradients, which are gone afterwards. `numbers`: of updateNumbers. */
  async update(numbers: Readonly<Record<string, number>>): Promise<void> {
    const { optimizer, averageDecay } = this.options;
    const scalars = Object.fromEntries(
      Object.entries(numbers).map(([name, value]) => [name, { data: Float32Array.of(value), shape: [1] }]),
    );
    const results = Object.keys(this.state).map((name) => `next.${name}`);
    for (const { of, scales, uniform } of this.pieces) {
      const graph = () => updateGraph(optimizer, { uniform, averageDecay });
      const kernel = await this.kernel(uniform ? 'update' : 'update each', results, graph);
      const state = Object.entries(this.state).map(([name, vector]) => [name, of(vector)] as const);
      const feeds = { ...Object.fromEntries(state), gradients: of(this.gradients), ...scales, ...scalars };
      await kernel.run(feeds, Object.fromEntries(state.map(([name, piece]) => [`next.${name}`, piece])));
    }
    this.forget();
  }

  /** Drops the gradients without a step. */
  forget(): void {
    this.squares = undefined;
    this.memory.free(this.gradients);
  }

  /** Every vector by name: in this process's memory itself, which the next update changes; from a device's a copy. */
  async read(): Promise<Record<string, Float32Array>> {
    const vectors: Record<string, Float32Array> = {};
    for (const [name, vector] of Object.entries(this.state)) vectors[name] = await this.memory.read(vector);
    return vectors;
  }

  nodesRun(): NodeRun[] {
    return [...this.kernels.values()].flatMap((kernel) => kernel.nodesRun());
  }

  async release(): Promise<void> {
    this.memory.free(...Object.values(this.state), ...this.pieces.flatMap(({ scales }) => Object.values(scales)));
    for (const kernel of this.kernels.values()) await kernel.release();
    await this.memory.release();
  }

  private async kernel(name: string, results: readonly string[], graph: () => Graph): Promise<Kernel> {
    const found = this.kernels.get(name);
    if (found) return found;
    const { device, profile } = this.options;
    const kernel = await kernelFor(graph(), device, stepSession(device, results, profile));
    this.kernels.set(name, kernel);
    return kernel;
  }
}

let profiles = 0;

/** `results` stay on the device where it has a memory of its own; no node of a step may then run elsewhere. */
export function stepSession(device: Device, results: readonly string[], profile: string | undefined): SessionOptions {
  const options = { provider: device.provider, ...(profile !== undefined && { profile: `${profile}${++profiles}.` }) };
  return device.memory === 'device' ? { ...options, keep: results, wholeOnDevice: true } : options;
}

/** Where the vectors are cut, and the scales of each piece: one number each where all of its elements have the same. */
function piecesOf({ size, device, scales }: Pick<FlatVectorsOptions, 'size' | 'device' | 'scales'>) {
  const runs = runsOf(scales);
  if (runs.at(-1)?.end !== size) throw new Error(`There are scales for ${runs.at(-1)?.end} of ${size} elements.`);
  const isAlone = ({ start, end }: Range) => device.memory === 'host' && end - start >= leastAlone;
  // In this process vectors are worked on four elements at a time.
  const alone = runs.filter(isAlone).map(({ start, end }) => ({
    start: 4 * Math.ceil(start / 4),
    end: end === size ? end : 4 * Math.floor(end / 4),
  }));
  const ends = [...new Set([...alone.flatMap(({ start, end }) => [start, end]), size])].filter((end) => end > 0);
  return ends.map((end, i) => {
    const start = ends[i - 1] ?? 0;
    const within = runs.filter((run) => run.start < end && run.end > start);
    const uniform = within.length === 1;
    const of = (name: 'rate' | 'decay') => {
      if (uniform) return Float32Array.of(within[0]![name]);
      const numbers = new Float32Array(end - start);
      for (const run of within) numbers.fill(run[name], Math.max(0, run.start - start), run.end - start);
      return numbers;
    };
    return { start, end, uniform, scales: { rate_scale: of('rate'), decay_scale: of('decay') } };
  });
}

/** Neighbours with the same scales as one. */
function runsOf(scales: readonly ElementScale[]): (Range & ElementScale)[] {
  const runs: (Range & ElementScale)[] = [];
  for (const { end, rate, decay } of scales) {
    const before = runs.at(-1);
    if (before?.rate === rate && before.decay === decay) runs[runs.length - 1] = { ...before, end };
    else runs.push({ start: before?.end ?? 0, end, rate, decay });
  }
  return runs;
}

/** A view of a vector in this process; a device's vector is always taken whole. */
function rangeOf(vector: Tensor, { start, end }: Range): Tensor {
  if (vector instanceof DeviceTensor) return vector;
  return { data: (vector.data as Float32Array).subarray(start, end), shape: [end - start] };
}
