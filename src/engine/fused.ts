// A graph of elementwise arithmetic on long vectors, compiled to one loop of WebAssembly with SIMD: every element is read
// once, and nothing between the operators goes through memory. An optimizer's update of 15 million weights takes a tenth of
// the time it takes as a dozen kernels of onnxruntime. For vectors in this process's memory; the same graph
// runs as it is on a device.
import type { Graph, GraphNode, Value } from '../graph/graph.ts';
import { executionOrder } from '../graph/memory.ts';
import { LinearMemory } from './linearMemory.ts';

/** Elements worked on at a time: a few vectors of so many fit the processor's second cache. A multiple of four. */
const pieceSize = 16_384;
const bytesPerPiece = 4 * pieceSize;
const pageSize = 65_536;

/** Over the first `count` elements of the vectors at these places; gives four partial sums for each sum. */
type Loop = (count: number, ...placesAndNumbers: number[]) => number[] | undefined;

/** A compiled graph. */
export class FusedGraph {
  /** Copies of vectors that lie elsewhere, a piece at a time, and the sums. */
  private readonly own: WebAssembly.Memory;
  private readonly slots: ReadonlyMap<Value, Float32Array>;
  private readonly loops = new WeakMap<WebAssembly.Memory, Loop>();

  private constructor(
    private readonly program: Program,
    private readonly module: WebAssembly.Module,
  ) {
    const { vectors } = program;
    this.own = new WebAssembly.Memory({ initial: Math.ceil((vectors.length * bytesPerPiece) / pageSize) });
    this.slots = new Map(
      vectors.map((value, i) => [value, new Float32Array(this.own.buffer, i * bytesPerPiece, pieceSize)]),
    );
  }

  /**
   * Inputs of the graph are float32 of shape [n] (all of one unknown or known length) or [1]; its operators Add, Sub, Mul,
   * Div, Min, Neg and Sqrt, and as the last of a vector ReduceSum, to [1]. Throws Error on anything else.
   */
  static async compile(graph: Graph): Promise<FusedGraph> {
    const program = programOf(graph);
    return new FusedGraph(program, await WebAssembly.compile(encode(program)));
  }

  /**
   * Runs over whole vectors. `feeds` has every input by name; an output of shape [n] is written into the vector `into` has
   * for it, which may be one of the inputs; those of shape [1] are returned, summed in float64. Vectors that lie in one
   * LinearMemory are worked on where they lie, others through copies, which takes twice the time.
   */
  run(
    feeds: Readonly<Record<string, Float32Array>>,
    into: Readonly<Record<string, Float32Array>> = {},
  ): Record<string, number> {
    const { inputs, numbers, outputs, sums } = this.program;
    const feed = (name: string) => {
      const data = feeds[name];
      if (!data) throw new Error(`The input ${name} was not given.`);
      return data;
    };
    const given = inputs.map((value) => ({ data: feed(value.name), slot: this.slots.get(value)! }));
    const wanted = outputs.map(({ name, value }) => {
      const data = into[name];
      if (!data) throw new Error(`There is no place for the output ${name}.`);
      return { data, slot: this.slots.get(value)! };
    });
    const scalars = numbers.map(({ name }) => feed(name)[0]!);
    const vectors = [...given, ...wanted];
    const memory = LinearMemory.under(vectors.map(({ data }) => data))?.memory;
    const loop = this.loopOver(memory ?? this.own);
    const places = vectors.map(({ data, slot }) => (memory ? data : slot).byteOffset);
    const totals: number[] = sums.map(() => 0);
    const { length } = given[0]!.data;
    for (let start = 0; start < length; start += pieceSize) {
      const end = Math.min(start + pieceSize, length);
      let lanes: number[] | undefined;
      if (memory) {
        lanes = loop(end - start, ...places.map((place) => place + 4 * start), ...scalars);
      } else {
        for (const { data, slot } of given) {
          slot.set(data.subarray(start, end));
          slot.fill(0, end - start, Math.min(pieceSize, end - start + 3)); // four at a time; the last may be fewer
        }
        lanes = loop(end - start, ...places, ...scalars);
        for (const { data, slot } of wanted)
          data.set(end - start === pieceSize ? slot : slot.subarray(0, end - start), start);
      }
      for (const [i, lane] of (lanes ?? []).entries()) totals[i >> 2]! += lane;
    }
    return Object.fromEntries(this.program.sumNames.map((name, i) => [name, totals[i]!]));
  }

