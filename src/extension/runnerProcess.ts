// One runner process: dist/runner.js run by the editor's own Node, spoken to over stdio. Its stdout carries protocol
// lines only; its stderr is its log. Every request settles, at the latest with the reason of the process's end.
import { spawn } from 'node:child_process';
import { messageOf } from '../base/errors.ts';
import { Endpoint, type Listeners, type Transport } from '../protocol/endpoint.ts';
import { lineTransport } from '../protocol/lineTransport.ts';
import { type NoSurface, noSurface, type RunnerSurface, runnerSurface } from '../protocol/runner.ts';
import { closeJobLog, type JobLog } from './jobLogs.ts';
import { LogTail } from './logTail.ts';
import { endProcessTree, treeSpawnOptions } from './processTree.ts';
import { appendTail, describeExit, type RunnerExit } from './runnerExit.ts';

export interface RunnerOptions {
  /** Absolute path of dist/runner.js. */
  script: string;
  /** Added to this process's environment. */
  env: Readonly<Record<string, string>>;
  /** Receives each line of stderr, and noise on stdout. */
  log(line: string): void;
  listeners?: Partial<Listeners<RunnerSurface>>;
  /** Whether it can be released: it is then started such that this process's end does not end it. */
  outlives?: boolean;
  /** Where its stderr goes in place of a pipe to here, so that its last words are found later. */
  keep?: JobLog | undefined;
}

/** How long a process has to put its things down before it is killed, in ms. */
const graceMs = 15_000;
/** stderr may arrive a little after the exit; a grandchild that holds the pipe must not delay the news. */
const stderrWaitMs = 500;

export class RunnerProcess {
  readonly endpoint: Endpoint<NoSurface, RunnerSurface>;
  /** Settles once, when the process has ended; never rejects. */
  readonly exited: Promise<RunnerExit>;
  readonly pid: number | undefined;
  /** Whether it can be released. */
  readonly outlives: boolean;
  /** Whether its log is kept, without which it should not work on for long where nobody hears it. */
  readonly isKept: boolean;
  private readonly child;
  private readonly tail: LogTail | undefined;
  private stoppedByUser = false;
  private stderrTail = '';

  constructor(options: RunnerOptions) {
    const { keep, outlives = false } = options;
    this.outlives = outlives;
    this.isKept = keep !== undefined;
    this.child = spawn(process.execPath, [options.script], {
      env: { ...process.env, ...options.env, ...(keep && { COVER_JOB_LOG: keep.file }), ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['pipe', 'pipe', keep?.descriptor ?? 'pipe'],
      ...treeSpawnOptions,
      // On Windows a child that is not detached ends with its parent.
      ...(outlives && { detached: true }),
    });
    this.pid = this.child.pid;
    let line = '';
    const hear = (text: string) => {
      this.stderrTail = appendTail(this.stderrTail, text);
      const lines = (line + text).split(/\r?\n/);
      line = lines.pop() ?? '';
      for (const each of lines) options.log(each);
    };
    this.child.stderr?.setEncoding('utf8').on('data', hear);
    if (keep) {
      closeJobLog(keep);
      this.tail = new LogTail(keep.file, hear);
    }
    this.exited = this.watch();
    const stdout = this.child.stdout!;
    const stdin = this.child.stdin!;
    const lines = lineTransport(stdout, stdin, options.log);
    const transport: Transport = {
      send: lines.send,
      onMessage: lines.onMessage,
      // Pending requests hear why the process ended, not merely that a pipe closed.
      onClose: (listener) => void this.exited.then((exit) => listener(describeExit(exit))),
    };
    this.endpoint = new Endpoint(transport, noSurface, {}, options.listeners ?? {}, runnerSurface);
  }

  /**
   * Closes the process's stdin, at which it puts its work down (a trainer saves its checkpoint) and ends; what has not
   * ended after the grace is killed with its children. `graceMs` 0 kills at once.
   */
  stop(grace = graceMs): Promise<RunnerExit> {
    this.stoppedByUser = true;
    this.child.stdin?.end();
    if (grace === 0) endProcessTree(this.child);
    else {
      const timer = setTimeout(() => endProcessTree(this.child), grace);
      void this.exited.then(() => clearTimeout(timer));
    }
    return this.exited;
  }

  /** Leaves the process to itself: it goes on with what it was asked to keep on with, puts the rest down, and ends then. */
  release(): void {
    this.child.stdin?.end();
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
    this.child.unref();
  }

  private watch(): Promise<RunnerExit> {
    return new Promise((resolve) => {
      const settle = async (code: number | null, signal: string | null) => {
        await this.tail?.close();
        resolve({ code, signal, stoppedByUser: this.stoppedByUser, stderrTail: this.stderrTail });
      };
      this.child.once('error', (error) => {
        this.stderrTail = appendTail(this.stderrTail, `${messageOf(error)}\n`);
        void settle(null, null);
      });
      this.child.once('close', (code, signal) => void settle(code, signal));
      this.child.once('exit', (code, signal) => setTimeout(() => void settle(code, signal), stderrWaitMs));
    });
  }
}
