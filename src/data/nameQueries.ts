// Questions to the index about the names of samples: where in the datasets a text is found, and which names are alike.
import { throwIfAborted } from '../base/errors.ts';
import type { Sample } from '../protocol/datasets.ts';
import { ask, type SampleRow, type StoredClass, sampleColumns, toSample } from './datasetIndex.ts';

/** The classes of a split that have samples whose path has the text in it, in any case, with how many. */
export function matchingClasses(
  workspace: string,
  dataset: string,
  split: string,
  filter: string,
  signal?: AbortSignal,
): Promise<{ label: string; samples: number }[]> {
  return ask(workspace, (database) => {
    throwIfAborted(signal, 'The search'); // it may have waited for others
    return database.all(
      `SELECT label, CAST(found AS BIGINT) AS samples FROM classes JOIN (
         SELECT class, count(*) AS found FROM samples WHERE NOT excluded AND ${pathHas(filter)} GROUP BY class
       ) ON id = class WHERE dataset = $dataset AND split = $split ORDER BY label`,
      { dataset, split, text: filter.toLowerCase() },
    );
  });
}

export interface MatchCount {
  dataset: string;
  /** null: excluded samples. */
  split: string | null;
  samples: number;
  classes: number;
}

/** How many samples of each dataset and split have the text in their path. */
export function matchCounts(workspace: string, filter: string, signal?: AbortSignal): Promise<MatchCount[]> {
  return ask(workspace, (database) => {
    throwIfAborted(signal, 'The search');
    return database.all(
      `SELECT dataset, CASE WHEN excluded THEN NULL ELSE split END AS split, CAST(sum(found) AS BIGINT) AS samples,
         count(*) AS classes
       FROM classes JOIN (
         SELECT class, excluded, count(*) AS found FROM samples WHERE ${pathHas(filter)} GROUP BY class, excluded
       ) ON id = class GROUP BY ALL`,
      { text: filter.toLowerCase() },
    );
  });
}

/** Less alike than this is no similar name. */
const leastSimilarity = 0.75;

/** Samples whose file's name is like that of `file`, of all datasets, the nearest first; not the sample `id` itself. */
export function similarNames(
  workspace: string,
  { id, file, limit }: { id: string; file: string; limit: number },
): Promise<{ sample: Sample; similarity: number }[]> {
  return ask(workspace, async (database) => {
    const rows = await database.all<SampleRow & { similarity: number }>(
      `SELECT ${sampleColumns}, similarity FROM (
         SELECT *, jaro_winkler_similarity(${nameOf('file')}, ${nameOf('$file')}, $least) AS similarity FROM samples
       ) WHERE similarity > 0 ORDER BY similarity DESC, class, position LIMIT $limit`,
      { file, least: leastSimilarity, limit: BigInt(limit + 1) },
    );
    const classes = await database.all<StoredClass & { dataset: string }>(
      `SELECT id, dataset, split, label, samples, kind FROM classes JOIN datasets ON name = dataset
       WHERE id IN (SELECT unnest([${[...new Set(rows.map((row) => row.class)), -1].join(', ')}]))`,
    );
    const known = new Map(classes.map((each) => [each.id, each]));
    return rows
      .map((row) => ({ sample: toSample(known.get(row.class)!.dataset, row, known), similarity: row.similarity }))
      .filter(({ sample }) => sample.id !== id)
      .slice(0, limit);
  });
}

/** The name without folders and ending, in small letters. */
function nameOf(file: string): string {
  return `lower(parse_filename(${file}, true, 'both_slash'))`;
}

/** To make letters small takes as long as the search: digits need it not. */
function pathHas(filter: string): string {
  return `contains(${/^[\x20-\x60\x7b-\x7e]*$/.test(filter.toLowerCase()) ? 'path' : 'lower(path)'}, $text)`;
}
