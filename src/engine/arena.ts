// How much of the host's memory onnxruntime's own allocator takes for a run, simulated: it asks the system for regions that
// double in size, cuts them into chunks and joins free neighbours again, so that it takes more than is alive at once
// (BFCArena in onnxruntime/core/framework/bfc_arena.cc, read; the sizes below are its defaults).
import type { MemoryEvent } from '../graph/memory.ts';

const granule = 256;
const firstRegion = 2 ** 20;
const largestRegion = 2 ** 30;
/** A free chunk is given away whole where less than this, and less than the wanted size, would be left of it. */
const mostWasted = 128 * 2 ** 20;

interface Chunk {
  readonly region: number;
  readonly start: number;
  size: number;
  free: boolean;
}

/** Bytes of its regions that were ever written to, after `events` were repeated `times` (two runs find its final size). */
export function arenaBytes(events: readonly MemoryEvent[], times = 2): number {
  const arena = new Arena();
  for (let i = 0; i < times; i++) {
    const taken = new Map<unknown, Chunk>();
    for (const event of events) {
      if ('take' in event) taken.set(event.take, arena.take(event.bytes));
      else {
        arena.give(taken.get(event.free)!);
        taken.delete(event.free);
      }
    }
  }
  return arena.touched.reduce((sum, bytes) => sum + bytes, 0);
}

class Arena {
  /** Per region: how far from its start anything was ever placed. */
  readonly touched: number[] = [];
  /** Per region, its chunks in the order of their places. */
  private readonly regions: Chunk[][] = [];
  private nextRegion = firstRegion;

  take(bytes: number): Chunk {
    const size = Math.max(granule, Math.ceil(bytes / granule) * granule);
    const found = this.smallestFree(size) ?? this.extend(size);
    if (found.size >= 2 * size || found.size - size >= mostWasted) this.split(found, size);
    found.free = false;
    this.touched[found.region] = Math.max(this.touched[found.region]!, found.start + size);
    return found;
  }

  give(chunk: Chunk): void {
    chunk.free = true;
    const chunks = this.regions[chunk.region]!;
    const at = chunks.indexOf(chunk);
    const next = chunks[at + 1];
    if (next?.free) {
      chunk.size += next.size;
      chunks.splice(at + 1, 1);
    }
    const before = chunks[at - 1];
    if (before?.free) {
      before.size += chunk.size;
      chunks.splice(at, 1);
    }
  }

  private smallestFree(size: number): Chunk | undefined {
    let best: Chunk | undefined;
    for (const chunks of this.regions) {
      for (const chunk of chunks)
        if (chunk.free && chunk.size >= size && (!best || chunk.size < best.size)) best = chunk;
    }
    return best;
  }

  private extend(size: number): Chunk {
    const fits = size <= this.nextRegion;
    while (size > this.nextRegion) this.nextRegion *= 2;
    const chunk = { region: this.regions.length, start: 0, size: this.nextRegion, free: true };
    this.regions.push([chunk]);
    this.touched.push(0);
    if (fits) this.nextRegion = Math.min(2 * this.nextRegion, largestRegion);
    return chunk;
  }

  private split(chunk: Chunk, size: number): void {
    const chunks = this.regions[chunk.region]!;
    const rest = { region: chunk.region, start: chunk.start + size, size: chunk.size - size, free: true };
    chunks.splice(chunks.indexOf(chunk) + 1, 0, rest);
    chunk.size = size;
  }
}
