// How fast the steps of a run are made: the time left, and how often to tell of them. The first step does not count, which
// prepares the sessions.

/** Steps are told at least so far apart, and at most about so many times a run: a chart shows no more, and a log is read whole. */
const leastMs = 500;
const reportsPerRun = 2000;

export class Pace {
  private started = 0;
  private made = 0;

  /** `left`: steps of the run still to make. */
  constructor(
    private readonly left: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** One more step was made. */
  count(): void {
    if (this.made++ === 0) this.started = this.now();
  }

  /** Takes out work between steps, in ms. */
  pause(ms: number): void {
    this.started += ms;
  }

  /** Null while unknown. */
  secondsLeft(): number | null {
    const perStep = this.perStepMs();
    return perStep === undefined ? null : ((this.left - this.made) * perStep) / 1000;
  }

  /** The time to leave between two reports. */
  reportMs(): number {
    return Math.max(leastMs, (this.left * (this.perStepMs() ?? 0)) / reportsPerRun);
  }

  private perStepMs(): number | undefined {
    return this.made < 2 ? undefined : (this.now() - this.started) / (this.made - 1);
  }
}
