// Trainings that no job of this window began: kept ones of a window that was closed or reloaded, another window's, the command
// line's. They are found by their folders, followed by the events they record there, and stopped by a request in it.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UserError } from '../base/errors.ts';
import type { JobEvent } from '../protocol/events.ts';
import type { EventCursor } from '../protocol/runHistory.ts';
import type { RunSummary } from '../protocol/runs.ts';
import type { Job } from './jobs.ts';
import { lastWords } from './runnerExit.ts';
import type { Runners } from './runners.ts';
import type { JobOutcome } from './trainingJob.ts';

const pollMs = 1500;

export class FoundJob implements Job {
  cancelling = false;
  private readonly newest = new Map<JobEvent['event'], JobEvent>();

  constructor(
    readonly workspace: string,
    readonly run: string,
    public cursor: EventCursor,
    private readonly stop: (now: boolean) => void,
  ) {}

  latest<E extends JobEvent['event']>(event: E): Extract<JobEvent, { event: E }> | undefined {
    return this.newest.get(event) as Extract<JobEvent, { event: E }> | undefined;
  }

  /** Asks its trainer to stop after the step; asked a second time its process is ended at once. */
  cancel(): void {
    this.stop(this.cancelling);
    this.cancelling = true;
  }

  hear(event: JobEvent): void {
    this.newest.set(event.event, event);
  }
}

export interface FoundPort {
  isOwn(run: string): boolean;
  event(job: FoundJob, event: JobEvent): void;
  ended(job: FoundJob, outcome: JobOutcome): void;
  failed(message: string): void;
}

export class FoundJobs {
  private readonly found = new Map<string, FoundJob>();
  private timer: NodeJS.Timeout | undefined;
  private disposed = false;

  constructor(
    private readonly runners: Pick<Runners, 'ask'>,
    private readonly port: FoundPort,
  ) {}

  get running(): readonly FoundJob[] {
    return [...this.found.values()];
  }

  /** Looks whether a run of the workspace is trained by someone else. Starts no process where none says so. */
  async look(workspace: string): Promise<void> {
    try {
      if (this.disposed || !(await someRunSaysSo(workspace))) return;
      this.consider(workspace, await this.runners.ask('runs/list', { workspace }));
    } catch (error) {
      this.port.failed(messageOf(error));
    }
  }

  /** The runs as they were just read. */
  consider(workspace: string, runs: readonly RunSummary[]): void {
    for (const { run, state } of runs)
      if (state === 'running' && !this.found.has(run) && !this.port.isOwn(run)) void this.add(workspace, run);
  }

  /** This window trains the run itself. */
  forget(run: string): void {
    this.found.delete(run);
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
  }

  private async add(workspace: string, run: string): Promise<void> {
    const stop = (now: boolean) => {
      this.runners.ask('runs/stop', { workspace, run, now }).catch((error) => this.port.failed(messageOf(error)));
    };
    const job = new FoundJob(workspace, run, { offset: 0, mark: '' }, stop);
    this.found.set(run, job);
    try {
      const { events, cursor } = await this.runners.ask('runs/story', { workspace, run, points: 1 });
      job.cursor = cursor;
      for (const event of events) job.hear(event);
      const newest = events.at(-1);
      if (newest) this.port.event(job, newest);
    } catch (error) {
      this.port.failed(messageOf(error));
    }
    this.pollLater();
  }

  private pollLater(): void {
    clearTimeout(this.timer);
    if (!this.disposed && this.found.size > 0) this.timer = setTimeout(() => void this.poll(), pollMs);
  }

  private async poll(): Promise<void> {
    for (const job of this.running) {
      try {
        await this.follow(job);
      } catch (error) {
        this.port.failed(messageOf(error));
        // Whoever answers questions may be starting anew; but a run whose folder was removed is over.
        if (!(error instanceof UserError) || error.code !== 'no-run') continue;
        this.found.delete(job.run);
        this.port.ended(job, { state: 'cancelled', run: job.run });
      }
    }
    this.pollLater();
  }

  private async follow(job: FoundJob): Promise<void> {
    const { workspace, run } = job;
    let read = await this.runners.ask('runs/follow', { workspace, run, cursor: job.cursor });
    if (read.again) read = { ...(await this.runners.ask('runs/story', { workspace, run, points: 1 })), again: true };
    if (!this.found.has(run)) return; // this window took it over
    job.cursor = read.cursor;
    for (const event of read.events) {
      job.hear(event);
      this.port.event(job, event);
    }
    const { summary } = read;
    if (summary.state === 'running') return;
    this.found.delete(run);
    this.port.ended(job, await this.outcome(job, summary));
  }

  private async outcome({ workspace, run }: FoundJob, { state, error, heads }: RunSummary): Promise<JobOutcome> {
    if (state === 'done') return { state, run, heads };
    if (state === 'cancelled') return { state, run };
    if (state === 'failed') return { state, run, message: error ?? `Training "${run}" failed.` };
    const { tail } = await this.runners.ask('runs/log', { workspace, run });
    const words = lastWords(tail);
    const message = `The process that trained "${run}" ended unexpectedly${words === '' ? '.' : `: ${words}`}`;
    return { state: 'failed', run, message };
  }
}

/** Whether any state.json says "running": cheap, and enough to know that nobody has to be asked. */
async function someRunSaysSo(workspace: string): Promise<boolean> {
  const runs = join(workspace, '.cover', 'runs');
  const names = await readdir(runs).catch(() => []);
  for (const name of names) {
    const text = await readFile(join(runs, name, 'state.json'), 'utf8').catch(() => '');
    if (/"state":\s*"running"/.test(text)) return true;
  }
  return false;
}
