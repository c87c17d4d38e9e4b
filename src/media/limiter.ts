// Lets only so many pieces of work run at once; the others wait in order.
import { setMaxListeners } from 'node:events';
import { CancelledError } from '../base/errors.ts';

export class Limiter {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly most: number) {}

  /** Runs `work` when it is its turn. Rejects with CancelledError when `signal` aborts before. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.turn(signal);
    try {
      return await work();
    } finally {
      // The place is handed over, not given up and asked for again, so that nobody slips in between.
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }

  private turn(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.reject(new CancelledError('Decoding'));
    if (this.running < this.most) {
      this.running++;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const go = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const abort = () => {
        this.waiting.splice(this.waiting.indexOf(go), 1);
        reject(new CancelledError('Decoding'));
      };
      // Thousands may wait on one signal, and each lets go of it: nothing leaks that Node should warn of.
      if (signal) setMaxListeners(0, signal);
      signal?.addEventListener('abort', abort, { once: true });
      this.waiting.push(go);
    });
  }
}
