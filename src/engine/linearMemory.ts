// Vectors that compiled loops (fused.ts) work on where they lie: in one WebAssembly memory, whose bytes are an ordinary
// ArrayBuffer to everyone else, onnxruntime too.

const pageSize = 65_536;
/** What a WebAssembly memory can have at most. */
const mostPages = 65_536;

/** Every vector's place, by the buffer it lies in. */
const all = new WeakMap<ArrayBufferLike, LinearMemory>();

export class LinearMemory {
  readonly memory: WebAssembly.Memory;
  private used = 0;
  /** Where vectors end: behind each there is room up to a multiple of four elements, which is its own. */
  private readonly ends = new Set<number>();

  private constructor(pages: number) {
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    all.set(this.memory.buffer, this);
  }

  /** Room for vectors of so many elements; undefined where one memory cannot have it: more than 4 GiB, or more than is there. */
  static forVectors(sizes: readonly number[]): LinearMemory | undefined {
    const pages = Math.ceil(sizes.reduce((sum, size) => sum + padded(size), 0) / pageSize);
    if (pages > mostPages) return undefined;
    try {
      return new LinearMemory(pages);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  /** The memory in which all of these lie and may be worked on four elements at a time; undefined where there is none. */
  static under(vectors: readonly Float32Array[]): LinearMemory | undefined {
    const [first] = vectors;
    const found = first && all.get(first.buffer);
    return found && vectors.every((vector) => found.holds(vector)) ? found : undefined;
  }

  /** Zeros; undefined where no room is left. */
  vector(size: number): Float32Array | undefined {
    const start = this.used;
    if (start + padded(size) > this.memory.buffer.byteLength) return undefined;
    this.used += padded(size);
    this.ends.add(start + 4 * size);
    return new Float32Array(this.memory.buffer, start, size);
  }

  /** Whether a loop that goes on to the next multiple of four changes nothing but this vector and the room behind it. */
  private holds({ buffer, byteOffset, byteLength }: Float32Array): boolean {
    return buffer === this.memory.buffer && (byteLength % 16 === 0 || this.ends.has(byteOffset + byteLength));
  }
}

/** Bytes of a vector with the room behind it. */
function padded(size: number): number {
  return 16 * Math.ceil(size / 4);
}
