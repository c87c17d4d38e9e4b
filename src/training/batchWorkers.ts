// Threads that turn recipes into batches. Which thread makes a batch does not change a bit of it (makeBatch.ts).
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { CancelledError } from '../base/errors.ts';
import { distFile } from '../base/paths.ts';
import type { Batch, BatchPlan, Ingredient } from './makeBatch.ts';

export interface BatchTask {
  readonly id: number;
  readonly drawn: readonly Ingredient[];
}
export type BatchAnswer =
  | { readonly id: number; readonly batch: Batch }
  | { readonly id: number; readonly error: string };

interface Waiting {
  resolve(batch: Batch): void;
  reject(error: Error): void;
}

/** One thread keeps two cores busy with training; a device that is faster than its processors needs more. */
export function defaultBatchThreads(): number {
  return Math.min(6, Math.max(1, Math.floor(availableParallelism() / 2)));
}

/** What batches that wait for training may take, bytes: those of large clips are few, and their steps are long. */
const mostWaiting = 512 * 2 ** 20;

/** Bytes of a batch's pixels, float32. */
export function batchBytes(model: { readonly frames: number; readonly imageSize: number }, batchSize: number): number {
  return 4 * batchSize * model.frames * 3 * model.imageSize ** 2;
}

/**
 * Batches of so many bytes that are drawn, decoded or made at a time: one handed out, one for each thread, and one whose frames are
 * decoded; large ones fewer, but never fewer than one beside the one handed out.
 */
export function batchesAhead(bytes: number, threads = defaultBatchThreads()): number {
  return Math.max(2, Math.min(threads + 2, Math.floor(mostWaiting / bytes)));
}

export class BatchWorkers {
  private readonly workers: { worker: Worker; pending: number }[];
  private readonly waiting = new Map<number, Waiting>();
  private serial = 0;
  private gone: Error | undefined;

  constructor(plan: BatchPlan, threads: number) {
    this.workers = Array.from({ length: threads }, () => {
      const worker = new Worker(distFile('batchWorker.js'), { workerData: plan });
      const one = { worker, pending: 0 };
      worker.on('message', (answer: BatchAnswer) => {
        one.pending--;
        const waiting = this.waiting.get(answer.id);
        this.waiting.delete(answer.id);
        if ('batch' in answer) waiting?.resolve(answer.batch);
        else waiting?.reject(new Error(`A batch could not be made: ${answer.error}`));
      });
      worker.on('error', (error) => this.end(error instanceof Error ? error : new Error(String(error))));
      worker.on('exit', (code) => this.end(new Error(`A thread that makes batches ended (exit code ${code}).`)));
      return one;
    });
  }

  /** Rejects where the threads were closed, or one of them broke down. */
  make(drawn: readonly Ingredient[]): Promise<Batch> {
    if (this.gone) return Promise.reject(this.gone);
    return new Promise((resolve, reject) => {
      const id = ++this.serial;
      const idlest = this.workers.reduce((best, one) => (one.pending < best.pending ? one : best));
      idlest.pending++;
      this.waiting.set(id, { resolve, reject });
      idlest.worker.postMessage({ id, drawn } satisfies BatchTask);
    });
  }

  async close(): Promise<void> {
    this.end(new CancelledError('Training'));
    await Promise.all(this.workers.map(({ worker }) => worker.terminate()));
  }

  private end(error: Error): void {
    this.gone ??= error;
    for (const { reject } of this.waiting.values()) reject(this.gone);
    this.waiting.clear();
  }
}
