// Finds samples of any dataset by their files, or by the names that lists have for them, a few at a time.
import { UserError } from '../base/errors.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { Database, SqlParams } from './duckdb.ts';
import { readIndex } from './indexFile.ts';

export interface FoundByName extends Sample {
  /** Left out of training and judging. */
  excluded: boolean;
  /** The dataset's folder or list, absolute. */
  root: string;
}

interface Row extends Omit<FoundByName, 'id' | 'frames'> {
  path: string;
  frames: string | null;
}

/**
 * The samples of these files (absolute paths), and those whose file or folder is called like one of `names`, with or without
 * its ending, or begins with a name of 11 characters as Kinetics' files do with an id. None before the first update, or
 * while another process holds the index.
 */
export async function findSamples(
  workspace: string,
  files: readonly string[],
  names: readonly string[],
): Promise<FoundByName[]> {
  if (files.length + names.length === 0) return [];
  try {
    return await readIndex(
      workspace,
      async (database) => [
        ...(await rows(database, 'file IN (SELECT unnest([$]))', files)),
        ...(await rows(
          database,
          names.some(isVideoId) ? `${stemIs} OR left(${stem}, 11) IN (SELECT unnest([$]))` : stemIs,
          names,
        )),
      ],
      { keep: 500, wait: 2000 },
    );
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

// Of the file: a sample's path may have the part of the file behind it.
const stem = "parse_filename(file, true, 'both_slash')";
const stemIs = `${stem} IN (SELECT unnest([$]))`;

/** `$` in the condition stands for the values. */
async function rows(database: Database, condition: string, values: readonly string[]): Promise<FoundByName[]> {
  if (values.length === 0) return [];
  const params: SqlParams = Object.fromEntries([...new Set(values)].map((value, index) => [`v${index}`, value]));
  const list = Object.keys(params).map((name) => `$${name}`);
  // By row numbers: else every column of all rows would be read.
  const found = await database.all<Row>(
    `SELECT path, file, start_second AS "start", end_second AS "end", frames, excluded, split, label, dataset, kind, root
     FROM samples JOIN classes ON id = class JOIN datasets ON name = dataset
     WHERE samples.rowid IN (SELECT rowid FROM samples WHERE ${condition.replaceAll('$', () => list.join(', '))})`,
    params,
  );
  return found.map(({ path, frames, ...row }) => {
    const sample = { ...row, id: `${row.dataset}/${path}` };
    return frames === null ? sample : { ...sample, frames: JSON.parse(frames) };
  });
}

/** As YouTube's are, with which Kinetics' files begin. */
export function isVideoId(name: string): boolean {
  return /^[\w-]{11}$/.test(name);
}
