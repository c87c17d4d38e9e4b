// A decoder in a thread of its own, with the frames kept on disk: what training and evaluation take their frames from.
import { setMaxListeners } from 'node:events';
import { Worker } from 'node:worker_threads';
import { CancelledError } from '../base/errors.ts';
import { distFile } from '../base/paths.ts';
import type { ClipRequest, DecodedClip } from '../media/clip.ts';
import type { FrameSource } from './cachedDecoder.ts';
import { type FrameThreadOptions, type FromFrames, receivedError, type ToFrames } from './frameMessages.ts';

interface Waiting {
  settle(answer: { clip: DecodedClip } | { error: Error }): void;
}

export class FrameThread implements FrameSource {
  private readonly waiting = new Map<number, Waiting>();
  private readonly exited: Promise<void>;
  private serial = 0;
  private gone: Error | undefined;

  private constructor(
    private readonly worker: Worker,
    /** Why frames cannot be kept on disk, where that was asked for. */
    readonly cacheProblem: string | undefined,
  ) {
    worker.on('message', (message: FromFrames) => {
      if (!('id' in message)) return;
      this.waiting
        .get(message.id)
        ?.settle('clip' in message ? { clip: message.clip } : { error: receivedError(message.error) });
    });
    this.exited = new Promise((resolve) => {
      worker.on('error', (error) => {
        this.gone ??= error instanceof Error ? error : new Error(String(error));
      });
      worker.on('exit', (code) => {
        this.end(new Error(`The decoding thread ended (exit code ${code}).`));
        resolve();
      });
    });
  }

  /** Rejects as `Decoder.create` does. */
  static async open(options: FrameThreadOptions = {}): Promise<FrameThread> {
    const worker = new Worker(distFile('frameWorker.js'), { workerData: options });
    const first = await new Promise<FromFrames>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    if ('failed' in first) {
      await worker.terminate();
      throw receivedError(first.failed);
    }
    return new FrameThread(worker, 'ready' in first ? first.cacheProblem : undefined);
  }

  decode(request: ClipRequest, signal?: AbortSignal): Promise<DecodedClip> {
    if (signal?.aborted) return Promise.reject(new CancelledError('Decoding'));
    if (this.gone) return Promise.reject(this.gone);
    return new Promise((resolve, reject) => {
      const id = ++this.serial;
      const abort = () => this.send({ cancel: id });
      this.waiting.set(id, {
        settle: (answer) => {
          this.waiting.delete(id);
          signal?.removeEventListener('abort', abort);
          if ('clip' in answer) resolve(answer.clip);
          else reject(answer.error);
        },
      });
      // Thousands may wait on one signal, and each lets go of it: nothing leaks that Node should warn of.
      if (signal) setMaxListeners(0, signal);
      signal?.addEventListener('abort', abort);
      this.send({ decode: id, request });
    });
  }

  /** Ends the thread and every decoder it runs; what is being decoded is cancelled. */
  async close(): Promise<void> {
    this.end(new CancelledError('Decoding'));
    this.send({ close: true });
    await this.exited;
  }

  private send(message: ToFrames): void {
    this.worker.postMessage(message);
  }

  private end(error: Error): void {
    this.gone ??= error;
    for (const { settle } of [...this.waiting.values()]) settle({ error: this.gone });
  }
}
