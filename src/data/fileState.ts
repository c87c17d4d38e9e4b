// By what it is seen that a sample's file was changed: its size and time. Of a folder of frames they are those of its frames, since
// frames that are made anew in place change neither the folder's time nor how many there are.
import { type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { frameName } from '../base/frameNames.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { FrameFolders } from './frameFolders.ts';

export interface FileState {
  /** Bytes; of a folder those of its frames. */
  readonly size: number;
  /** Milliseconds; of a folder the latest, its own or of its frames. */
  readonly mtime: number;
}

/**
 * What is seen at once; undefined where the file is gone. Of a folder three frames are looked at, at its ends and in its middle: who
 * makes frames anew makes them all, and it is asked too often to look at every one.
 */
export function stateOf({ file, frames }: Pick<Sample, 'file' | 'frames'>): FileState | undefined {
  const found = lookNow(file);
  if (!found || !frames) return found && { size: found.size, mtime: found.mtimeMs };
  const { pattern, first, count } = frames;
  const places = [0, Math.floor(count / 2), count - 1];
  const seen = places.map((place) => lookNow(join(file, frameName(pattern, first + place))));
  return folderState(found, seen);
}

/** Frames that are looked at at once. */
const atOnce = 64;

/** The same with every frame of a clip, for what is kept of its content. */
export async function clipState(
  file: string,
  frames: NonNullable<Sample['frames']>,
  folders: FrameFolders,
): Promise<FileState | undefined> {
  const folder = await lookAt(file);
  const files = folder && (await folders.filesOf(file, frames, folder.mtimeMs).catch(() => undefined));
  if (!files) return undefined;
  const seen: (Stats | undefined)[] = [];
  for (let start = 0; start < files.length; start += atOnce)
    seen.push(...(await Promise.all(files.slice(start, start + atOnce).map(lookAt))));
  return folderState(folder, seen);
}

function folderState({ mtimeMs }: Stats, frames: readonly (Stats | undefined)[]): FileState {
  const state = { size: 0, mtime: mtimeMs };
  for (const frame of frames) {
    if (!frame) continue; // a gap in the numbers
    state.size += frame.size;
    state.mtime = Math.max(state.mtime, frame.mtimeMs);
  }
  return state;
}

function lookNow(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // it may not be read, as if it were not there
  }
}

function lookAt(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined);
}
