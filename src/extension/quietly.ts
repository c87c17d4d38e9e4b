// Does work after something changed: once things are quiet, at the latest after a while, never twice at the same time, and
// with a pause that grows with how long the work takes. Pure: it knows no editor.

export interface QuietOptions {
  /** Milliseconds without a change after which work begins. */
  quietMs: number;
  /** Milliseconds after the first change at which it begins even so: a long copy should not be waited for to its end. */
  latestMs: number;
  /** The pause after work is so many times its own duration: of a minute at most a third is spent on it. */
  pause?: number;
  now?: () => number;
}

export class Quietly {
  private timer: NodeJS.Timeout | undefined;
  private first: number | undefined;
  private earliest = 0;
  private working = false;
  private disposed = false;

  /** `work` handles its own failures; what it throws is ignored. */
  constructor(
    private readonly work: () => Promise<unknown>,
    private readonly options: QuietOptions,
  ) {}

  /** Something changed. */
  changed(): void {
    if (this.disposed) return;
    this.first ??= this.now();
    if (!this.working) this.schedule();
  }

  /** Forgets what changed, and does nothing any more. */
  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    const { quietMs, latestMs } = this.options;
    const now = this.now();
    const at = Math.max(Math.min(now + quietMs, this.first! + latestMs), this.earliest, now);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.begin(), at - now);
  }

  private async begin(): Promise<void> {
    this.working = true;
    this.first = undefined;
    const began = this.now();
    await this.work().catch(() => undefined);
    const ended = this.now();
    this.working = false;
    this.earliest = ended + (ended - began) * (this.options.pause ?? 2);
    if (this.first !== undefined && !this.disposed) this.schedule();
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }
}
