// What one run view is told: a whole snapshot when it asks, then what the run's folder has gained, numbered. Whoever trains the
// run writes there: a job of this window, a kept one, the command line. A job that is heard of makes reading on come sooner.
// Free of `vscode`, so that it is tested with a plain list of events.
import type { JobEvent } from '../protocol/events.ts';
import type { EventCursor } from '../protocol/runHistory.ts';
import type { RunSummary } from '../protocol/runs.ts';
import type { RunSnapshot } from '../protocol/runView.ts';

export interface RunTold {
  summary: RunSummary;
  events: JobEvent[];
  cursor: EventCursor;
}

export interface RunSource {
  /** The whole story in a bounded number of points. */
  story(signal: AbortSignal): Promise<RunTold>;
  /** What was added since; `again`: the events were written anew. */
  follow(cursor: EventCursor, signal: AbortSignal): Promise<RunTold & { again: boolean }>;
  /** Whether it was asked to stop and has not yet. */
  stopping(): boolean;
}

export interface RunFeedPort {
  events(params: { sequence: number; events: JobEvent[] }): void;
  summary(params: { sequence: number; summary: RunSummary; stopping: boolean }): void;
  /** Reading again in the background failed. */
  failed(error: unknown): void;
}

export class RunFeed {
  private sequence = 0;
  private cursor: EventCursor | undefined;
  private summary: RunSummary | undefined;
  private stopping = false;
  private timer: NodeJS.Timeout | undefined;
  private due = Number.POSITIVE_INFINITY;
  /** Reads wait for each other, so that no line is told twice. */
  private reading: Promise<unknown> = Promise.resolve();
  private readonly controller = new AbortController();

  constructor(
    private readonly source: RunSource,
    private readonly port: RunFeedPort,
    /** How long to wait for what another process writes, and for what a job has just told, in ms. */
    private readonly pollMs = 1500,
    private readonly soonMs = 250,
  ) {}

  snapshot(): Promise<RunSnapshot> {
    return this.inTurn(async () => {
      const { summary, events, cursor } = await this.source.story(this.controller.signal);
      this.cursor = cursor;
      this.summary = summary;
      this.stopping = this.source.stopping();
      this.readOnIn(summary.state === 'running' ? this.pollMs : undefined);
      return { summary, events, sequence: this.sequence, stopping: this.stopping };
    });
  }

  /** The job of this run told more. */
  heard(): void {
    if (this.cursor) this.readOnIn(this.soonMs);
  }

  /** The job of this run ended, or its folder changed: tells what is new and the state. */
  async changed(): Promise<void> {
    await this.inTurn(() => this.readOn(true)).catch((error: unknown) => this.fail(error));
  }

  /** The run was asked to stop, or goes on after all: told at once, before anything is read. */
  stoppingChanged(): void {
    const { summary } = this;
    const stopping = summary?.state === 'running' && this.source.stopping();
    if (!summary || stopping === this.stopping || this.controller.signal.aborted) return;
    this.stopping = stopping;
    this.port.summary({ sequence: ++this.sequence, summary, stopping });
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.controller.abort();
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.reading.then(work);
    this.reading = turn.catch(() => undefined);
    return turn;
  }

  private async readOn(tellState = false): Promise<void> {
    if (!this.cursor || this.controller.signal.aborted) return; // nobody asked yet
    const before = this.summary?.state;
    const { summary, events, cursor, again } = await this.source.follow(this.cursor, this.controller.signal);
    this.cursor = cursor;
    this.summary = summary;
    if (again) this.sequence += 1; // with a number left out the view asks for everything
    if (events.length > 0) this.port.events({ sequence: ++this.sequence, events });
    const stopping = summary.state === 'running' && this.source.stopping();
    if (again || tellState || summary.state !== before || stopping !== this.stopping)
      this.port.summary({ sequence: ++this.sequence, summary, stopping });
    this.stopping = stopping;
    // A run says that it is done before it tells what it came to: what is told then is read once more.
    const goesOn = summary.state === 'running' || summary.state !== before;
    this.readOnIn(goesOn ? this.pollMs : undefined);
  }

  private readOnIn(ms: number | undefined): void {
    const due = ms === undefined ? Number.POSITIVE_INFINITY : Date.now() + ms;
    const pending = this.timer !== undefined && this.due <= due;
    if (this.controller.signal.aborted || (pending && ms !== undefined)) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.due = due;
    if (ms === undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.inTurn(() => this.readOn()).catch((error: unknown) => {
        this.fail(error);
        this.readOnIn(this.pollMs * 4);
      });
    }, ms);
  }

  private fail(error: unknown): void {
    if (!this.controller.signal.aborted) this.port.failed(error);
  }
}
