// Bytes of which only the most is known, as they come: in one piece of memory that grows in its place. Chunks that are kept and put
// together at the end need twice the memory of a clip's frames, on every core at once.

/** ArrayBuffers that can grow: Node has them, the library of types that is used here not yet. */
const Growing = ArrayBuffer as unknown as new (
  length: number,
  options: { maxByteLength: number },
) => ArrayBuffer & { resize(length: number): void };

/** The system gives memory where it is written to, so what is asked for ahead costs nothing. */
const step = 8 * 2 ** 20;

export class GrowingBytes {
  private readonly buffer: InstanceType<typeof Growing>;
  private length = 0;

  /** `most` bytes are reserved, and taken as they are needed. */
  constructor(private readonly most: number) {
    this.buffer = new Growing(0, { maxByteLength: most });
  }

  /** Copies a chunk behind the others. False, with nothing taken, where it does not fit. */
  add(chunk: Uint8Array): boolean {
    const end = this.length + chunk.length;
    if (end > this.most) return false;
    if (end > this.buffer.byteLength) this.buffer.resize(Math.min(this.most, Math.ceil(end / step) * step));
    new Uint8Array(this.buffer, this.length, chunk.length).set(chunk);
    this.length = end;
    return true;
  }

  /** All that was added. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.buffer, 0, this.length);
  }
}
