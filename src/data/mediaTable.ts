// What the index keeps of the files themselves: rows by file and state, problems of files that could not be read, and a
// summary per dataset, made when something changed since a million rows are not gone through for every question.
import type { MediaFacts, MediaSummary } from '../protocol/datasets.ts';
import type { Database } from './duckdb.ts';
import { storeProblems } from './indexFile.ts';

/** A file that is to be probed. */
export interface PendingFile {
  dataset: string;
  file: string;
  kind: 'video' | 'image';
  /** Where it is a folder of frames. */
  frames: { pattern: string; first: number } | null;
  /** Bytes (of a folder: all frames in it) and milliseconds, as the index knows it. */
  size: number;
  mtime: number;
}

/** What came of one; `failure` is a sentence for a person. */
export interface ProbedFile extends PendingFile {
  facts: MediaFacts | undefined;
  failure: string | undefined;
}

const isProbed = `EXISTS (
  SELECT 1 FROM media WHERE key = md5_number_lower(samples.file) AND media.size = samples.size AND media.mtime = samples.mtime
)`;

/** The classes with files that were not probed yet, and in how many samples. */
export function pendingClasses(database: Database): Promise<{ id: number; samples: number }[]> {
  return database.all(
    `SELECT class AS id, count(*) AS samples FROM samples WHERE NOT excluded AND NOT ${isProbed}
     GROUP BY class ORDER BY class`,
  );
}

/** The files of the classes from number `first` to `last` that were not probed yet, each once. */
export async function pendingFiles(database: Database, first: number, last: number): Promise<PendingFile[]> {
  const rows = await database.all<Omit<PendingFile, 'frames'> & { frames: string | null }>(
    `SELECT dataset, file, kind, frames, size, mtime FROM samples JOIN classes ON id = class JOIN datasets ON name = dataset
     WHERE class BETWEEN $first AND $last AND NOT excluded AND NOT ${isProbed} ORDER BY class, samples.position`,
    { first, last },
  );
  const files = new Map(rows.map((row) => [row.file, row]));
  return [...files.values()].map((row) => ({ ...row, frames: row.frames === null ? null : JSON.parse(row.frames) }));
}

export async function storeProbed(database: Database, probed: readonly ProbedFile[]): Promise<void> {
  const column = <T>(value: (one: ProbedFile) => T) => probed.map(value);
  await database.run('CREATE OR REPLACE TEMP TABLE probed AS SELECT * EXCLUDE (key) FROM media LIMIT 0');
  await database.append('probed', {
    file: column(({ file }) => file),
    size: column(({ size }) => size),
    mtime: column(({ mtime }) => mtime),
    codec: column(({ facts }) => facts?.codec ?? null),
    width: column(({ facts }) => facts?.width ?? null),
    height: column(({ facts }) => facts?.height ?? null),
    rotation: column(({ facts }) => facts?.rotation ?? null),
    duration: column(({ facts }) => facts?.duration ?? null),
    rate: column(({ facts }) => facts?.rate ?? null),
    failure: column(({ failure }) => failure ?? null),
  });
  await database.run('DELETE FROM media WHERE key IN (SELECT md5_number_lower(file) FROM probed)');
  await database.run('INSERT INTO media SELECT md5_number_lower(file), * FROM probed');
  await database.run("DELETE FROM problems WHERE source = 'probe' AND file IN (SELECT file FROM probed)");
  await storeProblems(
    database,
    'probe',
    probed.flatMap(({ dataset, file, failure, size, mtime }) =>
      failure === undefined
        ? []
        : [{ problem: { severity: 'error' as const, file, message: failure, dataset }, size, mtime }],
    ),
  );
}

/** Removes the problems of files that are no more, or were changed: they are to be probed again. */
export async function dropProbed(database: Database): Promise<void> {
  const [kept] = await database.all<{ rows: number }>("SELECT count(*) AS rows FROM problems WHERE source = 'probe'");
  if (kept?.rows === 0) return;
  await database.run(
    `DELETE FROM problems WHERE source = 'probe' AND NOT EXISTS (
       SELECT 1 FROM samples
       WHERE samples.file = problems.file AND samples.size = problems.size AND samples.mtime = problems.mtime
     )`,
  );
}

const sizesTold = 8;

/** Counts anew what is known of the files of these datasets; default: of all. */
export async function summariseMedia(database: Database, datasets?: readonly string[]): Promise<void> {
  const [known] = await database.all<{ rows: number }>('SELECT count(*) AS rows FROM media');
  if (known?.rows === 0) return;
  const all = await database.all<{ name: string }>('SELECT name FROM datasets');
  for (const dataset of datasets ?? all.map(({ name }) => name)) {
    await database.run('DELETE FROM media_summaries WHERE dataset = $dataset', { dataset });
    const summary = await summaryOf(database, dataset);
    if (summary)
      await database.run('INSERT INTO media_summaries VALUES ($dataset, $summary)', {
        dataset,
        summary: JSON.stringify(summary),
      });
  }
}

async function summaryOf(database: Database, dataset: string): Promise<MediaSummary | undefined> {
  await database.run(
    `CREATE OR REPLACE TEMP TABLE known AS
     SELECT codec, width, height, rotation, duration, rate, failure FROM samples
     JOIN media ON key = md5_number_lower(samples.file) AND media.size = samples.size AND media.mtime = samples.mtime
     WHERE class IN (SELECT id FROM classes WHERE dataset = $dataset) AND NOT excluded`,
    { dataset },
  );
  const [all] = await database.all<Record<string, number | null>>(
    `SELECT count(*) FILTER (failure IS NULL) AS samples, count(failure) AS unreadable,
       count(*) FILTER (rotation > 0) AS turned, count(DISTINCT (width, height)) FILTER (width > 0) AS "differentSizes",
       min(duration) AS shortest, median(duration) AS duration, max(duration) AS longest,
       min(rate) AS slowest, median(rate) AS rate, max(rate) AS fastest FROM known`,
  );
  if (!all?.samples && !all?.unreadable) return undefined;
  const codecs = await database.all<MediaSummary['codecs'][number]>(
    `SELECT coalesce(codec, 'unknown') AS codec, count(*) AS samples FROM known WHERE failure IS NULL
     GROUP BY ALL ORDER BY samples DESC, codec`,
  );
  const sizes = await database.all<MediaSummary['sizes'][number]>(
    `SELECT width, height, count(*) AS samples FROM known WHERE failure IS NULL
     GROUP BY ALL ORDER BY samples DESC, width, height LIMIT ${sizesTold}`,
  );
  const { samples = 0, unreadable = 0, turned = 0, differentSizes = 0 } = all as Record<string, number>;
  return {
    ...{ samples, unreadable, codecs, sizes, differentSizes, turned },
    duration: spread(all.shortest, all.duration, all.longest),
    rate: spread(all.slowest, all.rate, all.fastest),
  };
}

function spread(least?: number | null, median?: number | null, most?: number | null): MediaSummary['duration'] {
  return typeof least === 'number' && typeof median === 'number' && typeof most === 'number'
    ? { least, median, most }
    : null;
}
