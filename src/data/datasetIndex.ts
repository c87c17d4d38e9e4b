// Questions to the index, with the protocol's types for answers. Before the first update every list is empty.
// Excluded samples are counted, and appear nowhere here.
import { UserError } from '../base/errors.ts';
import type { DatasetSummary, IndexedSample, MediaFacts, MediaSummary, Sample } from '../protocol/datasets.ts';
import type { Problem } from '../protocol/events.ts';
import type { Database } from './duckdb.ts';
import { readIndex, tagsBy } from './indexFile.ts';
import { byClass, splitOrder } from './scannedClass.ts';

export const sampleColumns =
  'class, position, path, file, start_second AS "start", end_second AS "end", frames, size, mtime, was' as const;

/** The datasets with their counts, in the order of cover.json. `path` is absolute. */
export function listDatasets(workspace: string): Promise<DatasetSummary[]> {
  return ask(workspace, async (database) => {
    const datasets = await database.all<Pick<DatasetSummary, 'name' | 'kind' | 'path'>>(
      'SELECT name, kind, root AS path FROM datasets ORDER BY position',
    );
    const splits = await database.all<{ dataset: string; name: string; samples: number; classes: number }>(
      `SELECT dataset, split AS name, CAST(sum(samples) AS BIGINT) AS samples, count(*) AS classes
       FROM classes WHERE samples > 0 GROUP BY dataset, split`,
    );
    const edited = await database.all<{ dataset: string; excluded: number; relabelled: number }>(
      `SELECT dataset, CAST(sum(rows - samples) AS BIGINT) AS excluded, CAST(sum(relabelled) AS BIGINT) AS relabelled
       FROM classes GROUP BY dataset`,
    );
    const tags = await database.all<{ dataset: string; tagged: number }>(
      'SELECT dataset, count(DISTINCT path) AS tagged FROM tags GROUP BY dataset',
    );
    const expected = await database.all<{ dataset: string; name: string; expected: number }>(
      'SELECT dataset, split AS name, samples AS expected FROM expected',
    );
    const classes = await database.all<{ dataset: string; classes: number }>(
      'SELECT dataset, count(DISTINCT label) AS classes FROM classes WHERE samples > 0 GROUP BY dataset',
    );
    const problems = await database.all<{ dataset: string; problems: number }>(
      'SELECT dataset, count(*) AS problems FROM problems WHERE dataset IS NOT NULL GROUP BY dataset',
    );
    const media = await database.all<{ dataset: string; summary: string }>(
      'SELECT dataset, summary FROM media_summaries',
    );
    return datasets.map((dataset): DatasetSummary => {
      const own: DatasetSummary['splits'] = splits
        .filter((split) => split.dataset === dataset.name)
        .map(({ name, samples, classes }) => ({ name, samples, classes }));
      for (const list of expected.filter((split) => split.dataset === dataset.name)) {
        const split = own.find(({ name }) => name === list.name);
        if (split) split.expected = list.expected;
        else own.push({ name: list.name, samples: 0, classes: 0, expected: list.expected });
      }
      const { excluded = 0, relabelled = 0 } = edited.find((row) => row.dataset === dataset.name) ?? {};
      const { tagged = 0 } = tags.find((row) => row.dataset === dataset.name) ?? {};
      const summary = media.find((row) => row.dataset === dataset.name)?.summary;
      return {
        ...dataset,
        samples: own.reduce((sum, split) => sum + split.samples, 0),
        classes: classes.find((row) => row.dataset === dataset.name)?.classes ?? 0,
        problems: problems.find((row) => row.dataset === dataset.name)?.problems ?? 0,
        splits: own.sort((a, b) => splitOrder(a.name) - splitOrder(b.name)),
        ...(excluded > 0 && { excluded }),
        ...(relabelled > 0 && { relabelled }),
        ...(tagged > 0 && { tagged }),
        ...(summary !== undefined && { media: JSON.parse(summary) as MediaSummary }),
      };
    });
  });
}

/** The classes of a split with their sample counts, by label. */
export function listClasses(
  workspace: string,
  dataset: string,
  split: string,
): Promise<{ label: string; samples: number }[]> {
  return ask(workspace, (database) =>
    database.all(
      `SELECT label, samples FROM classes
       WHERE dataset = $dataset AND split = $split AND samples > 0 ORDER BY label`,
      { dataset, split },
    ),
  );
}

export interface SamplesPage {
  dataset: string;
  split: string;
  /** One class; absent: all of the split, class after class. */
  label?: string | undefined;
  /** Only samples whose path has this text in it, in any case. */
  filter?: string | undefined;
  offset: number;
  limit: number;
}

