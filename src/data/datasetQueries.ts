// Answers the dataset page: pages of samples under filters, what each filter would leave, and ids. Tables are kept while they
// are asked (`sampleTable.ts`); questions to one wait for each other, and one that was aborted meanwhile is not asked.
import { throwIfAborted, UserError } from '../base/errors.ts';
import {
  type DatasetQuery,
  type Facets,
  type ListedSample,
  mostIds,
  type SampleFilters,
  type SamplesPage,
} from '../protocol/datasetQueries.ts';
import { indexFile, readIndex } from './indexFile.ts';
import { facetsOf } from './sampleFacets.ts';
import { type Condition, conditionOf } from './sampleFilter.ts';
import { type Joined, makeSampleTable, type SampleTable, searched, stampOf, stampsOf } from './sampleTable.ts';

export interface Query extends DatasetQuery {
  workspace: string;
}

export interface Page extends Query {
  offset: number;
  limit: number;
}

/** A table lives so long after the last question to it, and so many live. */
const keptMs = 120_000;
const mostTables = 2;
/** Samples on a page. */
const mostOnAPage = 1000;

interface Kept {
  stamps: string;
  table: Promise<SampleTable>;
  /** By the filters: the samples of each class under them, by the class's number. */
  counts: Map<string, Promise<number[]>>;
}

export class DatasetQueries {
  /** By workspace and dataset, the one asked last at the end. */
  private readonly kept = new Map<string, Kept>();
  private turn: Promise<unknown> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  /** Samples under the filters from `offset`, in the order of the page. */
  page(page: Page, joined: Joined, signal?: AbortSignal): Promise<SamplesPage> {
    return this.ask(page, joined, signal, async (table, kept) => {
      const { total, rows } = await rowsOf(table, kept, page, Math.min(page.limit, mostOnAPage));
      return { total, samples: await this.details(page, table, rows) };
    });
  }

  /** What each part of the page shows under the filters. */
  facets(query: Query, joined: Joined, signal?: AbortSignal): Promise<Facets> {
    return this.ask(query, joined, signal, (table) => facetsOf(table, query.filters, signal));
  }

  ids(page: Page, joined: Joined, signal?: AbortSignal): Promise<string[]> {
    return this.ask(page, joined, signal, async (table, kept) => {
      const { rows } = await rowsOf(table, kept, page, Math.min(page.limit, mostIds));
      return rows.map(({ path }) => `${page.dataset}/${path}`);
    });
  }

  close(): void {
    clearTimeout(this.timer);
    for (const key of [...this.kept.keys()]) this.drop(key);
  }

