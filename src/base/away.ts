// Whether a place of the disk is away: a disk that is not plugged in, a share that is not mounted. Where one would be mounted an
// empty folder is left, so that an empty folder counts as well.
import { opendir, stat } from 'node:fs/promises';
import { systemCode } from './errors.ts';

export interface Away {
  /** What is the matter, as the end of a sentence. */
  readonly why: string;
  /** There is a folder, with nothing in it. */
  readonly isEmpty: boolean;
}

/** Undefined where there is a file, or a folder with something in it, or what cannot be looked at: reading it says why. */
export async function ifAway(path: string): Promise<Away | undefined> {
  try {
    if (!(await stat(path)).isDirectory()) return undefined;
    for await (const _ of await opendir(path)) return undefined;
    return { why: `${path} is an empty folder`, isEmpty: true };
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    return { why: `${path} does not exist`, isEmpty: false };
  }
}
