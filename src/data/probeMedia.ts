// Asks the files of the samples what they are: length, size, rate, codec. Several at once; what is known is stored every few
// seconds, so that a run that is stopped or killed is gone on with, and a file that is as it was is never asked again.
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { CancelledError, messageOf, throwIfAborted, UserError } from '../base/errors.ts';
import type { MediaFacts } from '../protocol/datasets.ts';
import type { Database } from './duckdb.ts';
import { readIndex, writeIndex } from './indexFile.ts';
import {
  type PendingFile,
  type ProbedFile,
  pendingClasses,
  pendingFiles,
  storeProbed,
  summariseMedia,
} from './mediaTable.ts';

/** Rejects with UserError for a file that cannot be read, with CancelledError where it was stopped. */
export type Probe = (
  file: { file: string; kind: 'video' | 'image'; frames?: { pattern: string; first: number } | undefined },
  signal?: AbortSignal,
) => Promise<MediaFacts>;

export interface ProbeOptions {
  signal?: AbortSignal | undefined;
  /** Samples whose files are known now, of those whose files were not. */
  onProgress?: ((done: number, total: number) => void) | undefined;
  /** Files asked at once. Default: the number of cores. */
  atOnce?: number;
  /** Milliseconds of work that a killed process may lose. */
  storeEvery?: number;
}

/** Classes are taken together up to so many samples. */
const mostPending = 4096;

/**
 * Probes every file of the index that is not known yet; call it after `updateIndex`. Files that cannot be read become
 * problems. Throws UserError where the index cannot be written, and CancelledError with what is known stored.
 */
export async function probeMedia(workspace: string, probe: Probe, options: ProbeOptions = {}): Promise<void> {
  const { signal, onProgress, atOnce = availableParallelism(), storeEvery = 5000 } = options;
  const classes = await readIndex(workspace, pendingClasses, { signal });
  const total = classes.reduce((sum, { samples }) => sum + samples, 0);
  if (total === 0) return;
  const results = new Results(workspace, storeEvery);
  try {
    for (let done = 0, next = 0; next < classes.length; ) {
      const first = classes[next]!.id;
      let samples = 0;
      for (; next < classes.length && samples < mostPending; next++) samples += classes[next]!.samples;
      const last = classes[next - 1]!.id;
      const pending = await readIndex(workspace, (database) => pendingFiles(database, first, last));
      let asked = 0;
      const work = async () => {
        while (asked < pending.length) {
          throwIfAborted(signal, 'Probing');
          const file = pending[asked++]!;
          const result = await probeOne(probe, file, signal);
          if (result) await results.add(result);
          onProgress?.(Math.min(++done, total), total);
        }
      };
      await allSettled(Array.from({ length: atOnce }, work));
      // Samples that share a file were probed with it.
      done += samples - pending.length;
      onProgress?.(done, total);
    }
  } finally {
    await results.finish();
  }
}

/** Stores results now and then. */
class Results {
  private waiting: ProbedFile[] = [];
  private stored = Date.now();

  constructor(
    private readonly workspace: string,
    private readonly every: number,
  ) {}

  async add(result: ProbedFile): Promise<void> {
    if (Date.now() - this.stored >= this.every) await this.store(storeProbed);
    // After storing: while anything is probed, the last of it waits for `finish`.
    this.waiting.push(result);
  }

  /** With the summaries in one: else a process killed in between would leave old ones, and nothing to probe. */
  async finish(): Promise<void> {
    await this.store(async (database, some) => {
      await storeProbed(database, some);
      await summariseMedia(database);
    });
  }

  private async store(write: (database: Database, some: readonly ProbedFile[]) => Promise<void>): Promise<void> {
    const some = this.waiting;
    this.waiting = [];
    this.stored = Date.now();
    if (some.length > 0) await writeIndex(this.workspace, (database) => write(database, some));
  }
}

/** Undefined where the file is not there: what is kept of a file says that it cannot be read, and not where it is. */
async function probeOne(
  probe: Probe,
  pending: PendingFile,
  signal: AbortSignal | undefined,
): Promise<ProbedFile | undefined> {
  const { file, kind, frames } = pending;
  if (!(await isThere(file))) return undefined;
  try {
    return { ...pending, facts: await probe({ file, kind, frames: frames ?? undefined }, signal), failure: undefined };
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    if (!(await isThere(file))) return undefined; // went while it was asked
    const failure = error instanceof UserError ? error.message : `${file} could not be read: ${messageOf(error)}.`;
    return { ...pending, facts: undefined, failure };
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Waits for all, then throws what one of them threw: nothing is under way any more when this ends. */
async function allSettled(works: readonly Promise<void>[]): Promise<void> {
  for (const one of await Promise.allSettled(works)) if (one.status === 'rejected') throw one.reason;
}
