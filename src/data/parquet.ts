// Tables in Parquet files: a run's samples and predictions. Written whole or not at all; read with bound parameters.
import { rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { renameOver, syncFile, syncFolder, temporaryBeside, unwritable } from '../base/atomicFile.ts';
import { messageOf, UserError } from '../base/errors.ts';
import { regularFile } from '../base/regularFile.ts';
import { type SqlParams, type SqlRow, type SqlValue, withDatabase } from './duckdb.ts';

/** Column types a Parquet file of ours may have. `[]` marks a list. */
export type ParquetType =
  | 'VARCHAR'
  | 'BOOLEAN'
  | 'INTEGER'
  | 'BIGINT'
  | 'FLOAT'
  | 'DOUBLE'
  | 'FLOAT[]'
  | 'INTEGER[]'
  | 'VARCHAR[]'
  | 'BLOB';

/** Columns by name, all of one length. */
export type ParquetColumns = Readonly<Record<string, { type: ParquetType; values: readonly SqlValue[] }>>;

/** Writes a Parquet file (zstd), replacing an older one only when it is complete. Throws UserError on a full disk. */
export async function writeParquet(file: string, columns: ParquetColumns): Promise<void> {
  const temporary = temporaryBeside(resolve(file));
  const table = Object.entries(columns).map(([name, { type }]) => `"${name.replaceAll('"', '""')}" ${type}`);
  try {
    await withDatabase(':memory:', 'write', async (database) => {
      await database.run(`CREATE TABLE data (${table.join(', ')})`);
      await database.append(
        'data',
        Object.fromEntries(Object.entries(columns).map(([name, { values }]) => [name, values])),
      );
      await database.run('COPY data TO $file (FORMAT parquet, COMPRESSION zstd)', { file: temporary });
    });
    await syncFile(temporary);
    await renameOver(temporary, file);
    await syncFolder(dirname(resolve(file)));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const reason = error instanceof UserError ? error.message.replaceAll(':memory:', file) : undefined;
    throw reason === undefined
      ? unwritable('file-unwritable', error, file)
      : new UserError('file-unwritable', reason, file);
  }
}

/**
 * Rows of a query over a Parquet file, which the statement calls `data`:
 * `queryParquet(file, 'SELECT * FROM data WHERE truth = $truth', { truth: 3 })`. Only the columns and row groups that
 * the statement needs are read.
 */
export async function queryParquet<Row = SqlRow>(file: string, sql: string, params: SqlParams = {}): Promise<Row[]> {
  // DuckDB takes a file name for a pattern: each special character stands for itself in brackets.
  const pattern = resolve(file).replace(/[[*?]/g, '[$&]');
  const source = 'WITH data AS (SELECT * FROM read_parquet($parquetFile, hive_partitioning = false))';
  try {
    await regularFile(file);
    return await withDatabase(':memory:', 'write', (database) =>
      database.all<Row>(`${source} ${sql}`, { ...params, parquetFile: pattern }),
    );
  } catch (error) {
    // What is wrong with the statement itself is a defect of ours.
    if (/^(Parser|Binder|Catalog) Error|bind parameter/.test(messageOf(error))) throw error;
    throw new UserError('file-unreadable', `${file} could not be read: it is missing or not a Parquet file.`, file);
  }
}

/** All rows of a Parquet file, in the order they were written. */
export function readParquet<Row = SqlRow>(file: string): Promise<Row[]> {
  return queryParquet<Row>(file, 'SELECT * FROM data');
}
