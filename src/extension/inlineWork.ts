// Finds out what the visible lines name and what a model says of them, and nothing else: whatever is no longer visible is not asked
// for, and what was asked for and is not wanted any more is cancelled. Pure: it knows neither editor nor processes.
import { CancelledError } from '../base/errors.ts';
import type { InlineLine, InlineModel } from '../protocol/inline.ts';
import type { Known } from './inlineText.ts';
import type { RunnerParams, RunnerResult } from './runners.ts';

/** A line that is visible now. */
export interface Wanted {
  /** Absolute path. */
  document: string;
  /** Of what the line says, wherever it stands. */
  key: string;
  line: InlineLine;
}

export interface InlineWorkOptions {
  /** What is visible now, the most wanted first. Asked often: it must cost little. */
  wanted(): readonly Wanted[];
  look(document: string, lines: InlineLine[], signal: AbortSignal): Promise<RunnerResult<'inline/lines'>>;
  predict(
    run: string,
    clips: RunnerParams<'inline/predict'>['clips'],
    signal: AbortSignal,
  ): Promise<RunnerResult<'inline/predict'>>;
  /** Something new is known. */
  changed(): void;
  /** Told once; nothing more is asked until `clear`. */
  failed(error: unknown): void;
}

/** Lines looked up at once, of one document. */
const mostLines = 200;
/** Clips predicted at once: few, so that what is scrolled to next does not wait. */
const mostClips = 4;
/** Lines that are remembered: the oldest are forgotten, and looked up again when they are visible again. */
const mostKnown = 20_000;

export class InlineWork {
  /** What asks the model of every line; undefined before the first answer, null where there is none. */
  model: InlineModel | null | undefined;
  /** null: the line names nothing that is there. */
  private readonly known = new Map<string, Known | null>();
  /** Of what is known: it was not found out since `renew`. */
  private readonly stale = new Set<string>();
  private readonly looking: Pump<Wanted>;
  private readonly predicting: Pump<Wanted>;

  constructor(private readonly options: InlineWorkOptions) {
    const failed = (error: unknown) => options.failed(error);
    this.looking = new Pump({
      next: () => this.unknown(),
      work: (items, signal) => this.look(items, signal),
      isWanted: (items) => this.isWanted(items),
      failed,
    });
    this.predicting = new Pump({
      next: () => this.unpredicted(),
      work: (items, signal) => this.predict(items, signal),
      isWanted: (items) => this.isWanted(items),
      failed,
    });
  }

  get(document: string, key: string): Known | null | undefined {
    return this.known.get(idOf(document, key));
  }

  /** What is visible has changed, or may have. */
  poke(): void {
    this.looking.poke();
    this.predicting.poke();
  }

  /** Forgets everything: another model, other settings. What was predicted is on the disk. */
  clear(): void {
    this.known.clear();
    this.stale.clear();
    this.model = undefined;
    this.looking.reset();
    this.predicting.reset();
  }

  /** The datasets changed: finds everything out again, and shows what was known until then. */
  renew(): void {
    if (!this.model) this.model = undefined; // perhaps there is one by now
    for (const id of this.known.keys()) this.stale.add(id);
    this.looking.reset();
    this.predicting.reset();
  }

  dispose(): void {
    this.looking.dispose();
    this.predicting.dispose();
  }

  private isWanted(items: readonly Wanted[]): boolean {
    const wanted = new Set(this.options.wanted().map(({ document, key }) => idOf(document, key)));
    return items.some(({ document, key }) => wanted.has(idOf(document, key)));
  }

  private unknown(): Wanted[] {
    if (this.model === null) return [];
    const all = this.options.wanted().filter(({ document, key }) => {
      const id = idOf(document, key);
      return !this.known.has(id) || this.stale.has(id);
    });
    return all.filter(({ document }) => document === all[0]!.document).slice(0, mostLines);
  }

