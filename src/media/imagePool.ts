// Processes that read images. One is started when all others are busy, and kept; each has a few images in flight, so that it
// never waits for the next. Where one crashes or hangs, those that it had in flight are tried again, each in a new
// process with nothing else to do: so only the file that was the cause is lost.
import { setMaxListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { CancelledError } from '../base/errors.ts';
import { distFile } from '../base/paths.ts';
import type { ImageAnswer, ImageHeader, ImageTask } from './imageMessages.ts';
import { ImageWorker, LostWorker } from './imageWorker.ts';
import { Limiter } from './limiter.ts';
import type { RgbImage } from './sharp.ts';

/** Images that a process has in flight. */
export const imagesTogether = 2;

type Asked = ImageTask extends infer T ? (T extends unknown ? Omit<T, 'id'> : never) : never;
type Answered = { answer: ImageAnswer; data: Uint8Array };

export class ImagePool {
  private readonly shared = new Set<ImageWorker>();
  private readonly lone = new Set<ImageWorker>();
  private readonly turns: Limiter;
  private readonly loneTurns: Limiter;
  private serial = 0;
  private closed = false;

  constructor(
    private readonly processes: number,
    private readonly script = distFile('imageProcess.js'),
  ) {
    this.turns = new Limiter(processes * imagesTogether);
    this.loneTurns = new Limiter(processes);
  }

  /** As `decodeImage`: rejects with an Error whose message is the reason. */
  async decode(file: string, shortSide: number, timeoutMs: number, signal?: AbortSignal): Promise<RgbImage> {
    const { answer, data } = await this.ask({ task: 'decode', file, shortSide, timeoutMs }, signal);
    if ('image' in answer) return { ...answer.image, data };
    throw new Error('error' in answer ? answer.error : 'the image decoder answered something else');
  }

  /** As `imageHeader`. */
  async header(file: string, timeoutMs: number, signal?: AbortSignal): Promise<ImageHeader> {
    const { answer } = await this.ask({ task: 'header', file, timeoutMs }, signal);
    if ('header' in answer) return answer.header;
    throw new Error('error' in answer ? answer.error : 'the image decoder answered something else');
  }

  /** The process goes on with what is called off, but nobody waits for it. */
  private ask(asked: Asked, signal: AbortSignal | undefined): Promise<Answered> {
    const answered = this.askTwice(asked, signal);
    if (!signal) return answered;
    return new Promise((resolve, reject) => {
      const abort = () => reject(new CancelledError('Decoding'));
      setMaxListeners(0, signal); // many files may be asked for with one signal
      signal.addEventListener('abort', abort, { once: true });
      answered.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    });
  }

  private async askTwice(asked: Asked, signal: AbortSignal | undefined): Promise<Answered> {
    try {
      return await this.turns.run(() => this.sharedWorker().ask(this.numbered(asked)), signal);
    } catch (error) {
      if (this.closed) throw new CancelledError('Decoding');
      if (!(error instanceof LostWorker) || error.certain) throw error;
    }
    try {
      return await this.loneTurns.run(() => this.askAlone(asked), signal);
    } catch (error) {
      throw this.closed ? new CancelledError('Decoding') : error;
    }
  }

  private numbered(asked: Asked): ImageTask {
    return { ...asked, id: ++this.serial };
  }

  private sharedWorker(): ImageWorker {
    const [least] = [...this.shared].sort((a, b) => a.tasks - b.tasks);
    if (least && (least.tasks === 0 || this.shared.size >= this.processes)) return least;
    const worker = this.start();
    this.shared.add(worker);
    return worker;
  }

  private async askAlone(asked: Asked): Promise<Answered> {
    const worker = this.start();
    this.lone.add(worker);
    try {
      return await worker.ask(this.numbered(asked));
    } finally {
      // Where it was not lost it serves all again, if there is room for it.
      if (this.lone.delete(worker)) {
        if (this.shared.size < this.processes) this.shared.add(worker);
        else worker.kill();
      }
    }
  }

  private start(): ImageWorker {
    if (this.closed) throw new CancelledError('Decoding');
    if (!existsSync(this.script)) throw new Error(`${this.script} is missing: npm run build`);
    return new ImageWorker(this.script, (worker) => {
      this.shared.delete(worker);
      this.lone.delete(worker);
    });
  }

  close(): void {
    this.closed = true;
    for (const worker of [...this.shared, ...this.lone]) worker.kill();
  }
}
