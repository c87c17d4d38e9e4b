// What one run view is told: a whole snapshot when it asks, then every event and change of state, numbered. A run of
// this window's job is told as it happens; one that another process trains is read from its folder every few seconds.
// Free of `vscode`, so that it is tested with a plain list of events.
import type { JobEvent } from '../protocol/events.ts';
import type { RunSummary } from '../protocol/runs.ts';
import type { RunSnapshot } from '../protocol/runView.ts';

export interface RunSource {
  /** Summary and events as the run's folder has them. */
  read(signal: AbortSignal): Promise<{ summary: RunSummary; events: JobEvent[] }>;
  /** The events of this window's job while it trains the run. */
  live(): readonly JobEvent[] | undefined;
}

export interface RunFeedPort {
  event(params: { sequence: number; event: JobEvent }): void;
  summary(params: { sequence: number; summary: RunSummary; live: boolean }): void;
  /** Reading again in the background failed. */
  failed(error: unknown): void;
}

export class RunFeed {
  private sequence = 0;
  /** How many events the view has, and the last of them. */
  private sent = 0;
  private last: string | undefined;
  private state: RunSummary['state'] | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly controller = new AbortController();

  constructor(
    private readonly source: RunSource,
    private readonly port: RunFeedPort,
    private readonly pollMs = 2000,
  ) {}

  async snapshot(): Promise<RunSnapshot> {
    const { summary, events } = await this.source.read(this.controller.signal);
    // From here on nothing awaits: what the job told meanwhile is in the snapshot, what it tells later is numbered on.
    const live = this.source.live();
    const told = [...(live && live.length > 0 ? live : events)];
    this.note(told);
    this.state = summary.state;
    if (!live && summary.state === 'running') this.pollLater();
    return { summary, events: told, sequence: this.sequence, live: live !== undefined };
  }

  /** The job of this run told more. */
  heard(): void {
    if (this.state !== undefined) this.tell(this.source.live() ?? []);
  }

  /** The job of this run ended, or its folder changed: tells the events left and the state. */
  async changed(): Promise<void> {
    if (this.state === undefined) return; // nobody asked yet
    try {
      const { summary, events } = await this.source.read(this.controller.signal);
      const live = this.source.live();
      this.tell(live ?? events);
      this.state = summary.state;
      this.port.summary({ sequence: ++this.sequence, summary, live: live !== undefined });
      if (!live && summary.state === 'running') this.pollLater();
    } catch (error) {
      if (!this.controller.signal.aborted) this.port.failed(error);
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.controller.abort();
  }

  private tell(events: readonly JobEvent[]): void {
    const newest = events.at(-1);
    if (!newest) return;
    if (this.sent > 0 && JSON.stringify(events[this.sent - 1]) !== this.last) {
      // The run was resumed, and took back what came after its checkpoint: with a number left out the view asks for all.
      this.sequence += 2;
      this.port.event({ sequence: this.sequence, event: newest });
    } else {
      for (const event of events.slice(this.sent)) this.port.event({ sequence: ++this.sequence, event });
    }
    this.note(events);
  }

  private note(events: readonly JobEvent[]): void {
    this.sent = events.length;
    this.last = events.length > 0 ? JSON.stringify(events.at(-1)) : undefined;
  }

  private pollLater(): void {
    clearTimeout(this.timer);
    if (!this.controller.signal.aborted) this.timer = setTimeout(() => void this.changed(), this.pollMs);
  }
}
