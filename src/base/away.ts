// Whether a place of the disk is away: a disk that is not plugged in, a share that is not mounted. Where one would be mounted an
// empty folder is left, so that an empty folder counts as well.
import { opendir, stat } from 'node:fs/promises';
import { systemCode } from './errors.ts';

/** What is the matter with `path`, as the end of a sentence; undefined where there is a file, or a folder with something in it. */
export async function whyAway(path: string): Promise<string | undefined> {
  try {
    const folder = await opendir(path);
    try {
      return (await folder.read()) === null ? `${path} is an empty folder` : undefined;
    } finally {
      await folder.close();
    }
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return `${path} does not exist`;
    if (code !== 'ENOTDIR') return undefined; // whatever it is, reading will say it
    // A file itself, or something below one.
    return (await isThere(path)) ? undefined : `${path} does not exist`;
  }
}

/** Whether there is anything at `path`. */
export function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