/** One page of samples. */
export function listSamples(
  workspace: string,
  { dataset, split, label, filter = '', offset, limit }: SamplesPage,
): Promise<IndexedSample[]> {
  return ask(workspace, async (database) => {
    const classes = await database.all<StoredClass>(
      `SELECT id, split, label, samples, kind FROM classes JOIN datasets ON name = dataset
       WHERE dataset = $dataset AND split = $split AND samples > 0 ${label === undefined ? '' : 'AND label = $label'}
       ORDER BY label`,
      label === undefined ? { dataset, split } : { dataset, split, label },
    );
    const known = new Map(classes.map((each) => [each.id, each]));
    const rows =
      filter === ''
        ? await page(database, classes.sort(byClass), offset, limit)
        : await filtered(database, { dataset, split }, classes, filter, offset, limit);
    const media = await mediaOf(database, rows);
    const tags = await tagsOf(database, dataset, rows);
    return rows.map((row) => ({
      ...toSample(dataset, row, known),
      ...media(row),
      ...(row.was !== null && { was: row.was }),
      ...tags(row),
    }));
  });
}

export interface StoredClass {
  id: number;
  split: string;
  label: string;
  samples: number;
  kind: Sample['kind'];
}

/** Within a class the positions are the page; classes that it begins and ends in are found by counting. */
async function page(
  database: Database,
  classes: readonly StoredClass[],
  offset: number,
  limit: number,
): Promise<SampleRow[]> {
  const rows: SampleRow[] = [];
  let before = 0;
  for (const { id, samples } of classes) {
    const from = Math.max(0, offset - before);
    const to = Math.min(samples, offset + limit - before);
    before += samples;
    if (from >= to) continue;
    const part = await database.all<SampleRow>(
      `SELECT ${sampleColumns} FROM samples WHERE class = $id AND position BETWEEN $from AND $last ORDER BY position`,
      { id, from, last: to - 1 },
    );
    for (const row of part) rows.push(row);
    if (offset + limit <= before) break;
  }
  return rows;
}

/** A text is looked for in so many samples first, which mostly fill the page, and then in all others. */
const searchedFirst = 250_000;
/** Beyond this many the samples before a page are skipped by the database. */
const mostSkipped = 10_000;

/** Of several classes, in the order of their labels, which is that of `classes`. */
async function filtered(
  database: Database,
  { dataset, split }: Pick<SamplesPage, 'dataset' | 'split'>,
  classes: readonly StoredClass[],
  filter: string,
  offset: number,
  limit: number,
): Promise<SampleRow[]> {
  const text = filter.toLowerCase();
  // To make letters small takes as long as the search: digits need it not.
  const path = /^[\x20-\x60\x7b-\x7e]*$/.test(text) ? 'path' : 'lower(path)';
  const found: number[] = [];
  const skipped = offset > mostSkipped ? offset : 0;
  const wanted = offset - skipped + limit;
  for (let next = 0; next < classes.length && found.length < wanted; ) {
    const first = classes[next]!.label;
    const isRest = next > 0 || skipped > 0;
    let samples = 0;
    for (; next < classes.length && (isRest || samples < searchedFirst); next++) samples += classes[next]!.samples;
    // Row numbers alone: else every column of all that match would be read.
    const rows = await database.all<{ row: number }>(
      `SELECT samples.rowid AS "row" FROM samples JOIN classes ON id = class
       WHERE dataset = $dataset AND split = $split AND label BETWEEN $first AND $last
       AND NOT excluded AND contains(${path}, $text) ORDER BY label, position LIMIT $limit OFFSET $offset`,
      {
        ...{ dataset, split, first, last: classes[next - 1]!.label, text },
        ...{ limit: BigInt(wanted - found.length), offset: BigInt(skipped) },
      },
    );
    for (const { row } of rows) found.push(row);
  }
  const page = found.slice(offset - skipped);
  if (page.length === 0) return [];
  // As a table: with a plain list of numbers every row would be read.
  const rows = await database.all<SampleRow & { row: number }>(
    `SELECT rowid AS "row", ${sampleColumns} FROM samples WHERE rowid IN (SELECT unnest([${page.join(', ')}]))`,
  );
  const places = new Map(page.map((row, place) => [row, place]));
  return rows.sort((a, b) => places.get(a.row)! - places.get(b.row)!);
}

export type SampleRow = Omit<Sample, 'frames' | 'id' | 'dataset' | 'split' | 'label' | 'kind'> & {
  class: number;
  position: number;
  path: string;
  frames: string | null;
  size: number;
  mtime: number;
  /** The dataset's own label, where an edit gives another. */
  was: string | null;
};