  private loopOver(memory: WebAssembly.Memory): Loop {
    const found = this.loops.get(memory);
    if (found) return found;
    const { exports } = new WebAssembly.Instance(this.module, { host: { memory } });
    const loop = exports.loop as Loop;
    this.loops.set(memory, loop);
    return loop;
  }
}

/** What is to be compiled: values by what they are. */
interface Program {
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<Value, number>;
  /** Vectors read, in the order of their slots, and single numbers, in the order of the loop's arguments. */
  readonly inputs: readonly Value[];
  readonly numbers: readonly Value[];
  /** Vectors written, and what is summed up. */
  readonly outputs: readonly { readonly name: string; readonly value: Value }[];
  readonly sums: readonly Value[];
  readonly sumNames: readonly string[];
  /** Everything with a slot: inputs and outputs. */
  readonly vectors: readonly Value[];
}

function isVector({ shape }: Value): boolean {
  return shape.length === 1 && shape[0] !== 1;
}

function programOf(graph: Graph): Program {
  const nodes = executionOrder(graph);
  const constants = new Map(
    graph.constants.flatMap(({ value, data }) => (data instanceof Float32Array ? [[value, data[0]!] as const] : [])),
  );
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  const inputs = graph.inputs.filter((value) => isVector(value) && used.has(value));
  const outputs = graph.outputs.filter(({ value }) => isVector(value));
  const summed = graph.outputs.filter(({ value }) => !isVector(value));
  return {
    nodes,
    constants,
    inputs,
    numbers: graph.inputs.filter((value) => !isVector(value) && used.has(value)),
    outputs,
    sums: summed.map(({ value }) => value),
    sumNames: summed.map(({ name }) => name),
    vectors: [...inputs, ...outputs.map(({ value }) => value)],
  };
}

// The binary format: WebAssembly Core Specification 2.0, chapter 5, and its vector instructions.
const types = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const vectorCode: Record<string, number> = {
  Add: 0xe4,
  Sub: 0xe5,
  Mul: 0xe6,
  Div: 0xe7,
  Min: 0xe8,
  Neg: 0xe1,
  Sqrt: 0xe3,
};
const numberCode: Record<string, number> = {
  Add: 0x92,
  Sub: 0x93,
  Mul: 0x94,
  Div: 0x95,
  Min: 0x96,
  Neg: 0x8c,
  Sqrt: 0x91,
};

