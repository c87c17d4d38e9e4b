// A dataset's samples as the dataset page asks for them: a table in memory of one row a sample in the order of the page, with
// all that the filters ask about, so that a filter over a million samples takes milliseconds and the index stays free
// for whoever writes it. It is made from the index, a run's predictions and known findings in under a second for a million
// samples, and again when one of these changed.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, UserError } from '../base/errors.ts';
import type { Facets } from '../protocol/datasetQueries.ts';
import type { Problem } from '../protocol/events.ts';
import { type Database, type KeptDatabase, keepDatabase } from './duckdb.ts';
import { checkVersion, indexFile } from './indexFile.ts';
import { sortOf } from './problemList.ts';
import { conditionOf } from './sampleFilter.ts';
import { byClass } from './scannedClass.ts';

/** That something is known against a sample: a leak, a copy. */
export interface Mark {
  /** Of the sample. */
  id: string;
  split: string;
  label: string;
  kind: string;
}

/** What is joined to the index's samples. */
export interface Joined {
  /** A predictions.parquet and the head in it. */
  predictions?: { file: string; head: string } | undefined;
  /** Known findings; `stamp` changes when they do. */
  marks: { stamp: string; read: () => Promise<readonly Mark[] | undefined> };
}

export interface TableClass {
  split: string;
  label: string;
  /** How many samples, excluded ones too. */
  rows: number;
  /** Place of its first sample. */
  first: number;
}

export interface Kind extends Pick<Facets['findings'][number], 'kind' | 'source' | 'severity' | 'total'> {}

/**
 * Tables `base` (place, class, path, "row" of the index, excluded, size = width * 65536 + height, seconds) and `flags` (place,
 * kind) and `tagged` (place, tag); the view `rows` is `base` with predicted, probability and correct. Numbers of classes, kinds,
 * tags and labels are their places in the lists here.
 */
export interface SampleTable {
  dataset: string;
  kind: 'video' | 'image';
  /** By place: train, val, test, and classes by name. */
  classes: TableClass[];
  kinds: Kind[];
  /** By name. */
  tags: string[];
  /** First guesses by number. */
  guesses: string[];
  isProbed: boolean;
  isCompared: boolean;
  hasPredictions: boolean;
  /** Seconds that 99 of 100 are shorter than; null where none is known. */
  usualSeconds: number | null;
  /** Of the index it was made from. */
  indexStamp: string;
  /** The text whose samples the table `found` has, all of `rows` but the path; see `searched`. */
  found?: string;
  database: KeptDatabase;
}

/** Which file in which state; '' where there is none. */
export function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found ? `${found.ino} ${found.size} ${found.mtimeMs}` : '';
}

export function stampsOf(workspace: string, { predictions, marks }: Joined): string {
  const judged = predictions ? [predictions.file, predictions.head, stampOf(predictions.file)] : [];
  return JSON.stringify([stampOf(indexFile(workspace)), marks.stamp, ...judged]);
}

