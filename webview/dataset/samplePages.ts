// The samples under one set of filters, fetched a page at a time as they come into view. What left the view before it was
// answered is aborted, and pages far away are forgotten, so that a million samples need no more memory than a few hundred.
import { CancelledError } from '../../src/base/errors.ts';
import type { ShownListed } from '../../src/protocol/datasetView.ts';
import { type Failure, failureOf } from '../base/hooks.ts';

export const pageSize = 120;
const mostPages = 12;
/** While the view moves it asks no more often than this. */
const pauseMs = 60;

export type AskPage = (
  page: { offset: number; limit: number },
  signal: AbortSignal,
) => Promise<{ total: number; samples: ShownListed[] }>;

export class SamplePages {
  /** Unknown before the first answer. */
  total: number | undefined;
  failure: Failure | undefined;
  /** By number, those asked last at the end. */
  private readonly pages = new Map<number, ShownListed[]>();
  private readonly asked = new Map<number, AbortController>();
  /** Pages from before the index changed: shown until they are answered anew. */
  private readonly old = new Set<number>();
  private wanted: [number, number] = [0, 0];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(
    private readonly ask: AskPage,
    private readonly changed: () => void,
  ) {}

  at(index: number): ShownListed | undefined {
    return this.pages.get(Math.floor(index / pageSize))?.[index % pageSize];
  }

  /** Everything that is here now. */
  *known(): Iterable<ShownListed> {
    for (const page of this.pages.values()) yield* page;
  }

  /** Samples from `first` through `last` are in view. */
  want(first: number, last: number): void {
    this.wanted = [Math.floor(first / pageSize), Math.floor(Math.max(first, last) / pageSize)];
    for (const [page, controller] of this.asked)
      if (!this.isWanted(page)) {
        controller.abort();
        this.asked.delete(page);
      }
    if (this.total === undefined) {
      this.fetch();
      return;
    }
    if (this.isComplete()) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.fetch();
    }, pauseMs);
  }

  /** The index changed, or asking failed: what is in view is asked anew and shown as it was until then. */
  refresh(): void {
    this.failure = undefined;
    for (const controller of this.asked.values()) controller.abort();
    this.asked.clear();
    for (const page of this.pages.keys()) this.old.add(page);
    this.fetch();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    for (const controller of this.asked.values()) controller.abort();
    this.asked.clear();
  }

  private isWanted(page: number): boolean {
    return page >= this.wanted[0] && page <= this.wanted[1];
  }

  private isComplete(): boolean {
    for (let page = this.wanted[0]; page <= this.wanted[1]; page++)
      if (!this.pages.has(page) || this.old.has(page)) return false;
    return true;
  }

  private fetch(): void {
    if (this.closed) return;
    for (let page = this.wanted[0]; page <= this.wanted[1]; page++) {
      const has = this.pages.has(page) && !this.old.has(page);
      const isBeyond = this.total !== undefined && page > 0 && page * pageSize >= this.total && !this.old.has(page);
      if (!has && !isBeyond && !this.asked.has(page)) void this.fetchPage(page);
    }
  }

  private async fetchPage(page: number): Promise<void> {
    const controller = new AbortController();
    this.asked.set(page, controller);
    try {
      const { total, samples } = await this.ask({ offset: page * pageSize, limit: pageSize }, controller.signal);
      if (controller.signal.aborted) return;
      this.total = total;
      this.failure = undefined;
      this.pages.delete(page);
      this.pages.set(page, samples);
      this.old.delete(page);
      for (const far of this.pages.keys()) {
        if (this.pages.size <= mostPages) break;
        if (this.isWanted(far)) continue;
        this.pages.delete(far);
        this.old.delete(far);
      }
    } catch (error) {
      if (controller.signal.aborted || error instanceof CancelledError) return;
      this.failure = failureOf(error);
    } finally {
      if (this.asked.get(page) === controller) this.asked.delete(page);
    }
    this.changed();
  }
}