  private async ask<T>(
    query: Query,
    joined: Joined,
    signal: AbortSignal | undefined,
    question: (table: SampleTable, kept: Kept) => Promise<T>,
  ): Promise<T> {
    const mine = this.turn.then(async () => {
      throwIfAborted(signal);
      clearTimeout(this.timer);
      try {
        for (let attempt = 0; ; attempt++) {
          const kept = this.tableOf(query, joined);
          try {
            return await question(await kept.table, kept);
          } catch (error) {
            if (!(error instanceof Stale)) throw error;
            if (attempt === 3) throw new UserError('busy', 'The index is being changed. Try again in a moment.');
          }
        }
      } finally {
        this.timer = setTimeout(() => this.close(), keptMs).unref();
      }
    });
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private tableOf({ workspace, dataset }: Query, joined: Joined): Kept {
    const key = JSON.stringify([workspace, dataset]);
    const stamps = stampsOf(workspace, joined);
    const known = this.kept.get(key);
    if (known?.stamps === stamps) {
      this.kept.delete(key);
      this.kept.set(key, known);
      return known;
    }
    this.drop(key);
    const table = makeSampleTable(workspace, dataset, joined);
    const made: Kept = { stamps, table, counts: new Map() };
    this.kept.set(key, made);
    table.catch(() => this.kept.get(key) === made && this.kept.delete(key));
    for (const oldest of [...this.kept.keys()].slice(0, -mostTables)) this.drop(oldest);
    return made;
  }

  private drop(key: string): void {
    const kept = this.kept.get(key);
    this.kept.delete(key);
    kept?.table.then(
      ({ database }) => database.close(),
      () => undefined,
    );
  }

  /** What the index knows of the rows of a page. Throws Stale where it was changed since the table was made. */
  private async details({ workspace }: Query, table: SampleTable, rows: readonly Row[]): Promise<ListedSample[]> {
    if (rows.length === 0) return [];
    const found = await readIndex(
      workspace,
      (database) => {
        if (stampOf(indexFile(workspace)) !== table.indexStamp) throw new Stale();
        // As a table: with a plain list of numbers every row would be read.
        return database.all<Detail>(
          `SELECT rowid AS "row", file, start_second AS "start", end_second AS "end", frames, was FROM samples
           WHERE rowid IN (SELECT unnest(string_split($rows, ',')::BIGINT[]))`,
          { rows: rows.map(({ row }) => row).join(',') },
        );
      },
      { keep: 500 },
    );
    const details = new Map(found.map((detail) => [detail.row, detail]));
    const flags = await flagsOf(table, rows);
    const tags = await tagsOf(table, rows);
    return rows.flatMap((row) => {
      const detail = details.get(row.row);
      return detail ? [listed(table, row, detail, flags.get(row.place) ?? [], tags.get(row.place) ?? [])] : [];
    });
  }
}

/** The index is not the one that the table was made from. */
class Stale extends Error {}

interface Row {
  place: number;
  class: number;
  path: string;
  row: number;
  excluded: boolean;
  size: number | null;
  seconds: number | null;
  predicted: number | null;
  probability: number | null;
  correct: boolean | null;
}

interface Detail {
  row: number;
  file: string;
  start: number | null;
  end: number | null;
  frames: string | null;
  was: string | null;
}

/** By the counts of the classes it is known where a page begins: only the rows of its classes are gone through. */
async function rowsOf(
  table: SampleTable,
  kept: Kept,
  { filters, offset, limit }: Page,
  most = limit,
): Promise<{ total: number; rows: Row[] }> {
  const condition = conditionOf(table, filters);
  const counts = await countsOf(table, kept, condition, filters);
  const total = counts.reduce((sum, one) => sum + one, 0);
  let before = 0;
  let skipped = 0;
  let first: number | undefined;
  let last = 0;
  for (const [number, samples] of counts.entries()) {
    if (samples > 0 && before + samples > offset && before < offset + most) {
      if (first === undefined) skipped = Math.max(0, offset - before);
      first ??= number;
      last = number;
    }
    before += samples;
  }
  if (first === undefined) return { total, rows: [] };
  const [from, to] = [table.classes[first]!, table.classes[last]!];
  const rows = await table.database.use((database) =>
    database.all<Row>(
      `SELECT * FROM rows WHERE place BETWEEN $from AND $to AND ${condition.sql} ORDER BY place LIMIT $most OFFSET $skipped`,
      {
        ...condition.params,
        from: from.first,
        to: to.first + to.rows - 1,
        most: BigInt(most),
        skipped: BigInt(skipped),
      },
    ),
  );
  return { total, rows };
}

function countsOf(
  table: SampleTable,
  kept: Kept,
  { sql, params }: Condition,
  filters: SampleFilters,
): Promise<number[]> {
  const key = JSON.stringify([sql, params]);
  const known = kept.counts.get(key);
  if (known) return known;
  const counts =
    sql === 'true'
      ? Promise.resolve(table.classes.map(({ rows }) => rows))
      : table.database.use(async (database) => {
          const found = new Array<number>(table.classes.length).fill(0);
          const from = await searched(table, filters.text);
          const rest = conditionOf(table, filters, ['text']);
          for (const one of await database.all<{ class: number; samples: number }>(
            `SELECT class, count(*) AS samples FROM ${from} WHERE ${rest.sql} GROUP BY class`,
            rest.params,
          ))
            found[one.class] = one.samples;
          return found;
        });
  kept.counts.set(key, counts);
  for (const oldest of [...kept.counts.keys()].slice(0, -16)) kept.counts.delete(oldest);
  return counts;
}

async function flagsOf(table: SampleTable, rows: readonly Row[]): Promise<Map<number, string[]>> {
  const kinds = table.kinds.map(({ kind }) => kind);
  return namesOf(table, rows, kinds, 'SELECT place, kind AS number FROM flags');
}

async function tagsOf(table: SampleTable, rows: readonly Row[]): Promise<Map<number, string[]>> {
  return namesOf(table, rows, table.tags, 'SELECT place, tag AS number FROM tagged');
}

/** By place: what a table says of the rows by numbers of these names, in their order. */
async function namesOf(
  { database }: SampleTable,
  rows: readonly Row[],
  names: readonly string[],
  from: string,
): Promise<Map<number, string[]>> {
  const known = new Map<number, string[]>();
  if (names.length === 0) return known;
  const found = await database.use((tables) =>
    tables.all<{ place: number; number: number }>(
      `${from} WHERE place IN (SELECT unnest(string_split($places, ',')::INTEGER[])) ORDER BY number`,
      { places: rows.map(({ place }) => place).join(',') },
    ),
  );
  for (const { place, number } of found) known.set(place, [...(known.get(place) ?? []), names[number]!]);
  return known;
}

function listed(
  table: SampleTable,
  row: Row,
  { file, start, end, frames, was }: Detail,
  findings: string[],
  tags: string[],
): ListedSample {
  const { split, label } = table.classes[row.class]!;
  const { size, seconds, predicted, probability, correct } = row;
  return {
    ...{ id: `${table.dataset}/${row.path}`, dataset: table.dataset, split, label, file, kind: table.kind, start, end },
    ...(frames !== null && { frames: JSON.parse(frames) }),
    ...{ excluded: row.excluded, tags, findings },
    ...(was !== null && { was }),
    ...(size !== null && { media: { width: Math.floor(size / 65536), height: size % 65536, seconds } }),
    ...(predicted !== null && {
      prediction: { label: table.guesses[predicted]!, probability, correct: correct ?? false },
    }),
  };
}