/** `loop(count, …places, …numbers)`: see Loop; places are in bytes, in the order of the vectors. */
function encode(program: Program): Uint8Array<ArrayBuffer> {
  const { nodes, constants, inputs, numbers, outputs, sums, vectors } = program;
  const parameters = 1 + vectors.length + numbers.length;
  const index = new Map<Value, number>(numbers.map((value, i) => [value, 1 + vectors.length + i]));
  const at = parameters; // how far the loop is, in bytes
  const end = at + 1;
  const locals: number[] = [types.i32, types.i32];
  const local = (type: number) => parameters + locals.push(type) - 1;
  const before: number[] = [];
  const body: number[] = [];
  const after: number[] = [];
  const summed = new Map<Value, number>();
  const isSum = ({ op }: GraphNode) => op === 'ReduceSum';
  const onNumbers = (node: GraphNode) => !isSum(node) && node.outputs.every((value) => !isVector(value));

  /** Puts a single number on the stack. */
  const number = (value: Value): number[] => {
    const constant = constants.get(value);
    return constant !== undefined ? [0x43, ...floatBytes(constant)] : [0x20, ...unsigned(indexOf(value))];
  };
  const indexOf = (value: Value): number => {
    const found = index.get(value);
    if (found === undefined) throw new Error(`${value.name} cannot be computed in a loop over elements.`);
    return found;
  };
  const splats = new Map<Value, number>();
  /** Puts four elements on the stack; a single number is spread once, before the loop. */
  const vector = (value: Value): number[] => {
    if (isVector(value)) return [0x20, ...unsigned(indexOf(value))];
    let spread = splats.get(value);
    if (spread === undefined) {
      spread = local(types.v128);
      splats.set(value, spread);
      before.push(...number(value), 0xfd, ...unsigned(0x13), 0x21, ...unsigned(spread));
    }
    return [0x20, ...unsigned(spread)];
  };
  /** Puts the address of the four elements of the i-th vector on the stack. */
  const address = (i: number) => [0x20, ...unsigned(1 + i), 0x20, ...unsigned(at), 0x6a];
  /** Of a load or store: aligned to 16 bytes, no further offset. */
  const there = [...unsigned(4), ...unsigned(0)];

  for (const node of nodes.filter(onNumbers)) {
    const result = local(types.f32);
    before.push(...node.inputs.flatMap(number), codeOf(numberCode, node), 0x21, ...unsigned(result));
    index.set(node.outputs[0]!, result);
  }
  for (const [i, value] of inputs.entries()) {
    const loaded = local(types.v128);
    body.push(...address(i), 0xfd, ...unsigned(0x00), ...there, 0x21, ...unsigned(loaded));
    index.set(value, loaded);
  }
  for (const node of nodes.filter((node) => !onNumbers(node))) {
    const result = local(types.v128);
    if (isSum(node)) {
      body.push(0x20, ...unsigned(result), ...vector(node.inputs[0]!), 0xfd, ...unsigned(vectorCode.Add!));
      summed.set(node.outputs[0]!, result);
    } else {
      body.push(...node.inputs.flatMap(vector), 0xfd, ...unsigned(codeOf(vectorCode, node)));
      index.set(node.outputs[0]!, result);
    }
    body.push(0x21, ...unsigned(result));
  }
  for (const [i, { value }] of outputs.entries()) {
    body.push(...address(inputs.length + i), 0x20, ...unsigned(indexOf(value)), 0xfd, ...unsigned(0x0b), ...there);
  }
  // The four lanes of each sum, as float64: they are added up outside.
  for (const value of sums)
    for (let lane = 0; lane < 4; lane++)
      after.push(0x20, ...unsigned(summed.get(value)!), 0xfd, ...unsigned(0x1f), lane, 0xbb);
  const code = [
    ...[0x20, 0, 0x41, 2, 0x74, 0x21, ...unsigned(end)], // end = count · 4
    ...before,
    ...[0x03, 0x40], // loop
    ...body,
    ...[0x20, ...unsigned(at), 0x41, 16, 0x6a, 0x22, ...unsigned(at), 0x20, ...unsigned(end), 0x49, 0x0d, 0], // at += 16, again while at < end
    0x0b,
    ...after,
    0x0b,
  ];
  const results = [...unsigned(4 * sums.length), ...sums.flatMap(() => [types.f64, types.f64, types.f64, types.f64])];
  const declared = locals.flatMap((type) => [1, type]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [
      1,
      0x60,
      ...unsigned(parameters),
      types.i32,
      ...vectors.map(() => types.i32),
      ...numbers.map(() => types.f32),
      ...results,
    ]),
    ...section(2, [1, ...text('host'), ...text('memory'), 0x02, 0x00, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text('loop'), 0x00, 0]),
    ...section(10, [1, ...sized([...unsigned(locals.length), ...declared, ...code])]),
  ]);
}

function codeOf(codes: Readonly<Record<string, number>>, { op, name }: GraphNode): number {
  const code = codes[op];
  if (code === undefined) throw new Error(`${op} (${name}) is not elementwise arithmetic.`);
  return code;
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...sized(content)];
}

function sized(content: readonly number[]): number[] {
  return [...unsigned(content.length), ...content];
}

function text(name: string): number[] {
  return sized([...new TextEncoder().encode(name)]);
}

/** LEB128. */
function unsigned(number: number): number[] {
  const low = number & 0x7f;
  return number < 0x80 ? [low] : [low | 0x80, ...unsigned(number >>> 7)];
}

function floatBytes(number: number): number[] {
  return [...new Uint8Array(Float32Array.of(number).buffer)];
}
