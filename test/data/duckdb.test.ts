import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { closeReader, withDatabase } from '../../src/data/duckdb.ts';
import { queryParquet, readParquet, writeParquet } from '../../src/data/parquet.ts';
import { tinyDisk } from './tinyDisk.ts';
import { tree } from './tree.ts';

const make = (file: string) =>
  withDatabase(file, 'write', async (database) => {
    await database.run(
      'CREATE TABLE t (name VARCHAR, number BIGINT, share DOUBLE, yes BOOLEAN, list FLOAT[], bytes BLOB)',
    );
    await database.append('t', {
      number: [1, 2 ** 40, null],
      name: ['a, \'b\'; "c"', '走', ''],
      share: [0.5, null, Number.NaN],
      yes: [true, false, null],
      list: [new Float32Array([0.5, 1]), [], null],
      bytes: [new Uint8Array([0, 255]), null, new Uint8Array()],
    });
  });

test('what is appended comes back, of every type', async () => {
  const file = join(tree({}), 'a.duckdb');
  await make(file);
  const rows = await withDatabase(file, 'read', (database) => database.all('SELECT * FROM t'));
  expect(rows.map((row) => ({ ...row, bytes: row.bytes && [...(row.bytes as Uint8Array)] }))).toEqual([
    { name: 'a, \'b\'; "c"', number: 1, share: 0.5, yes: true, list: [0.5, 1], bytes: [0, 255] },
    { name: '走', number: 2 ** 40, share: null, yes: false, list: [], bytes: null },
    { name: '', number: null, share: Number.NaN, yes: null, list: null, bytes: [] },
  ]);
});

test('more rows than one chunk, and none', async () => {
  await withDatabase(':memory:', 'write', async (database) => {
    await database.run('CREATE TABLE t (n INTEGER)');
    await database.append('t', { n: [] });
    await database.append('t', { n: Array.from({ length: 5000 }, (_, index) => index) });
    expect(await database.all('SELECT count(*) AS rows, max(n) AS most, sum(n) AS sum FROM t')).toEqual([
      { rows: 5000, most: 4999, sum: 12497500 },
    ]);
  });
});

test('values go in as parameters', async () => {
  const file = join(tree({}), 'a.duckdb');
  await make(file);
  const evil = "x'; DROP TABLE t; --";
  await withDatabase(file, 'write', async (database) => {
    expect(await database.all('SELECT name FROM t WHERE name = $name', { name: evil })).toEqual([]);
    expect(await database.all('SELECT count(*) AS rows FROM t WHERE number > $least', { least: 1 })).toEqual([
      { rows: 1 },
    ]);
  });
});

test('columns that do not fit the table are a defect, told as one', async () => {
  await withDatabase(':memory:', 'write', async (database) => {
    await database.run('CREATE TABLE t (a INTEGER, b INTEGER)');
    await expect(database.append('t', { a: [1] })).rejects.toThrow('Table t has columns a,b');
    await expect(database.append('t', { a: [1], b: [1, 2] })).rejects.toThrow('differ in length');
  });
});

test('operations of one process on one file wait for each other', async () => {
  const file = join(tree({}), 'a.duckdb');
  await withDatabase(file, 'write', (database) => database.run('CREATE TABLE t (n INTEGER)'));
  await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      withDatabase(file, 'write', (database) => database.run('INSERT INTO t VALUES ($n)', { n })),
    ),
  );
  const [row] = await withDatabase(file, 'read', (database) => database.all('SELECT count(*) AS rows FROM t'));
  expect(row).toEqual({ rows: 8 });
});