  /** One line for each clip. */
  private unpredicted(): Wanted[] {
    if (!this.model) return [];
    const lines = new Map<string, Wanted>();
    for (const each of this.options.wanted()) {
      const known = this.get(each.document, each.key);
      if (known && isOpen(known) && !lines.has(clipKey(known))) lines.set(clipKey(known), each);
      if (lines.size === mostClips) break;
    }
    return [...lines.values()];
  }

  private async look(items: readonly Wanted[], signal: AbortSignal): Promise<void> {
    const { document } = items[0]!;
    const lines = items.map(({ line }) => line);
    const answer = await this.options.look(document, lines, signal);
    if (signal.aborted) return;
    if (this.model && answer.model?.digest !== this.model.digest) this.known.clear();
    this.model = answer.model;
    items.forEach(({ key }, index) => {
      const found = answer.lines[index];
      this.keep(idOf(document, key), found ? { ...found, failure: null } : null);
    });
    this.options.changed();
    this.predicting.poke();
  }

  private async predict(items: readonly Wanted[], signal: AbortSignal): Promise<void> {
    const { model } = this;
    const asked = items.flatMap(({ document, key }) => this.get(document, key) ?? []);
    if (!model || asked.length === 0) return;
    const said = await this.options.predict(
      model.run,
      asked.map(({ clip }) => clip),
      signal,
    );
    if (signal.aborted) return;
    const results = new Map(asked.map((known, index) => [clipKey(known), said[index]]));
    // All lines that name the clip hear of it, those that came to be visible meanwhile too.
    for (const { document, key } of [...items, ...this.options.wanted()]) {
      const known = this.get(document, key);
      if (!known || !isOpen(known) || !results.has(clipKey(known))) continue;
      const { heads = null, failure = null } = results.get(clipKey(known)) ?? {};
      this.known.set(idOf(document, key), { ...known, heads, failure: heads ? null : (failure ?? '') });
    }
    this.options.changed();
  }

  private keep(id: string, known: Known | null): void {
    this.known.set(id, known);
    this.stale.delete(id);
    if (this.known.size <= mostKnown) return;
    for (const oldest of this.known.keys()) {
      this.known.delete(oldest);
      this.stale.delete(oldest);
      if (this.known.size <= mostKnown * 0.9) return;
    }
  }
}

function isOpen({ heads, failure }: Known): boolean {
  return heads === null && failure === null;
}

function clipKey({ clip }: Known): string {
  return `${clip.file}\n${clip.start} ${clip.end} ${clip.frames?.first} ${clip.frames?.count}`;
}

function idOf(document: string, key: string): string {
  return `${document}\n${key}`;
}

interface PumpOptions<T> {
  /** What to do next; nothing: wait to be poked. */
  next(): T[];
  work(items: readonly T[], signal: AbortSignal): Promise<void>;
  isWanted(items: readonly T[]): boolean;
  failed(error: unknown): void;
}

/** Does one batch after the other for as long as there is something to do. */
class Pump<T> {
  private current: { items: T[]; controller: AbortController } | undefined;
  private isStopped = false;

  constructor(private readonly options: PumpOptions<T>) {}

  poke(): void {
    if (this.isStopped) return;
    if (!this.current) void this.run();
    else if (!this.options.isWanted(this.current.items)) this.current.controller.abort();
  }

  reset(): void {
    this.isStopped = false;
    this.current?.controller.abort();
  }

  dispose(): void {
    this.isStopped = true;
    this.current?.controller.abort();
  }

  private async run(): Promise<void> {
    for (let items = this.options.next(); items.length > 0 && !this.isStopped; items = this.options.next()) {
      const controller = new AbortController();
      this.current = { items, controller };
      try {
        await this.options.work(items, controller.signal);
      } catch (error) {
        if (!controller.signal.aborted && !(error instanceof CancelledError)) {
          this.isStopped = true;
          this.options.failed(error);
        }
      } finally {
        this.current = undefined;
      }
    }
  }
}