/** What is known of the files of a page. */
export async function mediaOf(
  database: Database,
  rows: readonly SampleRow[],
): Promise<(row: SampleRow) => { media?: MediaFacts }> {
  const known = new Map<string, StoredMedia>();
  const files = Object.fromEntries(
    [...new Set(rows.map(({ file }) => file))].map((file, index) => [`f${index}`, file]),
  );
  const names = Object.keys(files).map((name) => `$${name}`);
  if (names.length > 0)
    // By row numbers: else every column of all rows would be read, where the keys alone say which are wanted.
    for (const row of await database.all<StoredMedia>(
      `SELECT ${mediaColumns} FROM media WHERE failure IS NULL AND rowid IN (
         SELECT rowid FROM media WHERE key IN (SELECT md5_number_lower(unnest([${names.join(', ')}])))
       )`,
      files,
    ))
      known.set(row.file, row);
  return ({ file, size, mtime }) => {
    const found = known.get(file);
    if (!found || found.size !== size || found.mtime !== mtime) return {};
    const { codec, width, height, rotation, duration, rate } = found;
    return { media: { codec, width, height, rotation, duration, rate } };
  };
}

/** The tags of a page of a dataset's samples. */
export async function tagsOf(
  database: Database,
  dataset: string,
  rows: readonly Pick<SampleRow, 'path'>[],
): Promise<(row: Pick<SampleRow, 'path'>) => { tags?: string[] }> {
  const paths = JSON.stringify(rows.map(({ path }) => path));
  const found = await database.all<{ path: string; tag: string }>(
    `SELECT path, tag FROM tags WHERE dataset = $dataset
     AND path IN (SELECT unnest(from_json($paths, '["VARCHAR"]'))) ORDER BY tag`,
    { dataset, paths },
  );
  const known = tagsBy(found, ({ path }) => path);
  return ({ path }) => {
    const tags = known.get(path);
    return tags ? { tags } : {};
  };
}

type StoredMedia = MediaFacts & { file: string; size: number; mtime: number };
const mediaColumns = 'file, size, mtime, codec, width, height, rotation, duration, rate';

export function toSample(dataset: string, row: SampleRow, classes: ReadonlyMap<number, StoredClass>): Sample {
  const { path, file, start, end, frames } = row;
  const { split, label, kind } = classes.get(row.class)!;
  const sample = { id: `${dataset}/${path}`, dataset, split, label, file, kind, start, end };
  return frames === null ? sample : { ...sample, frames: JSON.parse(frames) };
}

/**
 * What is wrong with the datasets, errors first. Of more than `limit` problems the rest is told as a number, as a last
 * problem: an editor cannot show a million.
 */
export function listProblems(workspace: string, limit = 5000): Promise<Problem[]> {
  return ask(workspace, async (database) => {
    const [total] = await database.all<{ rows: number }>('SELECT count(*) AS rows FROM problems');
    const rows = await database.all(
      `SELECT severity, file, line, col AS column_, length, message, dataset FROM problems
       ORDER BY severity, dataset NULLS FIRST, position, file LIMIT $limit`,
      { limit: BigInt(Math.min(limit, Number.MAX_SAFE_INTEGER)) },
    );
    const problems = rows.map(({ column_: column, ...row }) => {
      const entries = Object.entries({ ...row, column }).filter(([, value]) => value !== null);
      return Object.fromEntries(entries) as unknown as Problem;
    });
    const more = (total?.rows ?? 0) - problems.length;
    if (more > 0 && problems[0])
      problems.push({ severity: 'warning', file: problems[0].file, message: `${more} more problems are not listed.` });
    return problems;
  });
}

/**
 * Every usable sample of a dataset, train first, in an order that depends only on names. Excluded ones are left out.
 * Throws `missing-database` before the first update.
 */
export function readSamples(workspace: string, dataset: string): Promise<Sample[]> {
  return readIndex(workspace, async (database) => {
    const classes = await database.all<StoredClass>(
      'SELECT id, split, label, samples, kind FROM classes JOIN datasets ON name = dataset WHERE dataset = $dataset',
      { dataset },
    );
    const known = new Map(classes.map((each) => [each.id, each]));
    const starts = new Map<number, number>();
    let total = 0;
    for (const { id, samples } of classes.sort(byClass)) {
      starts.set(id, total);
      total += samples;
    }
    const rows = await database.all<SampleRow>(
      `SELECT ${sampleColumns} FROM samples
       WHERE class IN (SELECT id FROM classes WHERE dataset = $dataset) AND NOT excluded`,
      { dataset },
    );
    const found = new Array<Sample>(total);
    for (const row of rows) found[starts.get(row.class)! + row.position] = toSample(dataset, row, known);
    return found;
  });
}

/** After a question the index stays open for so long: more may follow. */
const keptMs = 500;

/** Asks the index; before the first update the answer is empty. */
export async function ask<T>(workspace: string, question: (database: Database) => Promise<T[]>): Promise<T[]> {
  try {
    return await readIndex(workspace, question, { keep: keptMs });
  } catch (error) {
    if (error instanceof UserError && error.code === 'missing-database') return [];
    throw error;
  }
}
