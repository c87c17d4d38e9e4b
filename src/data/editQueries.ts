// Questions to the index about edited samples, and about those that something is wrong with.
import type { IndexedSample } from '../protocol/datasets.ts';
import { ask, mediaOf, type SampleRow, type StoredClass, sampleColumns, tagsOf, toSample } from './datasetIndex.ts';
import { tagsBy } from './indexFile.ts';
import { byClass } from './scannedClass.ts';

export interface KnownSample {
  id: string;
  /** The class it counts in now, and the dataset's own. */
  label: string;
  own: string;
}

/** Those of the ids that the index has, excluded ones too; an id may stand for a sample of several splits. */
export async function knownSamples(workspace: string, ids: readonly string[]): Promise<KnownSample[]> {
  const paths = new Map<string, string[]>();
  for (const id of ids) {
    const slash = id.indexOf('/');
    const dataset = id.slice(0, slash);
    const known = paths.get(dataset) ?? [];
    if (known.length === 0) paths.set(dataset, known);
    known.push(id.slice(slash + 1));
  }
  const found: KnownSample[] = [];
  for (const [dataset, wanted] of paths) {
    const rows = await ask(workspace, (database) =>
      database.all<{ path: string; label: string; was: string | null }>(
        `SELECT path, label, was FROM samples JOIN classes ON id = class WHERE dataset = $dataset
         AND path IN (SELECT unnest(from_json($paths, '["VARCHAR"]')))`,
        { dataset, paths: JSON.stringify(wanted) },
      ),
    );
    for (const { path, label, was } of rows) found.push({ id: `${dataset}/${path}`, label, own: was ?? label });
  }
  return found;
}

/** The classes of a dataset by name, whatever split they are in; those whose samples are all excluded, too. */
export async function classNames(workspace: string, dataset: string): Promise<string[]> {
  const rows = await ask(workspace, (database) =>
    database.all<{ label: string }>(
      `SELECT label FROM classes WHERE dataset = $dataset
       UNION SELECT was FROM samples JOIN classes ON id = class WHERE dataset = $dataset AND was IS NOT NULL ORDER BY 1`,
      { dataset },
    ),
  );
  return rows.map(({ label }) => label);
}

export interface ExcludedPage {
  dataset: string;
  filter?: string | undefined;
  offset: number;
  limit: number;
}

/** One page of a dataset's excluded samples, by split, class and path. */
export function listExcluded(
  workspace: string,
  { dataset, filter = '', offset, limit }: ExcludedPage,
): Promise<IndexedSample[]> {
  return ask(workspace, async (database) => {
    const classes = await database.all<StoredClass & { rows: number }>(
      `SELECT id, split, label, samples, rows, kind FROM classes JOIN datasets ON name = dataset
       WHERE dataset = $dataset AND rows > samples`,
      { dataset },
    );
    const known = new Map(classes.map((each) => [each.id, each]));
    const rows: SampleRow[] = [];
    let skipped = 0;
    for (const { id } of classes.sort(byClass)) {
      const part = await database.all<SampleRow>(
        `SELECT ${sampleColumns} FROM samples WHERE class = $id AND excluded AND contains(lower(path), $text)
         ORDER BY position LIMIT $limit OFFSET $offset`,
        { id, text: filter.toLowerCase(), limit: BigInt(offset + limit), offset: 0n },
      );
      for (const row of part) if (++skipped > offset && rows.length < limit) rows.push(row);
      if (rows.length >= limit) break;
    }
    const media = await mediaOf(database, rows);
    const tags = await tagsOf(database, dataset, rows);
    return rows.map((row) => ({
      ...toSample(dataset, row, known),
      ...media(row),
      excluded: true,
      ...(row.was !== null && { was: row.was }),
      ...tags(row),
    }));
  });
}

export interface EditCounts {
  /** Samples in no split: by edits, or by cover.json. */
  excluded: number;
  /** Samples that count in another class than the dataset's own. */
  relabelled: number;
}

/** How much of each dataset is edited. */
export async function editCounts(workspace: string): Promise<Map<string, EditCounts>> {
  const rows = await ask(workspace, (database) =>
    database.all<EditCounts & { dataset: string }>(
      `SELECT dataset, CAST(sum(rows - samples) AS BIGINT) AS excluded, CAST(sum(relabelled) AS BIGINT) AS relabelled
       FROM classes GROUP BY dataset`,
    ),
  );
  return new Map(rows.map(({ dataset, ...counts }) => [dataset, counts]));
}

export interface TagCount {
  tag: string;
  samples: number;
}

/** The tags in use by name, with how many samples have them; with `ids` those of these samples. */
export async function tagCounts(workspace: string, ids?: readonly string[]): Promise<TagCount[]> {
  return ask(workspace, (database) =>
    database.all<TagCount>(
      `SELECT tag, count(*) AS samples FROM tags
       ${ids ? `WHERE concat(dataset, '/', path) IN (SELECT unnest(from_json($ids, '["VARCHAR"]')))` : ''} GROUP BY tag ORDER BY tag`,
      ids ? { ids: JSON.stringify(ids) } : {},
    ),
  );
}

/** The tags of these samples by name, of those that have some. */
export async function tagsOfSamples(
  workspace: string,
  ids: readonly string[],
): Promise<{ id: string; tags: string[] }[]> {
  const rows = await ask(workspace, (database) =>
    database.all<{ id: string; tag: string }>(
      `SELECT concat(dataset, '/', path) AS id, tag FROM tags WHERE id IN (SELECT unnest(from_json($ids, '["VARCHAR"]')))
       ORDER BY tag`,
      { ids: JSON.stringify(ids) },
    ),
  );
  return [...tagsBy(rows, ({ id }) => id)].map(([id, tags]) => ({ id, tags }));
}

/** Samples whose file could not be decoded or probed, with why. */
export function problemMarks(
  workspace: string,
): Promise<{ dataset: string; split: string; label: string; file: string; message: string }[]> {
  return ask(workspace, async (database) => {
    // Mostly there is none: then the samples are not looked at.
    const [known] = await database.all<{ problems: number }>(
      "SELECT count(*) AS problems FROM problems WHERE source IN ('decode', 'probe')",
    );
    if (!known?.problems) return [];
    return database.all(
      `SELECT classes.dataset AS dataset, split, label, problems.file AS file, first(message) AS message
       FROM samples JOIN classes ON id = class JOIN problems ON problems.file = samples.file
       WHERE source IN ('decode', 'probe') AND NOT excluded
       GROUP BY ALL ORDER BY ALL LIMIT 2000`,
    );
  });
}
