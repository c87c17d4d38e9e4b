// One process that reads images (imageProcess.ts), as its owner sees it: several tasks in flight, each with a time limit.
// Where the process ends, or a limit passes, all of them are lost: it cannot be told from here which one was the cause.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { patience } from '../base/patience.ts';
import { type ImageAnswer, type ImageTask, unpackAnswer } from './imageMessages.ts';

/** libvips stops by itself at the time limit; where it does not, it is ended so much later, in ms. */
const graceMs = 2000;

/** The process was lost with this task and perhaps others in flight; the message is the reason. */
export class LostWorker extends Error {
  constructor(
    message: string,
    /** Nothing but this task can be the cause. */
    readonly certain: boolean,
  ) {
    super(message);
  }
}

interface Pending {
  settle(answer: ImageAnswer, data: Uint8Array): void;
  lose(reason: LostWorker): void;
}

export class ImageWorker {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly pending = new Map<number, Pending>();
  private chunks: Buffer[] = [];
  private length = 0;
  private needed = 4;
  private reason: string | undefined;

  constructor(
    script: string,
    private readonly onLost: (worker: ImageWorker) => void,
  ) {
    this.child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'], windowsHide: true });
    this.child.on('error', () => {}); // told by the close that follows
    this.child.stdin.on('error', () => {});
    this.child.stdout.on('data', (chunk: Buffer) => this.receive(chunk));
    this.child.on('close', (code, signal) => {
      this.lose(this.reason ?? `the image decoder crashed on it (${signal ?? `exit code ${code}`})`);
    });
  }

  /** Tasks in flight. */
  get tasks(): number {
    return this.pending.size;
  }

  /** Rejects with LostWorker. */
  ask(task: ImageTask): Promise<{ answer: ImageAnswer; data: Uint8Array }> {
    return new Promise((resolve, reject) => {
      const callOff = patience(Math.max(1, task.timeoutMs) + graceMs, () => {
        this.kill(`it took longer than ${Math.round(task.timeoutMs / 1000)} s`);
      });
      this.pending.set(task.id, {
        settle: (answer, data) => {
          callOff();
          resolve({ answer, data });
        },
        lose: (reason) => {
          callOff();
          reject(reason);
        },
      });
      this.child.stdin.write(`${JSON.stringify(task)}\n`);
    });
  }

  /** What is in flight is lost when the process has ended. */
  kill(reason?: string): void {
    this.reason ??= reason;
    this.child.kill('SIGKILL');
  }

  private receive(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
    if (this.length < this.needed) return;
    let bytes = Buffer.concat(this.chunks);
    try {
      for (;;) {
        const found = unpackAnswer(bytes);
        if ('needed' in found) {
          this.needed = found.needed;
          break;
        }
        bytes = bytes.subarray(found.end);
        const pending = this.pending.get(found.answer.id);
        this.pending.delete(found.answer.id);
        pending?.settle(found.answer, found.data);
      }
    } catch {
      this.kill('the image decoder gave no sensible answer');
    }
    this.chunks = [bytes];
    this.length = bytes.length;
  }

  private lose(reason: string): void {
    const all = [...this.pending.values()];
    this.pending.clear();
    this.onLost(this);
    // A crash may come of what an earlier image broke; a limit that passed is the only image's own.
    const certain = all.length === 1 && this.reason !== undefined;
    for (const { lose } of all) lose(new LostWorker(reason, certain));
  }
}