/** Throws UserError: `no-dataset`, `missing-database`, and what reading the index throws. Close its database when done. */
export async function makeSampleTable(workspace: string, dataset: string, joined: Joined): Promise<SampleTable> {
  const database = await keepDatabase(':memory:');
  try {
    const file = indexFile(workspace);
    const marks = await joined.marks.read();
    const made = await database.useBeside(file, 'stored', async (tables) => {
      await tables.run('SET threads = 2'); // someone waits for it
      const indexStamp = stampOf(file);
      await tables.run('USE stored');
      await checkVersion(tables, file).finally(() => tables.run('USE memory'));
      return { indexStamp, ...(await copyIndex(tables, dataset, marks ?? [])) };
    });
    const guesses = joined.predictions
      ? await database.use((tables) => judge(tables, dataset, joined.predictions!))
      : undefined;
    if (!guesses)
      await database.use((tables) =>
        tables.run(
          'CREATE VIEW rows AS SELECT *, NULL::INTEGER AS predicted, NULL::FLOAT AS probability, NULL::BOOLEAN AS correct FROM base',
        ),
      );
    return {
      ...{ dataset, database, ...made },
      ...{ isCompared: marks !== undefined, hasPredictions: guesses !== undefined, guesses: guesses ?? [] },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

async function copyIndex(tables: Database, dataset: string, marks: readonly Mark[]) {
  const [found] = await tables.all<{ kind: 'video' | 'image' }>(
    'SELECT kind FROM stored.datasets WHERE name = $dataset',
    {
      dataset,
    },
  );
  if (!found)
    throw new UserError('no-dataset', `The index has no dataset "${dataset}". It may have been renamed in cover.json.`);
  const classes = await copyClasses(tables, dataset);
  const [media] = await tables.all<{ rows: number }>('SELECT count(*) AS rows FROM stored.media');
  const isProbed = (media?.rows ?? 0) > 0;
  await tables.run(
    `CREATE TABLE base AS
     SELECT (first + position)::INTEGER AS place, number AS class, path, samples.rowid AS "row", excluded,
       ${isProbed ? 'width::BIGINT * 65536 + height AS size, duration::FLOAT AS seconds' : 'NULL::BIGINT AS size, NULL::FLOAT AS seconds'}
     FROM stored.samples JOIN classes ON classes.id = samples.class
     ${isProbed ? 'LEFT JOIN stored.media ON key = md5_number_lower(samples.file) AND media.size = samples.size AND media.mtime = samples.mtime AND failure IS NULL' : ''}
     ORDER BY place`,
  );
  const [usual] = await tables.all<{ seconds: number | null }>(
    'SELECT quantile_disc(seconds, 0.99) AS seconds FROM base WHERE seconds IS NOT NULL',
  );
  const kinds = await copyFlags(tables, dataset, marks);
  const tags = await copyTags(tables, dataset);
  return { kind: found.kind, classes, kinds, tags, isProbed, usualSeconds: usual?.seconds ?? null };
}

async function copyClasses(tables: Database, dataset: string): Promise<TableClass[]> {
  const stored = await tables.all<{ id: number; split: string; label: string; rows: number }>(
    'SELECT id, split, label, rows FROM stored.classes WHERE dataset = $dataset AND rows > 0',
    { dataset },
  );
  let first = 0;
  const classes = stored.sort(byClass).map((one) => {
    const known = { ...one, first };
    first += one.rows;
    return known;
  });
  await tables.run('CREATE TABLE classes (id INTEGER, number INTEGER, first INTEGER, split VARCHAR, label VARCHAR)');
  await tables.append('classes', {
    id: classes.map(({ id }) => id),
    number: classes.map((_, number) => number),
    first: classes.map((one) => one.first),
    split: classes.map(({ split }) => split),
    label: classes.map(({ label }) => label),
  });
  return classes.map(({ split, label, rows, first: place }) => ({ split, label, rows, first: place }));
}

/** Problems by their sort, worst first, and then the marks by their kind. */
async function copyFlags(tables: Database, dataset: string, marks: readonly Mark[]): Promise<Kind[]> {
  const problems = await tables.all<Pick<Problem, 'severity' | 'file' | 'message'>>(
    'SELECT severity, file, message FROM stored.problems WHERE dataset = $dataset ORDER BY severity, position',
    { dataset },
  );
  const kinds = new Map<string, Kind>();
  const numbers = new Map<string, number>();
  const numberOf = (kind: string, source: Kind['source'], severity: Kind['severity']): number => {
    const known = kinds.get(kind) ?? { kind, source, severity, total: 0 };
    if (known.total++ === 0) {
      kinds.set(kind, known);
      numbers.set(kind, numbers.size);
    }
    return numbers.get(kind)!;
  };
  const found = problems.map((problem) => ({
    file: problem.file,
    number: numberOf(sortOf(problem), 'problem', problem.severity),
  }));
  const marked = marks.map((mark) => ({ ...mark, number: numberOf(mark.kind, 'copy', 'warning') }));
  await tables.run('CREATE TABLE problem (file VARCHAR, kind INTEGER)');
  await tables.append('problem', {
    file: found.map(({ file }) => file),
    kind: found.map(({ number }) => number),
  });
  await tables.run('CREATE TABLE mark (path VARCHAR, split VARCHAR, label VARCHAR, kind INTEGER)');
  await tables.append('mark', {
    path: marked.map(({ id }) => id.slice(dataset.length + 1)),
    split: marked.map(({ split }) => split),
    label: marked.map(({ label }) => label),
    kind: marked.map(({ number }) => number),
  });
  await tables.run('CREATE TABLE flags (place INTEGER, kind INTEGER)');
  if (found.length > 0)
    await tables.run(
      `INSERT INTO flags SELECT DISTINCT first + position, kind FROM stored.samples
       JOIN classes ON classes.id = samples.class JOIN problem USING (file)`,
    );
  if (marked.length > 0)
    await tables.run(
      `INSERT INTO flags SELECT DISTINCT place, kind FROM base JOIN classes ON number = class
       JOIN mark USING (path, split, label)`,
    );
  return [...kinds.values()];
}

/** An id may stand for samples of several splits: all of them have its tags. */
async function copyTags(tables: Database, dataset: string): Promise<string[]> {
  const found = await tables.all<{ tag: string }>(
    'SELECT DISTINCT tag FROM stored.tags WHERE dataset = $dataset ORDER BY tag',
    { dataset },
  );
  const tags = found.map(({ tag }) => tag);
  await tables.run('CREATE TABLE tag (name VARCHAR, number INTEGER)');
  await tables.append('tag', { name: tags, number: tags.map((_, number) => number) });
  await tables.run('CREATE TABLE tagged (place INTEGER, tag INTEGER)');
  if (tags.length > 0)
    await tables.run(
      `INSERT INTO tagged SELECT place, number FROM base JOIN stored.tags AS known USING (path) JOIN tag ON name = known.tag
       WHERE known.dataset = $dataset`,
      { dataset },
    );
  return tags;
}

/** Joins what a head says; the first guesses by number. A sample is found by its id and split: one file may be in several. */
async function judge(
  tables: Database,
  dataset: string,
  { file, head }: { file: string; head: string },
): Promise<string[]> {
  if (stampOf(file) === '')
    throw new UserError('no-report', `${file} is not there: the run was not evaluated. Evaluate it first.`, file);
  // DuckDB takes a file name for a pattern: each special character stands for itself in brackets.
  const pattern = resolve(file).replace(/[[*?]/g, '[$&]');
  try {
    await tables.run(
      `CREATE TABLE judged AS
       SELECT place, top_labels[1] AS guess, probabilities[1] AS probability, top_labels[1] = known.label AS correct
       FROM read_parquet($file, hive_partitioning = false) AS data
       JOIN (SELECT place, path, split, label FROM base JOIN classes ON number = class) AS known
         ON data.sample = concat($dataset::VARCHAR, '/', known.path) AND data.split = known.split
       WHERE data.dataset = $dataset AND head = $head AND missing IS NULL AND len(top_labels) > 0`,
      { file: pattern, dataset, head },
    );
  } catch (error) {
    const why = messageOf(error).split('\n')[0];
    throw new UserError('run-damaged', `${file} is damaged (${why}). Evaluate the run again.`, file);
  }
  const guesses = await tables.all<{ guess: string }>('SELECT DISTINCT guess FROM judged ORDER BY guess');
  await tables.run('CREATE TABLE guess (label VARCHAR, number INTEGER)');
  await tables.append('guess', {
    label: guesses.map(({ guess }) => guess),
    number: guesses.map((_, number) => number),
  });
  // A list may name a file twice: the first row of a place stands for it.
  await tables.run(
    `CREATE TABLE rows AS SELECT base.*, number AS predicted, probability, correct
     FROM base LEFT JOIN (
       SELECT place, any_value(guess) AS guess, any_value(probability) AS probability, any_value(correct) AS correct
       FROM judged GROUP BY place
     ) USING (place) LEFT JOIN guess ON label = guess ORDER BY place`,
  );
  await tables.run('DROP TABLE judged');
  return guesses.map(({ guess }) => guess);
}

/**
 * The name of the table to count in under a text: looking into a million paths takes longer than all else, so what is found is
 * kept for the counts that follow. The text is then no longer to be asked for. One question at a time.
 */
export async function searched(table: SampleTable, text: string | undefined): Promise<'rows' | 'found'> {
  if (text === undefined || text === '') return 'rows';
  if (table.found === text) return 'found';
  delete table.found;
  const { sql, params } = conditionOf(table, { text });
  await table.database.use((tables) =>
    tables.run(`CREATE OR REPLACE TABLE found AS SELECT * EXCLUDE (path) FROM rows WHERE ${sql}`, params),
  );
  table.found = text;
  return 'found';
}
