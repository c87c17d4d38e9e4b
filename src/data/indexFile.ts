// The index file: where it lies, its tables, its version, and how rows go in. What stands in it can always be made
// again from the datasets, except problems that decoding found; so a file that cannot be used is simply replaced.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { unwritable } from '../base/atomicFile.ts';
import { systemCode, UserError } from '../base/errors.ts';
import type { Problem } from '../protocol/events.ts';
import { type Database, type OpenOptions, type SqlValue, withDatabase } from './duckdb.ts';
import type { ScannedDataset, ScannedSample } from './scanDataset.ts';

/** Raise it with every change of the tables: older files are then rebuilt. */
const version = 2;

const tables = `
  CREATE TABLE meta (version INTEGER);
  CREATE TABLE datasets (name VARCHAR, position INTEGER, kind VARCHAR, root VARCHAR, fingerprint VARCHAR);
  CREATE TABLE samples (
    dataset VARCHAR, position INTEGER, id VARCHAR, split VARCHAR, label VARCHAR, file VARCHAR, kind VARCHAR,
    start_second DOUBLE, end_second DOUBLE, frames VARCHAR, size BIGINT, mtime DOUBLE, excluded BOOLEAN
  );
  -- Counted once when samples are stored: a question must not go through a million rows.
  CREATE TABLE classes (
    dataset VARCHAR, split VARCHAR, label VARCHAR, samples INTEGER, first INTEGER, last INTEGER
  );
  CREATE TABLE expected (dataset VARCHAR, split VARCHAR, samples INTEGER);
  CREATE TABLE problems (
    source VARCHAR, dataset VARCHAR, position INTEGER, severity VARCHAR, file VARCHAR, line INTEGER, col INTEGER,
    length INTEGER, message VARCHAR, size BIGINT, mtime DOUBLE
  );
`;

/**
 * Where a problem was found: by scanning a dataset, by decoding one of its files, or in the index file itself.
 * Scanning replaces its own; decoding's stay until the file changes; the index's are told once.
 */
export type ProblemSource = 'scan' | 'decode' | 'index';

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

/** Changes the index in one transaction; makes the file, and `.cover`, if missing. */
export async function writeIndex(
  workspace: string,
  change: (database: Database) => Promise<void>,
  options?: OpenOptions,
): Promise<void> {
  const file = indexFile(workspace);
  await makeCoverFolder(workspace);
  await withDatabase(
    file,
    'write',
    async (database) => {
      const [row] = await database.all<{ tables: number }>('SELECT count(*) AS tables FROM duckdb_tables()');
      if (row?.tables === 0) {
        await database.run(tables);
        await database.run('INSERT INTO meta VALUES ($version)', { version });
      } else await checkVersion(database, file);
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
    await rm(file, { force: true });
    await rm(`${file}.wal`, { force: true });
  } catch (error) {
    throw unwritable('database-unwritable', error, file);
  }
}

async function checkVersion(database: Database, file: string): Promise<void> {
  const known = await database.all<{ version: number }>('SELECT version FROM meta').catch(() => []);
  if (known[0]?.version !== version)
    throw new UserError(
      'damaged-database',
      `${file} was made by another version of this program. Update the index: it is made again from the datasets.`,
      file,
    );
}

/** `.cover` in a workspace, told to Git as not to be kept. Throws UserError where it cannot be made. */
async function makeCoverFolder(workspace: string): Promise<void> {
  const folder = join(resolve(workspace), '.cover');
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, '.gitignore'), '*\n', { flag: 'wx' });
  } catch (error) {
    if (systemCode(error) === 'EEXIST' && (error as { syscall?: string }).syscall === 'open') return;
    throw systemCode(error) === 'EEXIST'
      ? new UserError(
          'database-unwritable',
          `${folder} must be a folder, but a file stands there. Move it away.`,
          folder,
        )
      : unwritable('database-unwritable', error, folder);
  }
}

/** So many rows go in at a time: as columns, all of a large dataset would take its memory a second time. */
const rowsAtOnce = 1 << 14;

/** Replaces everything that scanning knows of a dataset. */
export async function storeDataset(database: Database, dataset: ScannedDataset, position: number): Promise<void> {
  const { name, config, root, fingerprint, size, expected } = dataset;
  const classes: ClassRange[] = [];
  await forgetDataset(database, name);
  await database.run('INSERT INTO datasets VALUES ($name, $position, $kind, $root, $fingerprint)', {
    name,
    position,
    kind: config.kind,
    root,
    fingerprint,
  });
  for (let start = 0; start < size; start += rowsAtOnce) {
    const part = dataset.rows(start, start + rowsAtOnce);
    const column = (value: (sample: ScannedSample, index: number) => SqlValue) => part.map(value);
    countClasses(classes, part, start);
    await database.append('samples', {
      dataset: column(() => name),
      position: column((_, index) => start + index),
      id: column(({ id }) => id),
      split: column(({ split }) => split),
      label: column(({ label }) => label),
      file: column(({ file }) => file),
      kind: column(({ kind }) => kind),
      start_second: column(({ start }) => start),
      end_second: column(({ end }) => end),
      frames: column(({ frames }) => (frames ? JSON.stringify(frames) : null)),
      size: column(({ size }) => size),
      mtime: column(({ mtime }) => mtime),
      excluded: column(({ excluded }) => excluded),
    });
  }
  await database.append('classes', {
    dataset: classes.map(() => name),
    split: classes.map(({ split }) => split),
    label: classes.map(({ label }) => label),
    samples: classes.map((one) => one.samples),
    first: classes.map(({ first }) => first),
    last: classes.map(({ last }) => last),
  });
  for (const [split, number] of Object.entries(expected))
    await database.run('INSERT INTO expected VALUES ($name, $split, $number)', { name, split, number });
  await storeProblems(
    database,
    'scan',
    dataset.problems.map((problem) => ({ problem, size: null, mtime: null })),
  );
}

interface ClassRange {
  split: string;
  label: string;
  samples: number;
  /** Positions of its first and last sample. */
  first: number;
  last: number;
}

/** The samples come in the order of split and label, so that a class is a range of positions. */
function countClasses(classes: ClassRange[], part: readonly ScannedSample[], start: number): void {
  for (const [index, { split, label, excluded }] of part.entries()) {
    if (excluded) continue;
    const current = classes.at(-1);
    if (current?.split === split && current.label === label) {
      current.samples++;
      current.last = start + index;
    } else classes.push({ split, label, samples: 1, first: start + index, last: start + index });
  }
}

/** Removes a dataset with its samples and the problems that scanning found. */
export async function forgetDataset(database: Database, name: string): Promise<void> {
  for (const table of ['samples', 'classes', 'expected'])
    await database.run(`DELETE FROM ${table} WHERE dataset = $name`, { name });
  await database.run('DELETE FROM datasets WHERE name = $name', { name });
  await database.run("DELETE FROM problems WHERE dataset = $name AND source = 'scan'", { name });
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
