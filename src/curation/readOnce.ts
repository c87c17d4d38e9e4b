// Reads something of many files, many at a time, and keeps it as it comes: what was read before and has not changed is not
// read again, and work that was killed in the middle goes on where it stood.
import { availableParallelism } from 'node:os';
import { throwIfAborted } from '../base/errors.ts';

/** What is read, and the state of its file by which a change is seen. */
export interface Wanted {
  readonly key: string;
  readonly size: number;
  readonly mtime: number;
}

export interface Known<V> {
  readonly size: number;
  readonly mtime: number;
  readonly value: V;
}

export interface ReadOnceOptions<W extends Wanted, V> {
  wanted: readonly W[];
  known: ReadonlyMap<string, Known<V>>;
  /** Undefined where the file cannot be read, which is not kept: it is tried again another time. */
  read(wanted: W, signal: AbortSignal | undefined): Promise<V | undefined>;
  /** Keeps what was read; called now and then, and at the end, however that comes. */
  keep(entries: readonly { wanted: W; value: V }[]): Promise<void>;
  onProgress?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** What is read is kept after so many milliseconds, or so many files. */
const keepMs = 5000;
const keepFiles = 2000;

/** Everything wanted that could be read, by key. Only what has to be read counts as progress. */
export async function readOnce<W extends Wanted, V>(options: ReadOnceOptions<W, V>): Promise<Map<string, V>> {
  const { wanted, known, read, keep, onProgress, signal } = options;
  const values = new Map<string, V>();
  const missing: W[] = [];
  for (const one of wanted) {
    const before = known.get(one.key);
    if (before && before.size === one.size && before.mtime === one.mtime) values.set(one.key, before.value);
    else missing.push(one);
  }
  let fresh: { wanted: W; value: V }[] = [];
  let kept = Date.now();
  let keeping = Promise.resolve();
  const flush = () => {
    const entries = fresh;
    fresh = [];
    kept = Date.now();
    keeping = keeping.then(() => (entries.length > 0 ? keep(entries) : undefined));
    return keeping;
  };
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      throwIfAborted(signal, 'Comparing');
      const one = missing[next++];
      if (!one) return;
      const value = await read(one, signal);
      if (value !== undefined) {
        values.set(one.key, value);
        fresh.push({ wanted: one, value });
      }
      onProgress?.(++done, missing.length);
      if (fresh.length >= keepFiles || (fresh.length > 0 && Date.now() - kept > keepMs)) await flush();
    }
  };
  // More than cores: while one waits for the disk, another computes. The decoder limits itself.
  const workers = Array.from({ length: availableParallelism() * 2 }, work);
  try {
    await Promise.all(workers);
  } finally {
    next = missing.length; // where one failed, the others end after their file
    await Promise.allSettled(workers);
    await flush();
  }
  return values;
}
