// The text that the Datasets tree is filtered by, while it is typed: a change stops the search before it, and what was typed last
// is what is shown, however many changes came before and whatever order their answers come in. Pure: it knows no editor.
import type { RunnerResult } from './runners.ts';

export type MatchCounts = RunnerResult<'curation/matchCounts'>;

/** What is shown: the text, and how many samples of each dataset and split have it in their path. */
export interface Filtered {
  text: string;
  counts: MatchCounts;
}

export class SampleFilter {
  private current: Filtered | undefined;
  private wanted = '';
  private running: { text: string; controller: AbortController } | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** `search` counts; `show` is told what to show, undefined for everything; `failed` of a search that failed. */
  constructor(
    private readonly search: (text: string, signal: AbortSignal) => Promise<MatchCounts>,
    private readonly show: (filtered: Filtered | undefined) => void,
    private readonly failed: (error: unknown) => void,
    /** Milliseconds without a change after which it is searched. */
    private readonly quietMs = 120,
  ) {}

  get filtered(): Filtered | undefined {
    return this.current;
  }

  /** What was typed last, shown or not yet. */
  get text(): string {
    return this.wanted;
  }

  /** The text is another now. Empty shows everything, at once. */
  set(text: string): void {
    this.wanted = text.trim();
    this.running?.controller.abort();
    this.running = undefined;
    clearTimeout(this.timer);
    if (this.wanted === '') {
      const isNew = this.current !== undefined;
      this.current = undefined;
      if (isNew) this.show(undefined);
    } else if (this.wanted !== this.current?.text) this.timer = setTimeout(() => void this.run(), this.quietMs);
  }

  /** The samples may be others now: counts again. */
  async again(): Promise<void> {
    if (this.wanted === '') return;
    this.running?.controller.abort();
    clearTimeout(this.timer);
    await this.run();
  }

  dispose(): void {
    this.running?.controller.abort();
    clearTimeout(this.timer);
  }

  private async run(): Promise<void> {
    const running = { text: this.wanted, controller: new AbortController() };
    this.running = running;
    try {
      const counts = await this.search(running.text, running.controller.signal);
      if (this.running !== running) return;
      this.current = { text: running.text, counts };
      this.show(this.current);
    } catch (error) {
      if (this.running === running) this.failed(error);
    } finally {
      if (this.running === running) this.running = undefined;
    }
  }
}
