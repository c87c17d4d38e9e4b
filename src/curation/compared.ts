// The samples that are compared: those of the index, with the state of their files and the part of them that is shown.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfAborted } from '../base/errors.ts';
import { readSamples } from '../data/datasetIndex.ts';
import { clipState, type FileState, stateOf } from '../data/fileState.ts';
import { FrameFolders } from '../data/frameFolders.ts';
import type { Sample } from '../protocol/datasets.ts';

export interface Compared extends FileState {
  readonly sample: Sample;
  /** Of the file and the part: equal for the same pixels of the same file. */
  readonly clip: string;
}

/**
 * All usable samples of the datasets, those apart whose files are not there any more. Only samples that take long to look at
 * count as progress.
 */
export async function comparedSamples(
  workspace: string,
  datasets: readonly string[],
  { signal, onProgress }: { signal?: AbortSignal | undefined; onProgress?: Progress } = {},
): Promise<{ compared: Compared[]; absent: Sample[] }> {
  const compared: Compared[] = [];
  const absent: Sample[] = [];
  const folders = new FrameFolders();
  for (const dataset of datasets) {
    const samples = await readSamples(workspace, dataset);
    for (const [index, sample] of samples.entries()) {
      if (index % 4096 === 0) await nextTurn();
      throwIfAborted(signal, 'Comparing');
      const { file, frames } = sample;
      const state = frames ? await clipState(file, frames, folders) : stateOf(sample);
      if (state) compared.push({ sample, ...state, clip: clipKey(sample) });
      else absent.push(sample);
      if (frames) onProgress?.(dataset, index + 1, samples.length);
    }
  }
  return { compared, absent };
}

type Progress = (dataset: string, done: number, total: number) => void;

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
