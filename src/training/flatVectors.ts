// The weights and everything of their size: optimizer state, moving average, gradients, and the arithmetic on them, always in
// place. In a device's memory they are worked on all at once, without ever leaving it.
import type { Device } from '../engine/devices.ts';
import { type Kernel, kernelFor } from '../engine/kernels.ts';
import { type Memory, memoryOf } from '../engine/memory.ts';
import { DeviceTensor, type NodeRun, type SessionOptions, type Tensor, type Tensors } from '../engine/onnxruntime.ts';
import type { Graph } from '../graph/graph.ts';
import { symbolic } from '../graph/shape.ts';
import { type Optimizer, squaresGraph, sumGraph, updateGraph } from '../model/updateGraph.ts';

/** Elements of a piece: where all of one have the same scales, they need not be read for each. */
const pieceSize = 131_072;

export interface FlatVectorsOptions {
  /** Elements of every vector. */
  readonly size: number;
  readonly optimizer: Optimizer;
  readonly averageDecay: number;
  readonly device: Device;
  /** Per element: factor of the learning rate, and of the weight decay. */
  readonly rateScale: Float32Array;
  readonly decayScale: Float32Array;
  readonly profile?: string | undefined;
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
  ) {
    this.gradients = memory.place(options.size);
  }

  /** `state`: the vectors to start from, by name, which are copied. */
  static async create(
    options: FlatVectorsOptions,
    state: Readonly<Record<string, Float32Array>>,
  ): Promise<FlatVectors> {
    const { size } = options;
    const cut = piecesOf(options);
    // What is worked on together: the state, two gradients, and scales that differ within a piece.
    const sizes = [...Object.keys(state), 'gradients', 'more'].map(() => size);
    const scales = cut.flatMap(({ scales }) => Object.values(scales).map(({ length }) => length));
    const memory = await memoryOf(options.device, [...sizes, ...scales]);
    const put: Record<string, Tensor> = {};
    for (const [name, data] of Object.entries(state)) {
      const tensor = await memory.put(data);
      put[name] = 'data' in tensor && tensor.data === data ? { ...tensor, data: data.slice() } : tensor;
    }
    const pieces: Piece[] = [];
    for (const { start, end, scales, uniform } of cut) {
      const placed: Record<string, Tensor> = {};
      for (const [name, data] of Object.entries(scales)) placed[name] = await memory.put(data);
      pieces.push({ of: (vector) => rangeOf(vector, start, end), scales: placed, uniform });
    }
    return new FlatVectors(options, memory, put, pieces);
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
    for (const { of } of this.pieces) {
      const feeds = { a: of(this.gradients), b: of(this.more) };
      total += (await kernel.run(feeds, { sum: of(this.gradients) })).squares ?? 0;
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
    for (const { of } of this.pieces) squares += (await kernel.run({ x: of(this.gradients) })).squares!;
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

  /** A copy of every vector, by name. */
  async read(): Promise<Record<string, Float32Array>> {
    const copies: Record<string, Float32Array> = {};
    for (const [name, vector] of Object.entries(this.state)) copies[name] = await this.memory.read(vector);
    return copies;
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
function piecesOf({ size, device, rateScale, decayScale }: FlatVectorsOptions) {
  const length = device.memory === 'host' ? pieceSize : size;
  return Array.from({ length: Math.ceil(size / length) }, (_, i) => {
    const [start, end] = [i * length, Math.min((i + 1) * length, size)];
    const parts = [rateScale, decayScale].map((scale) => scale.subarray(start, end));
    const uniform = parts.every((part) => part.every((value) => value === part[0]));
    const [rate, decay] = parts.map((part) => part.subarray(0, uniform ? 1 : part.length)) as [
      Float32Array,
      Float32Array,
    ];
    return { start, end, uniform, scales: { rate_scale: rate, decay_scale: decay } };
  });
}

/** A view of a vector in this process; a device's vector is always taken whole. */
function rangeOf(vector: Tensor, start: number, end: number): Tensor {
  if (vector instanceof DeviceTensor) return vector;
  return { data: (vector.data as Float32Array).subarray(start, end), shape: [end - start] };
}
