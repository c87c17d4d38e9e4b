// The samples that are compared: those of the index, with the state of their files and the part of them that is shown.
import { statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfAborted } from '../base/errors.ts';
import { readSamples } from '../data/datasetIndex.ts';
import type { Sample } from '../protocol/datasets.ts';

export interface Compared {
  readonly sample: Sample;
  /** Bytes (of a folder: its frames) and milliseconds. */
  readonly size: number;
  readonly mtime: number;
  /** Of the file and the part: equal for the same pixels of the same file. */
  readonly clip: string;
}

/** All usable samples of the datasets whose files are still there. */
export async function comparedSamples(
  workspace: string,
  datasets: readonly string[],
  signal?: AbortSignal,
): Promise<Compared[]> {
  const all: Compared[] = [];
  for (const dataset of datasets) {
    for (const sample of await readSamples(workspace, dataset)) {
      if (all.length % 4096 === 0) {
        await nextTurn();
        throwIfAborted(signal, 'Comparing');
      }
      const state = stateOf(sample);
      if (state) all.push({ sample, ...state, clip: clipKey(sample) });
    }
  }
  return all;
}

/** Size and time by which a change of a sample's file is seen; undefined where it is gone. */
export function stateOf({ file, frames }: Sample): { size: number; mtime: number } | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  return found && { size: frames ? frames.count : found.size, mtime: found.mtimeMs };
}

function clipKey({ file, start, end, frames, kind }: Sample): string {
  return start === null && end === null && !frames
    ? `${kind}\0${file}`
    : JSON.stringify([kind, file, start, end, frames]);
}

/** A stretch of seconds or frames; an end that is not given is open. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

export function partOfFile({ start, end, frames }: Sample): Stretch {
  if (frames) return { start: frames.first, end: frames.first + frames.count };
  return { start: start ?? 0, end: end ?? Number.POSITIVE_INFINITY };
}

export function overlap(a: Stretch, b: Stretch): boolean {
  return a.start < b.end && b.start < a.end;
}
