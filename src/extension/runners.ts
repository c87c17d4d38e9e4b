// The runners of this window: one for questions, started at the first question and again after it ended, and one per
// job, so that questions are answered while a model trains. Nothing is started before the workspace is trusted.
import { UserError } from '../base/errors.ts';
import type { Listeners } from '../protocol/endpoint.ts';
import type { JobEvent } from '../protocol/events.ts';
import type { RunnerSurface } from '../protocol/runner.ts';
import type { Request } from '../protocol/surface.ts';
import { openJobLog } from './jobLogs.ts';
import type { RunnerExit } from './runnerExit.ts';
import type { RunnerProcess } from './runnerProcess.ts';

export interface RunnersOptions {
  script: string;
  /** Read at every start, so that a changed setting counts from the next start on. */
  env(): Readonly<Record<string, string>>;
  isTrusted(): boolean;
  log(line: string): void;
  /** What the question runner tells while it works. */
  onEvent(event: JobEvent): void;
  /** The question runner ended although nobody stopped it. */
  onUnexpectedExit(exit: RunnerExit): void;
}

type Requests = RunnerSurface['requests'];
export type RunnerParams<M extends keyof Requests> = Requests[M] extends Request<infer P, infer _> ? P : never;
export type RunnerResult<M extends keyof Requests> = Requests[M] extends Request<infer _, infer R> ? R : never;

export class Runners {
  private questions: Promise<RunnerProcess> | undefined;
  private readonly alive = new Set<RunnerProcess>();
  private disposed = false;

  constructor(private readonly options: RunnersOptions) {}

  /** Asks the question runner, starting it where needed. Rejects with a UserError for a person. */
  async ask<M extends keyof Requests & string>(
    method: M,
    params: RunnerParams<M>,
    signal?: AbortSignal,
  ): Promise<RunnerResult<M>> {
    const runner = await this.questionRunner();
    return (await runner.endpoint.request(method, params as never, signal)) as RunnerResult<M>;
  }

  /**
   * A new runner for one job. Whoever starts it stops it. `trainsIn`: the workspace of a training, in which its log is kept. The
   * closing of the window does not end it: it goes on, or puts its work down however long that takes, as it was asked.
   */
  async start(listeners: Partial<Listeners<RunnerSurface>>, name: string, trainsIn?: string): Promise<RunnerProcess> {
    if (this.disposed) throw new UserError('closed', 'The window is closing.');
    if (!this.options.isTrusted())
      throw new UserError(
        'untrusted',
        'CoVeR starts nothing in a workspace that is not trusted. Trust it, then retry.',
      );
    // Loaded at the first start, not at activation: the protocol's schemas take their time to build.
    const { RunnerProcess } = await import('./runnerProcess.ts');
    const process = new RunnerProcess({
      script: this.options.script,
      env: this.options.env(),
      log: (line) => this.options.log(`[${name}] ${line}`),
      listeners,
      outlives: trainsIn !== undefined,
      keep: trainsIn === undefined ? undefined : openJobLog(trainsIn),
    });
    this.options.log(`[${name}] runner started, process ${process.pid}`);
    this.alive.add(process);
    void process.exited.then((exit) => {
      this.alive.delete(process);
      this.options.log(`[${name}] runner ended: ${JSON.stringify({ ...exit, stderrTail: undefined })}`);
    });
    return process;
  }

  /** Ends the question runner; the next question starts a new one. */
  async restart(): Promise<void> {
    const old = this.questions;
    this.questions = undefined;
    await (await old?.catch(() => undefined))?.stop(1000);
  }

  /**
   * Ends every runner with its children, and resolves when they are gone. Trainings are left to themselves: a step and the
   * checkpoint after it take longer than a window has to close.
   */
  async dispose(): Promise<void> {
    this.disposed = true;
    for (const process of this.alive) if (process.outlives) process.release();
    await Promise.all([...this.alive].filter(({ outlives }) => !outlives).map((process) => process.stop(2000)));
  }

  private questionRunner(): Promise<RunnerProcess> {
    if (this.questions) return this.questions;
    const started: Promise<RunnerProcess> = this.start(
      { 'job/event': (event) => this.options.onEvent(event) },
      'questions',
    );
    this.questions = started;
    const forget = () => {
      if (this.questions === started) this.questions = undefined;
    };
    void started.then(
      (process) =>
        process.exited.then((exit) => {
          forget();
          if (!exit.stoppedByUser) this.options.onUnexpectedExit(exit);
        }),
      forget,
    );
    return started;
  }
}
