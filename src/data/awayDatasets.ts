// Datasets whose disk is away (a drive that is not plugged in, a share that is not mounted): what the index has of them stays,
// so that nothing is lost, and a disk that comes back is not looked through as if it were new.
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { ifAway } from '../base/away.ts';
import type { DatasetConfig } from '../config/experiment.ts';
import type { SampleTags } from './applyEdits.ts';
import type { Database } from './duckdb.ts';
import { count, warning } from './entries.ts';
import { readIndex, tagsBy } from './indexFile.ts';
import type { FoundClass, FoundDataset } from './storeScans.ts';

/**
 * What the index has of a dataset, as if it had been found again, with a problem that says why it is away; undefined where it is
 * not, or where the index has no samples of this folder.
 */
export async function awayDataset(
  workspace: string,
  name: string,
  config: DatasetConfig,
): Promise<FoundDataset | undefined> {
  const root = resolve(workspace, config.path);
  const away =
    (await ifAway(root)) ?? (config.media === undefined ? undefined : await ifAway(resolve(workspace, config.media)));
  return away && readIndex(workspace, (database) => asItWas(database, name, { root, config, why: away.why }));
}

async function asItWas(
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
    `Dataset "${name}" is not there: ${why}. What the index has of it (${count(stored.samples, 'sample')}) ` +
    'stays as it was until the dataset is back, or removed from cover.json.';
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
  const rows = await database.all<{ path: string; tag: string }>(
    'SELECT path, tag FROM tags WHERE dataset = $name ORDER BY path, rowid',
    { name },
  );
  return [...tagsBy(rows, ({ path }) => path)].map(([path, tags]) => ({ path, tags }));
}
