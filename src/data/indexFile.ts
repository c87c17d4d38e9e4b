// The index file: where it lies, its tables, its version, and how rows go in. What stands in it can always be made
// again from the datasets, except problems that decoding found; so a file that cannot be used is simply replaced.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { unwritable } from '../base/atomicFile.ts';
import { systemCode, UserError } from '../base/errors.ts';
import type { Problem } from '../protocol/events.ts';
import { closeReader, type Database, type OpenOptions, type SqlValue, withDatabase } from './duckdb.ts';

/** Raise it with every change of the tables: older files are then rebuilt. */
const version = 6;

/** The tables of samples, which a scan that is under way has as well (`staging.ts`). */
export const sampleTables = `
  CREATE TABLE meta (version INTEGER);
  -- All samples of one label in one split: what is compared and replaced as one. \`rows\` counts excluded ones too,
  -- \`relabelled\` those of the used ones that an edit moved here.
  CREATE TABLE classes (
    id INTEGER, dataset VARCHAR, split VARCHAR, label VARCHAR, samples INTEGER, rows INTEGER, relabelled INTEGER,
    fingerprint VARCHAR
  );
  -- \`position\` counts within the class, excluded samples last, so that a page is a range of numbers. \`was\` is the
  -- dataset's own label, where an edit gives another.
  CREATE TABLE samples (
    class INTEGER, position INTEGER, path VARCHAR, file VARCHAR, start_second DOUBLE, end_second DOUBLE, frames VARCHAR,
    size BIGINT, mtime DOUBLE, excluded BOOLEAN, was VARCHAR
  );
  INSERT INTO meta VALUES (${version});
`;

/**
 * What files say of themselves (`probeMedia.ts`), by the file and the state it was in: it outlives that samples are stored
 * again. `key` is the MD5 of the name, as a number, which is found among a million in no time.
 */
const mediaTables = `
  CREATE TABLE media (
    key UBIGINT, file VARCHAR, size BIGINT, mtime DOUBLE, codec VARCHAR, width INTEGER, height INTEGER, rotation INTEGER,
    duration DOUBLE, rate DOUBLE, failure VARCHAR
  );
  CREATE TABLE media_summaries (dataset VARCHAR, summary VARCHAR);
`;

const tables = `
  ${sampleTables}
  ${mediaTables}
  CREATE TABLE datasets (name VARCHAR, position INTEGER, kind VARCHAR, root VARCHAR, fingerprint VARCHAR);
  -- Of single samples, by the path in the id, a row a tag. Samples are not stored anew for them.
  CREATE TABLE tags (dataset VARCHAR, path VARCHAR, tag VARCHAR);
  CREATE TABLE expected (dataset VARCHAR, split VARCHAR, samples INTEGER);
  CREATE TABLE problems (
    source VARCHAR, dataset VARCHAR, position INTEGER, severity VARCHAR, file VARCHAR, line INTEGER, col INTEGER,
    length INTEGER, message VARCHAR, size BIGINT, mtime DOUBLE
  );
`;

/**
 * Where a problem was found: by scanning a dataset, by decoding or probing one of its files, in the file of edits, or in the
 * index file itself. Scanning replaces its own and those of edits; decoding's and probing's stay until the file changes; the
 * index's are told once.
 */
export type ProblemSource = 'scan' | 'decode' | 'probe' | 'edits' | 'index';

export function indexFile(workspace: string): string {
  return join(resolve(workspace), '.cover', 'index.duckdb');
}

/** Reads from the index. Throws `damaged-database` where it is unusable, `missing-database` where it is not there. */
export function readIndex<T>(
  workspace: string,
  use: (database: Database) => Promise<T>,
  options?: OpenOptions,
): Promise<T> {
  const file = indexFile(workspace);
  return withDatabase(
    file,
    'read',
    async (database) => {
      await checkVersion(database, file);
      return use(database);
    },
    options,
  );
}

