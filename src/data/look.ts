// Looks at the files that a dataset names: whether each is there and has something in it, its size and time, and what is
// in a folder of frames. On a disk at hand one file after the other is fastest by far; over a network many at once are.
import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemCode, throwIfAborted } from '../base/errors.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { Problem } from '../protocol/events.ts';
import { count, type FoundSample, failure, readingFailed, warning } from './entries.ts';
import { FrameFolders } from './frameFolders.ts';
import type { ProblemList } from './problemList.ts';

/** What was seen of a sample that can be used. `size` in bytes (of a folder: all frames in it), `mtime` in milliseconds. */
export interface Seen {
  sample: FoundSample;
  size: number;
  mtime: number;
  frames?: Sample['frames'];
  /** Left out by an edit. */
  excluded?: true;
  /** The class that the dataset gives it, where an edit gives it another. */
  was?: string;
}

export interface LookOptions {
  /** The dataset's path, which is to blame for what a line of it names. */
  root: string;
  /** Frames a second of folders of frames, where the dataset says it. */
  frameRate?: number | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
  /** Shared by the calls of one scan: they learn from each other how the disk answers. */
  pace?: Pace;
  /** Shared likewise: what was read of folders of frames. */
  folders?: FrameFolders;
}

type LookContext = Pick<LookOptions, 'root' | 'frameRate'> & { folders: FrameFolders };

/** Whether files are looked at one after the other, or many at once. */
export class Pace {
  private slow = 0;
  private wait = 0;

  /** True while the disk answers slowly; now and then it is tried anew, since it may just have been busy. */
  manyAtOnce(): boolean {
    if (this.wait > 0) this.wait--;
    return this.wait > 0;
  }

  /** One after the other, `files` took so many milliseconds. Two slow batches in a row are no accident. */
  took(files: number, milliseconds: number): void {
    const isSlow = milliseconds > Math.max(5, (slowBatch * files) / together);
    this.slow = isSlow ? this.slow + 1 : 0;
    if (this.slow >= 2) this.wait = retryAfter;
  }
}

const together = 256;
/** A whole batch that takes longer, in milliseconds, comes from a disk that answers slowly: then all are asked at once. */
const slowBatch = 50;
/** Batches after which one after the other is tried again. */
const retryAfter = 100;

/** Where it goes what is wrong with files: those that a list names and that are not there are told apart. */
export interface LookProblems {
  looking: ProblemList;
  missing: ProblemList;
}

/** The usable samples, in their order; problems go to `problems`. Throws only when aborted. */
export async function lookAtFiles(
  found: readonly FoundSample[],
  { looking, missing }: LookProblems,
  { root, frameRate, signal, onProgress, pace = new Pace(), folders = new FrameFolders() }: LookOptions,
): Promise<Seen[]> {
  const usable: Seen[] = [];
  for (let start = 0; start < found.length; start += together) {
    throwIfAborted(signal, 'Indexing');
    const batch = found.slice(start, start + together);
    const began = performance.now();
    const wholeFiles = !pace.manyAtOnce() && batch.every(({ frames }) => frames === undefined);
    const looks = wholeFiles
      ? batch.map((one) => lookNow(one, root))
      : await Promise.all(batch.map((one) => look(one, { root, frameRate, folders })));
    if (wholeFiles) pace.took(batch.length, performance.now() - began);
    for (const seen of looks) {
      if (seen.problem) (seen.isMissing ? missing : looking).add(seen.problem);
      if (seen.seen) usable.push(seen.seen);
    }
    onProgress?.(start + batch.length, found.length);
    if (wholeFiles) await nextTurn();
  }
  return usable;
}

type Look = { seen?: Seen; problem?: Problem; isMissing?: boolean };
type Facts = { isFile(): boolean; isDirectory(): boolean; size: number; mtimeMs: number };

function lookNow(sample: FoundSample, root: string): Look {
  try {
    return judge(sample, root, statSync(sample.file));
  } catch (error) {
    return unreadable(sample, root, error);
  }
}

async function look(sample: FoundSample, context: LookContext): Promise<Look> {
  const { root } = context;
  try {
    const facts = await stat(sample.file);
    return sample.frames ? await lookAtFrames(sample, facts, context) : judge(sample, root, facts);
  } catch (error) {
    return unreadable(sample, root, error);
  }
}

function judge(sample: FoundSample, root: string, facts: Facts): Look {
  if (!facts.isFile()) return blame(sample, root, 'is not a file');
  if (facts.size === 0) return blame(sample, root, 'is empty (0 bytes)');
  return { seen: { sample, size: facts.size, mtime: facts.mtimeMs } };
}

function unreadable(sample: FoundSample, root: string, error: unknown): Look {
  const code = systemCode(error);
  const isMissing = sample.line !== undefined && (code === 'ENOENT' || code === 'ENOTDIR');
  return { ...blame(sample, root, `cannot be read: ${readingFailed(error)}`), isMissing };
}

/** A list's line is to blame, or else the file itself. */
function blame({ path, file, line, list }: FoundSample, root: string, what: string): Look {
  return failure(line === undefined ? file : (list ?? root), `"${path}" ${what}; it is left out.`, line);
}

async function lookAtFrames(
  sample: FoundSample,
  facts: Facts,
  { root, frameRate, folders }: LookContext,
): Promise<Look> {
  if (!facts.isDirectory()) return blame(sample, root, 'is not a folder of frames');
  const found = await folders.read(sample.file, facts.mtimeMs);
  if (!found) return blame(sample, root, 'has no numbered images such as img_00001.jpg');
  const { pattern, numbers } = found;
  const asked = sample.frames!;
  const first = asked.first ?? numbers.first;
  const last = asked.count === undefined ? numbers.last : first + asked.count - 1;
  const inside = numbers.between(first, last);
  if (!inside) return blame(sample, root, `has no frame from ${first} to ${last}`);
  const told = frameRate ?? asked.rate;
  const length = inside.last - inside.first + 1;
  const frames = { pattern, first: inside.first, count: length, ...(told !== undefined && { rate: told }) };
  const seen: Seen = { sample, size: numbers.count, mtime: facts.mtimeMs, frames };
  const missing = last - first + 1 - inside.count;
  if (missing <= 0) return { seen };
  const { file, line, list, path } = sample;
  const place = line === undefined ? file : (list ?? root);
  const message = `"${path}" has ${inside.count} of ${count(last - first + 1, 'frame')}; what is there is used.`;
  return { seen, ...warning(place, message, line) };
}
