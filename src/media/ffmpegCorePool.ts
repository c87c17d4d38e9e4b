// Worker threads that run the bundled ffmpeg. A worker is started when all others are busy, and kept; the callers bound
// how many runs there are at once. One that hangs or breaks is ended, costs its own run only, and is replaced.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { CancelledError, messageOf, throwIfAborted } from '../base/errors.ts';
import { distFile, packageRoot } from '../base/paths.ts';
import { patience } from '../base/patience.ts';
import { type CoreAnswer, type CoreTask, type CoreWorkerData, coreNames } from './ffmpegCoreMessages.ts';
import { type Ffmpeg, type FfmpegJob, type FfmpegOutcome, fillArguments } from './ffmpegJob.ts';

export class CorePool implements Ffmpeg {
  readonly backend = 'core';
  readonly together = 1;
  readonly small = 0;
  private readonly all = new Set<Worker>();
  private readonly idle: Worker[] = [];
  private module: Promise<WebAssembly.Module> | undefined;
  private closed = false;

  async run(job: FfmpegJob, signal?: AbortSignal): Promise<FfmpegOutcome> {
    throwIfAborted(signal, 'Decoding');
    const worker = this.idle.pop() ?? (await this.start());
    const outcome = await this.ask(worker, job, signal);
    throwIfAborted(signal, 'Decoding');
    return outcome;
  }

  private async start(): Promise<Worker> {
    const resolveFrom = join(packageRoot(), 'package.json');
    // Compiled once; workers share the code.
    this.module ??= readFile(createRequire(resolveFrom).resolve('@ffmpeg/core/wasm')).then((bytes) =>
      WebAssembly.compile(bytes),
    );
    const data: CoreWorkerData = { module: await this.module, resolveFrom };
    if (this.closed) throw new CancelledError('Decoding');
    const worker = new Worker(distFile('ffmpegCoreWorker.js'), { workerData: data });
    worker.on('error', () => {}); // told by the exit that follows, which every run listens to
    worker.on('exit', () => {
      this.all.delete(worker);
      const at = this.idle.indexOf(worker);
      if (at >= 0) this.idle.splice(at, 1);
    });
    worker.unref();
    this.all.add(worker);
    return worker;
  }

  private ask(worker: Worker, job: FfmpegJob, signal: AbortSignal | undefined): Promise<FfmpegOutcome> {
    return new Promise((settle) => {
      let reason = 'the bundled ffmpeg stopped';
      const lost = (ended: FfmpegOutcome['ended']) => {
        done();
        this.all.delete(worker);
        void worker.terminate();
        settle({
          ended,
          code: null,
          inputName: inputName(job),
          log: [`[error] ${reason}`],
          bytes: new Uint8Array(),
          files: [],
        });
      };
      const onMessage = (answer: CoreAnswer) => {
        done();
        if (answer.code === null) void worker.terminate();
        else this.idle.push(worker);
        const ended = answer.code === null ? 'crash' : answer.tooBig ? 'too-big' : 'exit';
        const { code, log, bytes, files } = answer;
        settle({ ended, code, inputName: inputName(job), log, bytes, files });
      };
      const onError = (error: unknown) => {
        reason = `the bundled ffmpeg stopped: ${messageOf(error)}`;
      };
      const onExit = () => lost('crash');
      const onAbort = () => lost('crash');
      const callOff = patience(Math.max(1, job.timeoutMs), () => lost('timeout'));
      const done = () => {
        callOff();
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        signal?.removeEventListener('abort', onAbort);
        worker.unref();
      };
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      signal?.addEventListener('abort', onAbort);
      worker.ref();
      worker.postMessage(taskOf(job));
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    this.idle.length = 0;
    await Promise.all([...this.all].map((worker) => worker.terminate()));
  }
}

function taskOf(job: FfmpegJob): CoreTask {
  // The suffix goes along because ffmpeg weighs it when it guesses the format; the rest of the name stays out.
  const suffix = 'file' in job.input ? suffixOf(job.input.file) : '';
  const input = inputName(job);
  const { output, folder } = coreNames;
  return {
    arguments: fillArguments(job, {
      ...{ input, output, folder, passThrough: ['-fps_mode', 'passthrough'] },
      inputOf: (i) => `file:${coreNames.many}${i}`,
    }),
    input: 'file' in job.input ? { file: resolve(job.input.file), suffix } : job.input,
    maxBytes: job.maxBytes,
  };
}

function suffixOf(file: string): string {
  return extname(file).replace(/[^.A-Za-z0-9]/g, '');
}

function inputName(job: FfmpegJob): string {
  return 'file' in job.input ? `file:${coreNames.inputFolder}/input${suffixOf(job.input.file)}` : 'file:/input.raw';
}
