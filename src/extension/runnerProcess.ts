// One runner process: dist/runner.js run by the editor's own Node, spoken to over stdio. Its stdout carries protocol
// lines only; its stderr is its log. Every request settles, at the latest with the reason of the process's end.
import { spawn } from 'node:child_process';
import { messageOf } from '../base/errors.ts';
import { Endpoint, type Listeners, type Transport } from '../protocol/endpoint.ts';
import { lineTransport } from '../protocol/lineTransport.ts';
import { type NoSurface, noSurface, type RunnerSurface, runnerSurface } from '../protocol/runner.ts';
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
  private readonly child;
  private stoppedByUser = false;
  private stderrTail = '';

  constructor(options: RunnerOptions) {
    this.child = spawn(process.execPath, [options.script], {
      env: { ...process.env, ...options.env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...treeSpawnOptions,
    });
    this.pid = this.child.pid;
    let line = '';
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderrTail = appendTail(this.stderrTail, text);
      const lines = (line + text).split(/\r?\n/);
      line = lines.pop() ?? '';
      for (const each of lines) options.log(each);
    });
    this.exited = this.watch();
    const lines = lineTransport(this.child.stdout, this.child.stdin, options.log);
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
    this.child.stdin.end();
    if (grace === 0) endProcessTree(this.child);
    else {
      const timer = setTimeout(() => endProcessTree(this.child), grace);
      void this.exited.then(() => clearTimeout(timer));
    }
    return this.exited;
  }

  private watch(): Promise<RunnerExit> {
    return new Promise((resolve) => {
      const settle = (code: number | null, signal: string | null) =>
        resolve({ code, signal, stoppedByUser: this.stoppedByUser, stderrTail: this.stderrTail });
      this.child.once('error', (error) => {
        this.stderrTail = appendTail(this.stderrTail, `${messageOf(error)}\n`);
        settle(null, null);
      });
      this.child.once('close', settle);
      this.child.once('exit', (code, signal) => setTimeout(() => settle(code, signal), stderrWaitMs));
    });
  }
}
