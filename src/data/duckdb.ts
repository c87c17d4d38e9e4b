// The one file that imports DuckDB. A database file is opened for one operation and closed again, because DuckDB locks
// the file for its whole process and the editor's runner, a training run and the CLI share one index.
//
// Within this process operations on one file also wait for each other: the operating system's lock belongs to the
// process and is lost when any of its handles closes. So open a database from the main thread only.
import { existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  blobValue,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBListType,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
  listValue,
} from '@duckdb/node-api';
import { unwritable } from '../base/atomicFile.ts';
import { messageOf, throwIfAborted, UserError } from '../base/errors.ts';

/** What goes into a column or a parameter. Number arrays go into list columns; bytes into BLOB. */
export type SqlValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | Float32Array
  | readonly number[]
  | readonly string[];
/** Named parameters: `$name` in the statement. Never write a value into the statement itself. */
export type SqlParams = Readonly<Record<string, string | number | bigint | boolean | null>>;
/** A row as plain values: whole numbers arrive as numbers, lists as arrays. */
export type SqlRow = Record<string, unknown>;
/** Columns by name, all of one length. */
export type SqlColumns = Readonly<Record<string, readonly SqlValue[]>>;

export interface Database {
  run(sql: string, params?: SqlParams): Promise<void>;
  all<Row = SqlRow>(sql: string, params?: SqlParams): Promise<Row[]>;
  /** Appends rows in bulk. `columns` names every column of the table, in any order. */
  append(table: string, columns: SqlColumns): Promise<void>;
  /** Makes the tables of another database file readable as `name.table`. */
  attach(file: string, name: string): Promise<void>;
}

/** A database that stays open between operations, for a file that no other process opens. */
export interface KeptDatabase {
  /** Throws as `withDatabase` does. */
  use<T>(work: (database: Database) => Promise<T>): Promise<T>;
  /**
   * As `use`, with the tables of another file readable as `name.table` meanwhile: waits for its turn at that file as
   * `withDatabase` does, and lets go of it afterwards.
   */
  useBeside<T>(file: string, name: string, work: (database: Database) => Promise<T>, options?: OpenOptions): Promise<T>;
  close(): void;
}

export interface OpenOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds to wait while another process holds the file. */
  wait?: number;
  /** Of reading: the file stays open for the next reader for so many milliseconds, in which other processes cannot write. */
  keep?: number;
}

const vectorSize = 2048;
const defaultWait = 30_000;
const turns = new Map<string, Promise<unknown>>();

/**
 * Opens `file` (or `':memory:'`), runs `use` and closes it, whatever happens. 'read' needs an existing file and lets
 * other readers in; 'write' makes the file if missing and waits until it has the file alone.
 * Throws UserError: `busy` where another process holds it too long, `missing-database`, `damaged-database`,
 * `database-unwritable` (full or read-only disk).
 */
export async function withDatabase<T>(
  file: string,
  mode: 'read' | 'write',
  use: (database: Database) => Promise<T>,
  options: OpenOptions = {},
): Promise<T> {
  if (file === ':memory:') return useInstance(await openInstance(file, 'write'), file, use);
  const key = resolve(file);
  return inTurn(key, () =>
    mode === 'read' && options.keep !== undefined
      ? useReader(key, options, options.keep, use)
      : useAlone(key, mode, options, use),
  );
}

async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(key) ?? Promise.resolve();
  const mine = before.then(work);
  const settled = mine.catch(() => undefined);
  turns.set(key, settled);
  try {
    return await mine;
  } finally {
    if (turns.get(key) === settled) turns.delete(key);
  }
}

