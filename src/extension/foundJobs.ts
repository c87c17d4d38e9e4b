// Trainings that no job of this window began: kept ones of a window that was closed or reloaded, another window's, the command
// line's. They are found by their folders, followed by the events they record there, and stopped by a request in it.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UserError } from '../base/errors.ts';
import type { JobEvent } from '../protocol/events.ts';
import type { EventCursor } from '../protocol/runHistory.ts';
import { silenceMs } from '../protocol/runSilence.ts';
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
    private readonly stop: (now: boolean) => Promise<unknown>,
    private readonly told: { stopping(): void; stopFailed(error: unknown): void },
  ) {}

  latest<E extends JobEvent['event']>(event: E): Extract<JobEvent, { event: E }> | undefined {
    return this.newest.get(event) as Extract<JobEvent, { event: E }> | undefined;
  }

  /** Asks its trainer to stop after the step; asked a second time its process is ended at once. */
  cancel(): void {
    const before = this.cancelling;
    this.stops();
    // Asked a second time in vain it still stops after its step.
    this.stop(before).catch((error: unknown) => {
      this.cancelling = before;
      this.told.stopFailed(error);
    });
  }

  /** Somebody else asked its trainer. */
  stops(): void {
    if (this.cancelling) return;
    this.cancelling = true;
    this.told.stopping();
  }

  hear(event: JobEvent): void {
    this.newest.set(event.event, event);
  }
}

export interface FoundPort {
  isOwn(run: string): boolean;
  event(job: FoundJob, event: JobEvent): void;
  ended(job: FoundJob, outcome: JobOutcome): void;
  /** It was asked to stop after its step. */
  stopping(job: FoundJob): void;
  /** It goes on although it was asked to stop. */
  stopFailed(job: FoundJob, error: unknown): void;
  /** For the log: it is tried again, or was nobody's wish. */
  failed(message: string): void;
}

export class FoundJobs {
  private readonly found = new Map<string, FoundJob>();
  private timer: NodeJS.Timeout | undefined;
  private polling = false;
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
    const stop = (now: boolean) => this.runners.ask('runs/stop', { workspace, run, now });
    const job: FoundJob = new FoundJob(workspace, run, { offset: 0, mark: '' }, stop, {
      stopping: () => this.port.stopping(job),
      stopFailed: (error) => this.port.stopFailed(job, error),
    });
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
    // One round at a time: two would tell each event twice. The one that runs calls here at its end.
    if (!this.disposed && !this.polling && this.found.size > 0) this.timer = setTimeout(() => void this.poll(), pollMs);
  }

  private async poll(): Promise<void> {
    this.polling = true;
    for (const job of this.running) await this.followOrLog(job);
    this.polling = false;
    this.pollLater();
  }

  private async followOrLog(job: FoundJob): Promise<void> {
    try {
      await this.follow(job);
    } catch (error) {
      this.port.failed(messageOf(error));
      // Whoever answers questions may be starting anew; but a run whose folder was removed is over.
      if (!(error instanceof UserError) || error.code !== 'no-run') return;
      if (this.found.delete(job.run)) this.port.ended(job, { state: 'cancelled', run: job.run });
    }
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
    // Where this fails, the next round asks again.
    const outcome = await this.outcome(job, summary);
    if (this.found.delete(run)) this.port.ended(job, outcome);
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

/**
 * Whether any state.json says "running", and is as fresh as its trainer keeps it: that of a killed one says so for ever. Cheap, and
 * enough to know that nobody has to be asked.
 */
async function someRunSaysSo(workspace: string): Promise<boolean> {
  const runs = join(workspace, '.cover', 'runs');
  const names = await readdir(runs).catch(() => []);
  for (const name of names) {
    const file = join(runs, name, 'state.json');
    const [text, facts] = await Promise.all([
      readFile(file, 'utf8').catch(() => ''),
      stat(file).catch(() => undefined),
    ]);
    const isFresh = facts !== undefined && Date.now() - facts.mtimeMs <= silenceMs;
    if (isFresh && /"state":\s*"running"/.test(text)) return true;
  }
  return false;
}