/** Changes the index in one transaction, after `prepare`; makes the file, and `.cover`, if missing. */
export async function writeIndex(
  workspace: string,
  change: (database: Database) => Promise<void>,
  { prepare, ...options }: OpenOptions & { prepare?: (database: Database) => Promise<void> } = {},
): Promise<void> {
  const file = indexFile(workspace);
  await makeCoverFolder(workspace);
  await withDatabase(
    file,
    'write',
    async (database) => {
      const [row] = await database.all<{ tables: number }>('SELECT count(*) AS tables FROM duckdb_tables()');
      if (row?.tables === 0) await database.run(tables);
      else await checkVersion(database, file);
      await prepare?.(database);
      await database.run('BEGIN TRANSACTION');
      await change(database);
      await database.run('COMMIT');
    },
    options,
  );
}

/** Removes the index file, so that the next write starts afresh. */
export async function removeIndex(workspace: string): Promise<void> {
  const file = indexFile(workspace);
  try {
    await removeDatabase(file);
  } catch (error) {
    throw unwritable('database-unwritable', error, file);
  }
}

/** Removes a database file and what DuckDB keeps beside it. */
export async function removeDatabase(file: string): Promise<void> {
  closeReader(file);
  await rm(file, { force: true });
  await rm(`${file}.wal`, { force: true });
}

/** Throws `damaged-database` where the tables are another version's, or none of ours. */
export async function checkVersion(database: Database, file: string): Promise<void> {
  const known = await database.all<{ version: number }>('SELECT version FROM meta').catch(() => []);
  if (known[0]?.version !== version)
    throw new UserError(
      'damaged-database',
      `${file} was made by another version of this program. Update the index: it is made again from the datasets.`,
      file,
    );
}

/** `.cover` in a workspace, told to Git as not to be kept. Throws UserError where it cannot be made. */
export async function makeCoverFolder(workspace: string): Promise<string> {
  const folder = join(resolve(workspace), '.cover');
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, '.gitignore'), '*\n', { flag: 'wx' });
  } catch (error) {
    if (systemCode(error) === 'EEXIST' && (error as { syscall?: string }).syscall === 'open') return folder;
    throw systemCode(error) === 'EEXIST'
      ? new UserError(
          'database-unwritable',
          `${folder} must be a folder, but a file stands there. Move it away.`,
          folder,
        )
      : unwritable('database-unwritable', error, folder);
  }
  return folder;
}

/** A problem with the state its file had (bytes, milliseconds), which tells later whether it still holds. */
export interface KeptProblem {
  problem: Problem;
  size: number | null;
  mtime: number | null;
}

export async function storeProblems(
  database: Database,
  source: ProblemSource,
  problems: readonly KeptProblem[],
): Promise<void> {
  const column = (value: (kept: KeptProblem, index: number) => SqlValue) => problems.map(value);
  await database.append('problems', {
    source: column(() => source),
    dataset: column(({ problem }) => problem.dataset ?? null),
    position: column((_, index) => index),
    severity: column(({ problem }) => problem.severity),
    file: column(({ problem }) => problem.file),
    line: column(({ problem }) => problem.line ?? null),
    col: column(({ problem }) => problem.column ?? null),
    length: column(({ problem }) => problem.length ?? null),
    message: column(({ problem }) => problem.message),
    size: column(({ size }) => size),
    mtime: column(({ mtime }) => mtime),
  });
}

/** Rows of one tag each, together by what they are of, in their order. */
export function tagsBy<R extends { tag: string }>(
  rows: readonly R[],
  keyOf: (row: R) => string,
): Map<string, string[]> {
  const known = new Map<string, string[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const tags = known.get(key);
    if (tags) tags.push(row.tag);
    else known.set(key, [row.tag]);
  }
  return known;
}

/** Adds tags of a dataset's samples; those that they had stay. */
export async function storeTags(
  database: Database,
  dataset: string,
  samples: readonly { path: string; tags: readonly string[] }[],
): Promise<void> {
  const rows = samples.flatMap(({ path, tags }) => tags.map((tag) => ({ path, tag })));
  if (rows.length === 0) return;
  await database.append('tags', {
    dataset: rows.map(() => dataset),
    path: rows.map(({ path }) => path),
    tag: rows.map(({ tag }) => tag),
  });
}