/** Opens `file` (or `':memory:'`), made if missing, until `close` is called. */
export async function keepDatabase(file: string): Promise<KeptDatabase> {
  const key = file === ':memory:' ? file : resolve(file);
  const instance = await openWhenFree(key, 'write', {});
  const connection = await instance.connect();
  const database = databaseOn(connection);
  return {
    use: async (work) => {
      try {
        return await work(database);
      } catch (error) {
        throw explain(error, key);
      }
    },
    useBeside: (other, name, work, options = {}) =>
      inTurn(resolve(other), async () => {
        try {
          closeReader(other);
          await whenFree(other, 'read', options, () => database.attach(other, name));
          try {
            return await work(database);
          } finally {
            await database.run(`DETACH ${name}`);
          }
        } catch (error) {
          throw explain(error, other);
        }
      }),
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

interface Reader {
  instance: DuckDBInstance;
  /** Which file it was, in which state. */
  stamp: string;
  /** When it was opened. */
  since: number;
  timer: NodeJS.Timeout;
}

/** Readers that are open and that nobody uses at the moment. */
const readers = new Map<string, Reader>();

/** Opening a file of a million rows takes longer than most questions to it: the explorer asks one after the other. */
async function useReader<T>(
  file: string,
  options: OpenOptions,
  keep: number,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  const kept = readers.get(file);
  readers.delete(file);
  clearTimeout(kept?.timer);
  // Whoever wants to write must not wait for ever while one question follows another.
  const same = kept !== undefined && kept.stamp === stampOf(file) && Date.now() - kept.since < 10 * keep;
  if (kept && !same) kept.instance.closeSync();
  const instance = same ? kept.instance : await openWhenFree(file, 'read', options);
  let connection: DuckDBConnection | undefined;
  try {
    connection = await instance.connect();
    const result = await use(databaseOn(connection));
    connection.closeSync();
    const timer = setTimeout(() => closeReader(file), keep).unref();
    readers.set(file, { instance, stamp: stampOf(file), since: same ? kept.since : Date.now(), timer });
    return result;
  } catch (error) {
    connection?.closeSync();
    instance.closeSync();
    throw explain(error, file);
  }
}

function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return `${found?.ino} ${found?.size} ${found?.mtimeMs}`;
}

/** Lets go of a file that was kept open for reading; call it before the file is removed. */
export function closeReader(file: string): void {
  const key = resolve(file);
  const kept = readers.get(key);
  readers.delete(key);
  clearTimeout(kept?.timer);
  kept?.instance.closeSync();
}

async function useAlone<T>(
  file: string,
  mode: 'read' | 'write',
  options: OpenOptions,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  closeReader(file); // DuckDB opens a file once in a process, for reading or for writing
  return useInstance(await openWhenFree(file, mode, options), file, use);
}

function openWhenFree(file: string, mode: 'read' | 'write', options: OpenOptions): Promise<DuckDBInstance> {
  return whenFree(file, mode, options, () => openInstance(file, mode));
}

async function whenFree<T>(
  file: string,
  mode: 'read' | 'write',
  options: OpenOptions,
  open: () => Promise<T>,
): Promise<T> {
  const until = Date.now() + (options.wait ?? defaultWait);
  for (let pause = 20; ; pause = Math.min(pause * 2, 500)) {
    throwIfAborted(options.signal);
    if (mode === 'read' && !existsSync(file))
      throw new UserError('missing-database', `${file} does not exist. Run the index first.`, file);
    try {
      return await open();
    } catch (error) {
      if (!isLocked(error)) throw explain(error, file);
      if (Date.now() + pause > until) throw busy(error, file);
      await sleep(pause);
    }
  }
}

function openInstance(file: string, mode: 'read' | 'write'): Promise<DuckDBInstance> {
  return DuckDBInstance.create(file, {
    access_mode: mode === 'read' ? 'READ_ONLY' : 'READ_WRITE',
    // Nothing is fetched or loaded behind the user's back; Parquet is built in.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    // Small data beside a training run: leave the cores and the memory to it. A question is over in no time, and someone
    // waits for its answer.
    threads: mode === 'read' ? '2' : '1',
    // What does not fit goes to the disk. Tables in the memory alone (Parquet) may take more before it does.
    memory_limit: file === ':memory:' ? '1GB' : '256MB',
    temp_directory: join(tmpdir(), `cover-duckdb-${process.pid}`),
  });
}

async function useInstance<T>(
  instance: DuckDBInstance,
  file: string,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  let connection: DuckDBConnection | undefined;
  try {
    connection = await instance.connect();
    return await use(databaseOn(connection));
  } catch (error) {
    throw explain(error, file);
  } finally {
    connection?.closeSync();
    instance.closeSync();
  }
}

function databaseOn(connection: DuckDBConnection): Database {
  return {
    run: async (sql, params) => {
      await connection.run(sql, params && { ...params });
    },
    all: async <Row>(sql: string, params?: SqlParams) => {
      const reader = await connection.runAndReadAll(sql, params && { ...params });
      return reader.getRowObjectsJS().map((row) => {
        for (const [key, value] of Object.entries(row)) if (typeof value === 'bigint') row[key] = Number(value);
        return row as Row;
      });
    },
    append: (table, columns) => append(connection, table, columns),
    attach: async (file, name) => {
      // The one statement that takes no parameters.
      await connection.run(`ATTACH '${resolve(file).replaceAll("'", "''")}' AS ${name} (READ_ONLY)`);
    },
  };
}

async function append(connection: DuckDBConnection, table: string, columns: SqlColumns): Promise<void> {
  const names = (
    await connection.runAndReadAll('SELECT name FROM pragma_table_info($table) ORDER BY cid', { table })
  ).getRowObjectsJS();
  const ordered = names.map(({ name }) => columns[String(name)]);
  const missing = names.find((_, index) => ordered[index] === undefined);
  if (missing || names.length !== Object.keys(columns).length)
    throw new Error(`Table ${table} has columns ${names.map((row) => row.name)}, got ${Object.keys(columns)}.`);
  const rows = ordered[0]?.length ?? 0;
  if (ordered.some((column) => column!.length !== rows)) throw new Error(`Columns of ${table} differ in length.`);
  const appender = await connection.createAppender(table);
  try {
    const types = ordered.map((_, index) => appender.columnType(index));
    for (let start = 0; start < rows; start += vectorSize) {
      const chunk = DuckDBDataChunk.create(types, Math.min(vectorSize, rows - start));
      chunk.setColumns(
        ordered.map((column, index) =>
          column!.slice(start, start + vectorSize).map((value) => toDuckDB(value, types[index]!)),
        ),
      );
      appender.appendDataChunk(chunk);
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
}

function toDuckDB(value: SqlValue, type: DuckDBType): DuckDBValue {
  if (value === null || value === undefined) return null;
  if (type.typeId === DuckDBTypeId.BIGINT && typeof value === 'number') return BigInt(value);
  if (value instanceof Uint8Array) return blobValue(value);
  if (typeof value === 'object') {
    const item = (type as DuckDBListType).valueType;
    return listValue(Array.from(value as readonly (number | string)[], (one) => toDuckDB(one, item)));
  }
  return value;
}

function isLocked(error: unknown): boolean {
  return /could not set lock|used by another process|conflicting lock/i.test(messageOf(error));
}

function busy(error: unknown, file: string): UserError {
  const holder = /PID (\d+)/.exec(messageOf(error))?.[1];
  const who = holder === undefined ? 'another program' : `process ${holder}`;
  return new UserError('busy', `${file} is in use by ${who}. Wait until it is done, or end it, and try again.`, file);
}

/** One sentence for what a disk did; anything else (a wrong statement) is a defect and stays as it is. */
function explain(error: unknown, file: string): Error {
  if (error instanceof UserError) return error;
  // The file's own name must not be taken for a reason.
  const message = messageOf(error).replaceAll(file, '');
  const full = /no space left|out of disk|permission denied|read-only file system/i.test(message);
  const damaged =
    /not a valid DuckDB|could not read enough bytes|checksum|corrupt|serializ|different version|^(FATAL|INTERNAL) Error/i;
  if (!full && damaged.test(message))
    return new UserError('damaged-database', `${file} is damaged or of another version.`, file);
  if (full || /^IO Error/i.test(message)) {
    // DuckDB's further lines are about its own source.
    const first = message.split('\n')[0]!.replace(/^IO Error:\s*/, '');
    return unwritable('database-unwritable', new Error(first), file);
  }
  return error instanceof Error ? error : new Error(message);
}