test('a failed operation does not block the next, and closes the file', async () => {
  const file = join(tree({}), 'a.duckdb');
  await expect(withDatabase(file, 'write', () => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
  await withDatabase(file, 'write', (database) => database.run('CREATE TABLE t (n INTEGER)'));
});

/** A process that holds `file` open in a mode until it is killed. */
function holder(file: string, mode: 'READ_WRITE' | 'READ_ONLY'): Promise<ChildProcess> {
  const script = `
    const { DuckDBInstance } = require('@duckdb/node-api');
    DuckDBInstance.create(process.argv[1], { access_mode: process.argv[2] }).then((instance) => {
      globalThis.kept = instance;
      console.log('open');
      setInterval(() => {}, 1000);
    });`;
  const child = spawn(process.execPath, ['-e', script, file, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return new Promise((resolve, reject) => {
    child.stdout!.once('data', () => resolve(child));
    child.once('exit', (code) => reject(new Error(`holder ended with ${code}`)));
  });
}

describe('two processes', () => {
  test('while another writes, one sentence names it', async () => {
    const file = join(tree({}), 'a.duckdb');
    await make(file);
    const child = await holder(file, 'READ_WRITE');
    for (const mode of ['read', 'write'] as const)
      await expect(withDatabase(file, mode, async () => 0, { wait: 50 })).rejects.toMatchObject({
        code: 'busy',
        file,
        message: `${file} is in use by process ${child.pid}. Wait until it is done, or end it, and try again.`,
      });
  });

  test('waiting ends when the other lets go, even by being killed', async () => {
    const file = join(tree({}), 'a.duckdb');
    await make(file);
    const child = await holder(file, 'READ_WRITE');
    const waiting = withDatabase(file, 'write', (database) => database.all('SELECT count(*) AS rows FROM t'));
    setTimeout(() => child.kill('SIGKILL'), 100);
    expect(await waiting).toEqual([{ rows: 3 }]);
  });

  test('readers do not wait for readers', async () => {
    const file = join(tree({}), 'a.duckdb');
    await make(file);
    await holder(file, 'READ_ONLY');
    expect(
      await withDatabase(file, 'read', (database) => database.all('SELECT count(*) AS rows FROM t'), { wait: 0 }),
    ).toEqual([{ rows: 3 }]);
  });

  test('waiting can be aborted', async () => {
    const file = join(tree({}), 'a.duckdb');
    await make(file);
    await holder(file, 'READ_WRITE');
    const controller = new AbortController();
    const waiting = withDatabase(file, 'write', async () => 0, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a file that stays open for the next reader', () => {
  const rows = (file: string) =>
    withDatabase(file, 'read', (database) => database.all<{ n: number }>('SELECT count(*) AS n FROM t'), {
      keep: 60_000,
    });

  test('is written in between, replaced and removed by this process', async () => {
    const file = join(tree({}), 'a.duckdb');
    await make(file);
    expect(await rows(file)).toEqual([{ n: 3 }]);
    await withDatabase(file, 'write', (database) => database.run('DELETE FROM t WHERE number IS NULL'));
    expect(await rows(file)).toEqual([{ n: 2 }]);
    const other = join(tree({}), 'b.duckdb');
    await make(other);
    renameSync(other, file);
    expect(await rows(file), 'another file').toEqual([{ n: 3 }]);
    rmSync(file);
    await expect(rows(file)).rejects.toMatchObject({ code: 'missing-database' });
  });

  test('lets other processes read at once, and write when it is let go', async () => {
    const file = join(tree({}), 'a.duckdb');
    await make(file);
    await rows(file);
    const child = await holder(file, 'READ_ONLY');
    child.kill('SIGKILL');
    closeReader(file);
    await holder(file, 'READ_WRITE');
  });

  test('a failed question closes it', async () => {
    const file = join(tree({}), 'a.duckdb');
    await make(file);
    const wrong = withDatabase(file, 'read', (database) => database.all('SELECT nothing'), { keep: 60_000 });
    await expect(wrong).rejects.toThrow('nothing');
    expect(await rows(file)).toEqual([{ n: 3 }]);
    closeReader(file);
  });
});

describe('files that cannot be used', () => {
  test.each([
    ['other text', 'not a database'.repeat(1000)],
    ['nothing', ''],
    ['half a database', undefined],
  ])('%s', async (_, text) => {
    const file = join(tree({}), 'a.duckdb');
    await make(file);
    if (text !== undefined) writeFileSync(file, text);
    else writeFileSync(file, readFileSync(file).subarray(0, 9000));
    await expect(withDatabase(file, 'write', (database) => database.all('SELECT * FROM t'))).rejects.toMatchObject({
      code: 'damaged-database',
    });
  });

  test('a missing one is not made by reading', async () => {
    const file = join(tree({}), 'a.duckdb');
    await expect(withDatabase(file, 'read', async () => 0)).rejects.toMatchObject({ code: 'missing-database' });
    expect(existsSync(file)).toBe(false);
  });
});

describe('Parquet', () => {
  test.each(['a, \'b\' "c".parquet', '[1].parquet', 'a*?.parquet', '-x.parquet', 'split=val/é.parquet'])(
    'a file named %j',
    async (name) => {
      const root = tree({ 'split=val/': '', '1.parquet': 'a trap for patterns' });
      const file = join(root, name);
      await writeParquet(file, {
        'a "name"': { type: 'VARCHAR', values: ['x, y', null] },
        shares: { type: 'FLOAT[]', values: [new Float32Array([0.25, 0.5]), []] },
      });
      expect(await readParquet(file)).toEqual([
        { 'a "name"': 'x, y', shares: [0.25, 0.5] },
        { 'a "name"': null, shares: [] },
      ]);
    },
  );

  test('queries take parameters and see the file as "data"', async () => {
    const file = join(tree({}), 'a.parquet');
    const values = Array.from({ length: 10 }, (_, index) => index);
    await writeParquet(file, { n: { type: 'INTEGER', values } });
    const sql = 'SELECT sum(n) AS sum FROM data WHERE n >= $least';
    expect(await queryParquet(file, sql, { least: 8 })).toEqual([{ sum: 17 }]);
  });

  test('an unreadable file is one sentence', async () => {
    const file = join(tree({ 'a.parquet': 'no' }), 'a.parquet');
    for (const bad of [file, `${file}.gone`])
      await expect(readParquet(bad)).rejects.toMatchObject({ code: 'file-unreadable', file: bad });
  });

  test('where the folder is missing, one sentence', async () => {
    const file = join(tree({}), 'gone', 'a.parquet');
    await expect(writeParquet(file, { n: { type: 'INTEGER', values: [1] } })).rejects.toMatchObject({
      name: 'UserError',
      file,
      message: expect.stringContaining(file),
    });
  });

  test('a full disk keeps the older file whole', async (context) => {
    const disk = tinyDisk(context, '64k');
    const file = join(disk, 'a.parquet');
    await writeParquet(file, { n: { type: 'INTEGER', values: [1] } });
    const size = statSync(file).size;
    const noise = Array.from({ length: 100_000 }, (_, index) => (index * 2654435761) % 2 ** 31);
    await expect(writeParquet(file, { n: { type: 'INTEGER', values: noise } })).rejects.toMatchObject({
      message: expect.stringContaining('the disk is full'),
    });
    expect(statSync(file).size).toBe(size);
    expect(readdirSync(disk)).toEqual(['a.parquet']);
  });
});
