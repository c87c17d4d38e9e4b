// A graph under construction: typed, shaped values made by ONNX operators. Names are deterministic and readable in a
// model viewer: `blocks.3/temporal_attn/softmax`, and `blocks.3/temporal_attn/softmax/grad` for its gradient.
import type { Shape } from './shape.ts';

export type DType = 'float32' | 'float16' | 'int64' | 'bool';
export type Attribute = number | bigint | string | readonly number[] | readonly bigint[];

/** A tensor in the graph. */
export interface Value {
  readonly graph: Graph;
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** The node that makes it; undefined for inputs and constants. */
  readonly producer: GraphNode | undefined;
}

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface Constant {
  readonly value: Value;
  /** A Uint16Array holds the bits of float16 numbers. */
  readonly data: Float32Array | Uint16Array | BigInt64Array;
}

export class Graph {
  readonly nodes: GraphNode[] = [];
  readonly inputs: Value[] = [];
  readonly outputs: { name: string; value: Value }[] = [];
  readonly constants: Constant[] = [];
  private readonly names = new Map<string, number>();
  private readonly shared = new Map<string, Value>();
  private prefix = '';

  constructor(readonly name: string) {}

  /** Names everything made inside `build` below `name`. Scopes nest with "/". */
  scope<T>(name: string, build: () => T): T {
    const outer = this.prefix;
    this.prefix = outer === '' ? name : `${outer}/${name}`;
    try {
      return build();
    } finally {
      this.prefix = outer;
    }
  }

  input(name: string, dtype: DType, shape: Shape): Value {
    const value = { graph: this, name: this.unique(name), dtype, shape, producer: undefined };
    this.inputs.push(value);
    return value;
  }

  /** Gives a value out under a name of the caller's choice. */
  output(name: string, value: Value): void {
    if (this.unique(name) !== name) throw new Error(`Graph ${this.name} already has a value called ${name}.`);
    this.outputs.push({ name, value });
  }

  /** A constant stored in the model, for weights of an exported model and small tables. A Uint16Array is float16's bits. */
  constant(name: string, data: Float32Array | Uint16Array, shape: readonly number[]): Value {
    const size = shape.reduce((product, dim) => product * dim, 1);
    if (data.length !== size) throw new Error(`Constant ${name}: ${data.length} numbers for shape [${shape}].`);
    const dtype = data instanceof Uint16Array ? 'float16' : 'float32';
    return this.addConstant(this.unique(this.full(name)), dtype, data, shape);
  }

  /** A float32 scalar; equal scalars are stored once. */
  scalar(number: number): Value {
    const key = `scalar ${number}`;
    return this.sharedConstant(key, () =>
      this.addConstant(this.unique(`constants/${number}`), 'float32', Float32Array.of(number), []),
    );
  }

  /** A list of int64, as many operators take for axes and shapes; equal lists are stored once. */
  int64s(numbers: readonly (number | bigint)[]): Value {
    const list = numbers.map(BigInt);
    const key = `int64 ${list}`;
    return this.sharedConstant(key, () =>
      this.addConstant(this.unique(`constants/[${list.join(',')}]`), 'int64', BigInt64Array.from(list), [list.length]),
    );
  }

  /**
   * Adds a node; `outputs` states each result's shape (an operator's builder infers it) and its type, where that is not
   * the first input's.
   */
  add(
    op: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>>,
    outputs: readonly { dtype?: DType; shape: Shape }[],
  ): Value[] {
    for (const input of inputs) {
      if (input.graph !== this)
        throw new Error(`${op}: ${input.name} belongs to graph ${input.graph.name}, not ${this.name}.`);
    }
    const name = this.unique(this.full(op.toLowerCase()));
    const values: Value[] = [];
    const node: GraphNode = { name, op, inputs, outputs: values, attributes };
    outputs.forEach(({ dtype = inputs[0]?.dtype ?? 'float32', shape }, i) => {
      values.push({ graph: this, name: i === 0 ? name : this.unique(`${name}:${i}`), dtype, shape, producer: node });
    });
    this.nodes.push(node);
    return values;
  }

  private full(name: string): string {
    return this.prefix === '' ? name : `${this.prefix}/${name}`;
  }

  private addConstant(name: string, dtype: DType, data: Constant['data'], shape: Shape): Value {
    const value = { graph: this, name, dtype, shape, producer: undefined };
    this.constants.push({ value, data });
    return value;
  }

  private sharedConstant(key: string, make: () => Value): Value {
    const found = this.shared.get(key);
    if (found) return found;
    const made = make();
    this.shared.set(key, made);
    return made;
  }

  private unique(name: string): string {
    const used = this.names.get(name) ?? 0;
    this.names.set(name, used + 1);
    return used === 0 ? name : this.unique(`${name}.${used + 1}`);
  }
}
