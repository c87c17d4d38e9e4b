// The folders that a dataset's files lie in, as few as say it: what a page that shows them may read, and nothing beside.
import { dirname, parse, sep } from 'node:path';
import { readIndex } from './indexFile.ts';

/** More folders than this are told by those above them. */
const mostFolders = 64;

/** Absolute, none inside another, never the root of a disk. Throws `missing-database` before the first update. */
export function mediaFolders(workspace: string, dataset: string): Promise<string[]> {
  return readIndex(
    workspace,
    async (database) => {
      const own = 'class IN (SELECT id FROM classes WHERE dataset = $dataset)';
      // What the first and the last name have in common, all between them have.
      const classes = await database.all<{ class: number; first: string; last: string }>(
        `SELECT class, min(file) AS first, max(file) AS last FROM samples WHERE ${own} GROUP BY class`,
        { dataset },
      );
      const folders = new Set<string>();
      for (const { class: id, first, last } of classes) {
        const common = commonFolder(dirname(first), dirname(last));
        if (!isRoot(common)) folders.add(common);
        else
          for (const { file } of await database.all<{ file: string }>(
            'SELECT DISTINCT file FROM samples WHERE class = $id',
            { id },
          ))
            folders.add(dirname(file));
      }
      return fewest([...folders]);
    },
    { keep: 500 },
  );
}

/** Those that say all of `folders`: outermost ones, and above `most` the ones above them. */
export function fewest(folders: readonly string[], most = mostFolders): string[] {
  let kept = outermost(folders);
  while (kept.length > most) {
    const deepest = Math.max(...kept.map(depth));
    if (deepest <= 1) break;
    kept = outermost(kept.map((folder) => (depth(folder) === deepest ? dirname(folder) : folder)));
  }
  return kept;
}

function outermost(folders: readonly string[]): string[] {
  const all = new Set(folders.filter((folder) => !isRoot(folder)));
  return [...all].filter((folder) => {
    for (let above = dirname(folder); !isRoot(above); above = dirname(above)) if (all.has(above)) return false;
    return true;
  });
}

function commonFolder(one: string, other: string): string {
  let folder = one;
  while (!isRoot(folder) && other !== folder && !other.startsWith(folder + sep)) folder = dirname(folder);
  return folder;
}

function depth(folder: string): number {
  return folder.split(sep).length - 1;
}

function isRoot(folder: string): boolean {
  return dirname(folder) === folder || parse(folder).root === folder;
}
