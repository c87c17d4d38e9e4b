// What the core's worker thread and its owner say to each other.

export interface CoreTask {
  arguments: string[];
  /** A path on disk and the suffix its name had, or the inputs' bytes. */
  input: { file: string; suffix: string } | { bytes: Uint8Array } | { many: readonly Uint8Array[] };
  maxBytes: number;
}

export interface CoreAnswer {
  /** ffmpeg's exit code, or null where the core itself broke: its worker is then of no more use. */
  code: number | null;
  tooBig: boolean;
  log: string[];
  bytes: Uint8Array;
  files: Uint8Array[];
}

export interface CoreWorkerData {
  /** Compiled once for all workers. */
  module: WebAssembly.Module;
  /** A file of this program, from whose place `@ffmpeg/core` is resolved. */
  resolveFrom: string;
}

/** Names inside the core's own file system. */
export const coreNames = { inputFolder: '/in', many: '/in.', output: '/out.bin', folder: '/out' };
