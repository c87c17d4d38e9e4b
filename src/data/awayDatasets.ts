// Datasets whose disk is away (a drive that is not plugged in, a share that is not mounted): what the index has of them stays,
// so that nothing is lost, and a disk that comes back is not looked through as if it were new.
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { whyAway } from '../base/away.ts';
import type { DatasetConfig } from '../config/experiment.ts';
import type { SampleTags } from './applyEdits.ts';
import type { Database } from './duckdb.ts';
import { warning } from './entries.ts';
import type { FoundClass, FoundDataset } from './storeScans.ts';

/** Why the files of a dataset cannot be found, as the end of a sentence; undefined where they may be there. */
export async function whyDatasetAway(workspace: string, config: DatasetConfig): Promise<string | undefined> {
  const { path, media } = config;
  return (
    (await whyAway(resolve(workspace, path))) ??
    (media === undefined ? undefined : await whyAway(resolve(workspace, media)))
  );
}

/**
 * What the index has of a dataset, as if it had been found again, with `why` as its problem; undefined where it has no samples
 * of this folder.
 */
export async function asItWas(
  database: Database,
  name: string,
  { root, config, why }: { root: string; config: DatasetConfig; why: string },
): Promise<FoundDataset | undefined> {
  const [stored] = await database.all<{ samples: number }>(
    `SELECT CAST(sum(rows) AS BIGINT) AS samples FROM datasets JOIN classes ON dataset = name
     WHERE name = $name AND root = $root AND kind = $kind HAVING sum(rows) > 0`,
    { name, root, kind: config.kind },
  );
  if (!stored) return undefined;
  const classes = await database.all<FoundClass & Record<string, string>>(
    'SELECT split, label, fingerprint FROM classes WHERE dataset = $name ORDER BY id',
    { name },
  );
  const splits = await database.all<{ split: string; samples: number }>(
    'SELECT split, samples FROM expected WHERE dataset = $name ORDER BY split',
    { name },
  );
  const told =
    `Dataset "${name}" is not there: ${why}. What the index has of it (${stored.samples.toLocaleString('en')} ` +
    `${stored.samples === 1 ? 'sample' : 'samples'}) stays as it was until the dataset is back, or removed from cover.json.`;
  const found = {
    ...{ name, config, root, classes },
    expected: Object.fromEntries(splits.map(({ split, samples }) => [split, samples])),
    tags: await tagsOf(database, name),
    problems: [{ ...warning(root, told).problem, dataset: name }],
  };
  const fingerprint = createHash('sha256')
    .update(JSON.stringify(['away', found]))
    .digest('base64url');
  return { ...found, fingerprint, isAway: true };
}

async function tagsOf(database: Database, name: string): Promise<SampleTags[]> {
  const tags = new Map<string, string[]>();
  for (const { path, tag } of await database.all<{ path: string; tag: string }>(
    'SELECT path, tag FROM tags WHERE dataset = $name ORDER BY path, rowid',
    { name },
  ))
    tags.set(path, [...(tags.get(path) ?? []), tag]);
  return [...tags].map(([path, tags]) => ({ path, tags }));
}
