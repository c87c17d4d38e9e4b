// `.cover/fingerprints.duckdb`: what was read of each file, so that nothing unchanged is read again, and the last findings. A
// file of its own, because the index may be made again at any time. It too can be made again, only slower.
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UserError } from '../base/errors.ts';
import { type Database, type OpenOptions, withDatabase } from '../data/duckdb.ts';
import { fingerprintVersion } from './fingerprint.ts';

/** Raise it with every change of the tables. */
const tablesVersion = 1;
const version = `${tablesVersion}.${fingerprintVersion}`;

const tables = `
  CREATE TABLE meta (version VARCHAR);
  -- Keys: the file, and for a part of it the part. Size in bytes and time in ms are those of the file when it was read.
  CREATE TABLE contents (file VARCHAR, size BIGINT, mtime DOUBLE, hash VARCHAR);
  CREATE TABLE looks (clip VARCHAR, size BIGINT, mtime DOUBLE, fingerprint BLOB);
  CREATE TABLE findings (
    finding INTEGER, evidence VARCHAR, distance DOUBLE, detail VARCHAR,
    id VARCHAR, dataset VARCHAR, split VARCHAR, label VARCHAR, file VARCHAR, size BIGINT, mtime DOUBLE
  );
`;

export function fingerprintFile(workspace: string): string {
  return join(resolve(workspace), '.cover', 'fingerprints.duckdb');
}

/** Reads; undefined where there is no such file yet, or only one of another version or that is damaged. */
export async function readFingerprints<T>(
  workspace: string,
  use: (database: Database) => Promise<T>,
  options?: OpenOptions,
): Promise<T | undefined> {
  try {
    return await withDatabase(
      fingerprintFile(workspace),
      'read',
      async (database) => ((await isCurrent(database)) ? use(database) : undefined),
      options,
    );
  } catch (error) {
    if (error instanceof UserError && /^(missing|damaged)-database$/.test(error.code)) return undefined;
    throw error;
  }
}

/** Writes in one transaction; makes the file if missing, and again where it is damaged or of another version. */
export async function writeFingerprints(
  workspace: string,
  change: (database: Database) => Promise<void>,
  options?: OpenOptions,
): Promise<void> {
  const file = fingerprintFile(workspace);
  const write = () =>
    withDatabase(
      file,
      'write',
      async (database) => {
        const [row] = await database.all<{ tables: number }>('SELECT count(*) AS tables FROM duckdb_tables()');
        if (row?.tables === 0) {
          await database.run(tables);
          await database.run('INSERT INTO meta VALUES ($version)', { version });
        } else if (!(await isCurrent(database)))
          throw new UserError('damaged-database', `${file} was made by another version of this program.`, file);
        await database.run('BEGIN TRANSACTION');
        await change(database);
        await database.run('COMMIT');
      },
      options,
    );
  try {
    await write();
  } catch (error) {
    if (!(error instanceof UserError && error.code === 'damaged-database')) throw error;
    await rm(file, { force: true });
    await rm(`${file}.wal`, { force: true });
    await write();
  }
}

async function isCurrent(database: Database): Promise<boolean> {
  const rows = await database.all<{ version: string }>('SELECT version FROM meta').catch(() => []);
  return rows[0]?.version === version;
}
