// The bundled ffmpeg (WebAssembly, single-threaded) in a worker thread: one task at a time, answered in order.
// Files are read in place: the core's WORKERFS asks a Blob for slices, and here a slice is a read from the disk, so that
// a film of gigabytes needs no memory.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { type CoreAnswer, type CoreTask, type CoreWorkerData, coreNames } from './ffmpegCoreMessages.ts';
import { GrowingBytes } from './growingBytes.ts';
import { LogCollector } from './logLines.ts';

/** The part of the core's interface that is used here. */
interface Core {
  exec(...argumentList: string[]): number;
  reset(): void;
  setLogger(logger: (entry: { message: string }) => void): void;
  HEAPU8: Uint8Array;
  FS: {
    filesystems: { WORKERFS: unknown };
    mkdir(path: string): void;
    mount(type: unknown, options: { blobs: { name: string; data: DiskSlice }[] }, path: string): void;
    unmount(path: string): void;
    writeFile(path: string, data: Uint8Array): void;
    makedev(major: number, minor: number): number;
    registerDevice(device: number, operations: OutputDevice): void;
    mkdev(path: string, device: number): void;
    readFile(path: string): Uint8Array;
    readdir(path: string): string[];
    unlink(path: string): void;
    ErrnoError: new (number: number) => Error;
  };
}
/** As Emscripten calls it. Returns how many bytes were taken. */
interface OutputDevice {
  open(stream: { seekable: boolean }): void;
  write(stream: unknown, memory: Uint8Array, offset: number, length: number): number;
}
type CoreFactory = (options: {
  instantiateWasm(
    imports: WebAssembly.Imports,
    receive: (instance: WebAssembly.Instance) => void,
  ): Record<string, never>;
}) => Promise<Core>;

/** Stands for a Blob of a file on disk, as far as WORKERFS uses one. */
class DiskSlice {
  constructor(
    readonly descriptor: number,
    readonly start: number,
    readonly size: number,
  ) {}

  slice(from: number, to: number): DiskSlice {
    const start = Math.min(from, this.size);
    return new DiskSlice(this.descriptor, this.start + start, Math.min(to, this.size) - start);
  }

  read(): ArrayBuffer {
    const bytes = new Uint8Array(this.size);
    let done = 0;
    while (done < this.size) {
      const count = readSync(this.descriptor, bytes, done, this.size - done, this.start + done);
      if (count === 0) break; // the file became shorter meanwhile: the rest reads as zeros, and the decoder complains
      done += count;
    }
    return bytes.buffer;
  }
}

// The core was built for browser workers only; these are all it asks of one.
Object.assign(globalThis, {
  self: globalThis,
  location: { href: 'file:///' },
  FileReaderSync: class {
    readAsArrayBuffer(slice: DiskSlice): ArrayBuffer {
      return slice.read();
    }
  },
});

const { module, resolveFrom } = workerData as CoreWorkerData;
const createCore = createRequire(resolveFrom)('@ffmpeg/core') as CoreFactory;
/**
 * A fresh instance after a failed run, whose state is unknown, and often besides: ffmpeg was not made to run twice in a
 * process, and the core breaks ("memory access out of bounds") at about its hundredth run. A fresh one takes 20 ms.
 */
const mostRuns = 20;
const mostMemory = 400 * 2 ** 20;
let core: Core | undefined;
let runs = 0;

async function loadCore(): Promise<Core> {
  if (core && runs < mostRuns && core.HEAPU8.length < mostMemory) return core;
  runs = 0;
  core = await createCore({
    instantiateWasm(imports, receive) {
      void WebAssembly.instantiate(module, imports).then(receive);
      return {};
    },
  });
  core.FS.mkdir(coreNames.inputFolder);
  core.FS.mkdir(coreNames.folder);
  addOutput(core);
  return core;
}

/** Where what ffmpeg writes to its output goes, and whether it was more than it may be. */
let output = { bytes: new GrowingBytes(0), tooBig: false };
/** Emscripten's own numbers: of a device that it has not, and of a full disk. */
const [device, diskFull] = [[64, 0], 51] as const;

/** In place of a file in the core's memory, which would be copied whenever it grows, and to be read. */
function addOutput({ FS }: Core): void {
  const number = FS.makedev(...device);
  FS.registerDevice(number, {
    open: (stream) => {
      stream.seekable = false;
    },
    write: (_, memory, offset, length) => {
      if (output.bytes.add(memory.subarray(offset, offset + length))) return length;
      output.tooBig = true;
      throw new FS.ErrnoError(diskFull);
    },
  });
  FS.mkdev(coreNames.output, number);
}

/** The inputs that are given as bytes, by name. */
function givenInputs({ input }: CoreTask): [string, Uint8Array][] {
  if ('bytes' in input) return [['/input.raw', input.bytes]];
  return 'many' in input ? input.many.map((bytes, i) => [`${coreNames.many}${i}`, bytes]) : [];
}

async function answer(task: CoreTask): Promise<CoreAnswer> {
  const log = new LogCollector();
  const result: CoreAnswer = { code: null, tooBig: false, log: log.lines, bytes: new Uint8Array(), files: [] };
  let descriptor: number | undefined;
  try {
    const loaded = await loadCore();
    const { FS } = loaded;
    runs++;
    output = { bytes: new GrowingBytes(task.maxBytes), tooBig: false };
    loaded.setLogger((entry) => log.add(entry.message));
    if ('file' in task.input) {
      descriptor = openSync(task.input.file, 'r');
      const data = new DiskSlice(descriptor, 0, fstatSync(descriptor).size);
      FS.mount(
        FS.filesystems.WORKERFS,
        { blobs: [{ name: `input${task.input.suffix}`, data }] },
        coreNames.inputFolder,
      );
    } else for (const [name, bytes] of givenInputs(task)) FS.writeFile(name, bytes);
    loaded.reset();
    result.code = loaded.exec(...task.arguments);
    if ('file' in task.input) FS.unmount(coreNames.inputFolder);
    else for (const [name] of givenInputs(task)) FS.unlink(name);
    result.tooBig = output.tooBig;
    if (!result.tooBig) result.bytes = output.bytes.bytes;
    for (const name of FS.readdir(coreNames.folder).sort()) {
      if (name === '.' || name === '..') continue;
      result.files.push(FS.readFile(`${coreNames.folder}/${name}`));
      FS.unlink(`${coreNames.folder}/${name}`);
    }
    if (result.code !== 0) core = undefined;
  } catch (error) {
    core = undefined;
    log.add(`[error] the bundled ffmpeg stopped: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
  return result;
}

parentPort!.on('message', (task: CoreTask) => {
  void answer(task).then((result) => {
    const transfer = [result.bytes, ...result.files].map((bytes) => bytes.buffer as ArrayBuffer);
    parentPort!.postMessage(result, [...new Set(transfer)]);
  });
});
