// One training job of this window: a runner of its own, what it told so far, and its end. Cancelling asks it to stop
// after the current step; the job is over only when its process has put the run down, so that the run stays usable.
import { basename } from 'node:path';
import { CancelledError, messageOf, UserError } from '../base/errors.ts';
import type { HeadResult, JobEvent } from '../protocol/events.ts';
import type { RunnerProcess } from './runnerProcess.ts';
import type { RunnerParams, Runners } from './runners.ts';

export type JobOutcome =
  | { state: 'done'; run: string; heads: Record<string, HeadResult> }
  | { state: 'cancelled'; run: string | undefined }
  | { state: 'failed'; run: string | undefined; message: string; code?: string | undefined };

export type TrainParams = RunnerParams<'train/run'>;

/** A step of a large model takes long on a CPU, and the checkpoint comes after it. In ms. */
export const putDownMs = 10 * 60_000;

export class TrainingJob {
  private readonly newest = new Map<JobEvent['event'], JobEvent>();
  /** The run's name: of a new run known from the job's `started` event on (which tells its folder). */
  run: string | undefined;
  /** Settles when the process has ended; never rejects. */
  readonly ended: Promise<JobOutcome>;
  private readonly controller = new AbortController();
  private process: RunnerProcess | undefined;

  constructor(
    runners: Runners,
    readonly params: TrainParams,
    private readonly told: (event: JobEvent) => void,
    private readonly stopping: () => void = () => {},
  ) {
    this.run = params.resume;
    this.ended = this.work(runners);
  }

  /** The newest event of a kind, for a row or a progress line. */
  latest<E extends JobEvent['event']>(event: E): Extract<JobEvent, { event: E }> | undefined {
    return this.newest.get(event) as Extract<JobEvent, { event: E }> | undefined;
  }

  get cancelling(): boolean {
    return this.controller.signal.aborted;
  }

  /** Stops after the current step. Asked a second time it does not wait for the step: the last checkpoint remains. */
  cancel(): void {
    if (this.cancelling) return void this.process?.stop(0);
    this.controller.abort();
    this.stopping();
  }

  private async work(runners: Runners): Promise<JobOutcome> {
    try {
      const process = await runners.start(
        { 'job/event': (event) => this.hear(event) },
        'training',
        this.params.workspace,
      );
      this.process = process;
      try {
        // Without a log nobody would ever learn how it ended: it then stops with the window.
        const keep = this.params.keep === true && process.isKept;
        const result = await process.endpoint.request('train/run', { ...this.params, keep }, this.controller.signal);
        return { state: 'done', run: basename(result.run), heads: result.heads };
      } finally {
        await process.stop(putDownMs);
      }
    } catch (error) {
      if (error instanceof CancelledError) return { state: 'cancelled', run: this.run };
      const code = error instanceof UserError ? error.code : undefined;
      return { state: 'failed', run: this.run, message: messageOf(error), code };
    }
  }

  private hear(event: JobEvent): void {
    if (event.event === 'started') this.run = basename(event.run);
    this.newest.set(event.event, event);
    this.told(event);
  }
}
