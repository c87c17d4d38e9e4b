// Takes what a scan found into the index: classes that are as they were stay, others are replaced, all in one transaction.
import { stat } from 'node:fs/promises';
import type { Problem } from '../protocol/events.ts';
import type { Database } from './duckdb.ts';
import { type KeptProblem, storeProblems, storeTags, writeIndex } from './indexFile.ts';
import { dropProbed, summariseMedia } from './mediaTable.ts';
import type { DatasetScan } from './scanClasses.ts';
import type { ScannedClass } from './scannedClass.ts';
import type { Staging } from './staging.ts';

export type FoundClass = Pick<ScannedClass, 'split' | 'label' | 'fingerprint'>;

/** A scan and the classes that it found. Those that differ from the index's lie in the staging. */
export interface FoundDataset extends DatasetScan {
  classes: FoundClass[];
  /** Its disk is away: all is as the index had it. */
  isAway?: true;
}

/** What the index has of a dataset. */
interface StoredDataset {
  fingerprint: string;
  /** Class numbers by fingerprint: it holds split and label as well. */
  classes: Map<string, number>;
}

/**
 * Brings the index to what was scanned, and leaves `kept` datasets as they are; `notices` are problems of the index itself and of the
 * file of edits. False where the index was changed by another program meanwhile so that the staging does not complete it: then scan
 * again.
 */
export async function storeScans(
  workspace: string,
  { found, kept }: { found: readonly FoundDataset[]; kept: ReadonlySet<string> },
  staging: Staging,
  notices: Readonly<Record<'index' | 'edits', readonly Problem[]>>,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  let complete = true;
  await writeIndex(
    workspace,
    async (database) => {
      const before = await readStored(database);
      const changed = found.filter(({ name, fingerprint }) => before.get(name)?.fingerprint !== fingerprint);
      const plan = planOf(changed, before, staging);
      complete = plan !== undefined;
      if (!plan) return;
      const gone = [...before].filter(([name]) => !kept.has(name) && !found.some((dataset) => dataset.name === name));
      for (const [, { classes }] of gone) for (const id of classes.values()) plan.dropped.push(id);
      await dropClasses(database, plan.dropped);
      if (plan.wanted.size > 0) {
        const [last] = await database.all<{ id: number | null }>('SELECT max(id) AS id FROM classes');
        await staging.copyInto(database, plan.wanted, last?.id ?? 0);
      }
      for (const [name] of gone) await forgetDataset(database, name);
      for (const [position, dataset] of found.entries())
        if (changed.includes(dataset)) await storeDataset(database, dataset, position);
        else
          await database.run('UPDATE datasets SET position = $position WHERE name = $name AND position <> $position', {
            position,
            name: dataset.name,
          });
      for (const source of ['index', 'edits'] as const) {
        await database.run('DELETE FROM problems WHERE source = $source', { source });
        const kept = notices[source].map((problem) => ({ problem, size: null, mtime: null }));
        await storeProblems(database, source, kept);
      }
      if (changed.length === 0 && gone.length === 0) return;
      await dropSolved(database, new Set(found.flatMap(({ name, isAway }) => (isAway ? [name] : []))));
      await dropProbed(database);
      await summariseMedia(database, [...changed.map(({ name }) => name), ...gone.map(([name]) => name)]);
    },
    { signal, prepare: (database) => staging.attachTo(database) },
  );
  return complete;
}

async function readStored(database: Database): Promise<Map<string, StoredDataset>> {
  const stored = new Map<string, StoredDataset>();
  for (const { name, fingerprint } of await database.all<{ name: string; fingerprint: string }>(
    'SELECT name, fingerprint FROM datasets ORDER BY position',
  ))
    stored.set(name, { fingerprint, classes: new Map() });
  for (const { dataset, id, fingerprint } of await database.all<{ dataset: string; id: number; fingerprint: string }>(
    'SELECT dataset, id, fingerprint FROM classes ORDER BY id',
  ))
    stored.get(dataset)?.classes.set(fingerprint, id);
  return stored;
}

/** Which classes of the index go, and which of the staging come; undefined where one is in neither. */
function planOf(
  changed: readonly FoundDataset[],
  before: ReadonlyMap<string, StoredDataset>,
  staging: Staging,
): { dropped: number[]; wanted: Set<number> } | undefined {
  const dropped: number[] = [];
  const wanted = new Set<number>();
  for (const { name, classes } of changed) {
    const old = new Map(before.get(name)?.classes);
    for (const one of classes) {
      if (old.delete(one.fingerprint)) continue;
      const id = staging.idOf(name, one);
      if (id === undefined) return undefined;
      wanted.add(id);
    }
    for (const id of old.values()) dropped.push(id);
  }
  return { dropped, wanted };
}

async function dropClasses(database: Database, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await database.run('CREATE OR REPLACE TEMP TABLE dropped (id INTEGER)');
  await database.append('dropped', { id: ids });
  await database.run('DELETE FROM samples WHERE class IN (SELECT id FROM dropped)');
  await database.run('DELETE FROM classes WHERE id IN (SELECT id FROM dropped)');
}

/** Replaces all that is known of a dataset beside its classes. */
async function storeDataset(database: Database, dataset: FoundDataset, position: number): Promise<void> {
  const { name, config, root, fingerprint, expected, tags, problems } = dataset;
  await forgetDataset(database, name);
  const row = { name, position, kind: config.kind, root, fingerprint };
  await database.run('INSERT INTO datasets VALUES ($name, $position, $kind, $root, $fingerprint)', row);
  for (const [split, number] of Object.entries(expected))
    await database.run('INSERT INTO expected VALUES ($name, $split, $number)', { name, split, number });
  await storeTags(database, name, tags);
  await storeProblems(
    database,
    'scan',
    problems.map((problem) => ({ problem, size: null, mtime: null })),
  );
}

async function forgetDataset(database: Database, name: string): Promise<void> {
  await database.run('DELETE FROM expected WHERE dataset = $name', { name });
  await database.run('DELETE FROM tags WHERE dataset = $name', { name });
  await database.run('DELETE FROM datasets WHERE name = $name', { name });
  await database.run("DELETE FROM problems WHERE dataset = $name AND source = 'scan'", { name });
}

/** Of the problems that decoding found, keeps those whose file belongs to a dataset still and is as it was, or is away. */
async function dropSolved(database: Database, away: ReadonlySet<string>): Promise<void> {
  const kept = await database.all<{ size: number | null; mtime: number | null } & Problem>(
    "SELECT dataset, severity, file, message, size, mtime FROM problems WHERE source = 'decode' ORDER BY file",
  );
  if (kept.length === 0) return;
  const belongs = await database.all<{ file: string }>(
    "SELECT DISTINCT file FROM samples WHERE file IN (SELECT file FROM problems WHERE source = 'decode')",
  );
  const files = new Set(belongs.map(({ file }) => file));
  const valid: KeptProblem[] = [];
  for (const { size, mtime, ...problem } of kept) {
    const isAway = problem.dataset !== undefined && away.has(problem.dataset);
    if (files.has(problem.file) && (isAway || (await isAsItWas(problem.file, size, mtime))))
      valid.push({ problem, size, mtime });
  }
  if (valid.length === kept.length) return;
  await database.run("DELETE FROM problems WHERE source = 'decode'");
  await storeProblems(database, 'decode', valid);
}

async function isAsItWas(file: string, size: number | null, mtime: number | null): Promise<boolean> {
  const now = await stat(file).catch(() => undefined);
  return now !== undefined && now.size === size && now.mtimeMs === mtime;
}
