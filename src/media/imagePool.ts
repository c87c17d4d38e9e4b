// Processes that decode images (imageProcess.ts). One is started when all others are busy, and kept; each has one image at
// a time, so that a crash or a hang tells which file it was, costs that file alone, and the process is replaced.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { CancelledError } from '../base/errors.ts';
import { distFile } from '../base/paths.ts';
import { patience } from '../base/patience.ts';
import { type ImageTask, unpackAnswer } from './imageMessages.ts';
import { Limiter } from './limiter.ts';
import type { RgbImage } from './sharp.ts';

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** libvips stops by itself at the time limit; where it does not, it is ended so much later, in ms. */
const graceMs = 2000;

export class ImagePool {
  private readonly idle: Child[] = [];
  private readonly all = new Set<Child>();
  private readonly limiter: Limiter;
  private closed = false;

  constructor(
    processes: number,
    private readonly script = distFile('imageProcess.js'),
  ) {
    this.limiter = new Limiter(processes);
  }

  /** As `decodeImage`: rejects with an Error whose message is the reason. */
  decode(file: string, shortSide: number, timeoutMs: number): Promise<RgbImage> {
    return this.limiter.run(async () => {
      if (this.closed) throw new CancelledError('Decoding');
      const child = this.idle.pop() ?? this.start();
      return this.ask(child, { file, shortSide, timeoutMs });
    });
  }

  private start(): Child {
    if (!existsSync(this.script)) throw new Error(`${this.script} is missing: npm run build`);
    const child = spawn(process.execPath, [this.script], { stdio: ['pipe', 'pipe', 'inherit'], windowsHide: true });
    child.on('error', () => {}); // told by the close that follows
    child.stdin.on('error', () => {});
    child.on('close', () => {
      this.all.delete(child);
      const at = this.idle.indexOf(child);
      if (at >= 0) this.idle.splice(at, 1);
    });
    this.all.add(child);
    return child;
  }

  private ask(child: Child, task: ImageTask): Promise<RgbImage> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let [length, needed] = [0, 4];
      let late = false;
      const onData = (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length < needed) return;
        const bytes = Buffer.concat(chunks);
        const whole = unpackAnswer(bytes);
        if ('needed' in whole) {
          chunks.splice(0, chunks.length, bytes);
          needed = whole.needed;
          return;
        }
        done();
        this.idle.push(child);
        const { answer, data } = whole;
        if ('error' in answer) reject(new Error(answer.error));
        else resolve({ ...answer, data });
      };
      const onClose = (code: number | null, signal: NodeJS.Signals | null) => {
        done();
        if (this.closed) reject(new CancelledError('Decoding'));
        else if (late) reject(new Error(`it took longer than ${Math.round(task.timeoutMs / 1000)} s`));
        else reject(new Error(`the image decoder crashed on it (${signal ?? `exit code ${code}`})`));
      };
      const callOff = patience(Math.max(1, task.timeoutMs) + graceMs, () => {
        late = true;
        child.kill('SIGKILL');
      });
      const done = () => {
        callOff();
        child.stdout.off('data', onData);
        child.off('close', onClose);
      };
      child.stdout.on('data', onData);
      child.on('close', onClose);
      child.stdin.write(`${JSON.stringify(task)}\n`);
    });
  }

  close(): void {
    this.closed = true;
    for (const child of this.all) child.kill('SIGKILL');
  }
}
