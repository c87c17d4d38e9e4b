// Puts edits that were just written into the index at once, for the classes of their samples alone and without a look at the disk:
// a person who excludes a sample should not wait until a million files, or a network's, have been looked at. What the next scan
// finds is the same to the class, so it only brings the dataset's problems up to date.
import { resolve } from 'node:path';
import type { DatasetConfig, WorkspaceConfig } from '../config/experiment.ts';
import type { Database, SqlValue } from './duckdb.ts';
import type { SampleEdit } from './editsFile.ts';
import type { SplitName } from './entries.ts';
import { byCodeUnit } from './folders.ts';
import { storeTags, writeIndex } from './indexFile.ts';
import { Fingerprint, scanContext } from './scannedClass.ts';

/** Milliseconds to wait for another process that holds the index; after that the next scan does the work. */
const longestWait = 3000;

interface Row {
  path: string;
  file: string;
  start_second: number | null;
  end_second: number | null;
  frames: string | null;
  size: number;
  mtime: number;
  excluded: boolean;
  was: string | null;
}

interface StoredClass {
  id: number;
  split: SplitName;
  label: string;
}

/**
 * `ids` are the samples that were edited, `edits` what is said of all samples now. Throws UserError where the index cannot be
 * changed; it is then as it was.
 */
export async function editIndex(
  workspace: string,
  { datasets }: WorkspaceConfig,
  ids: Iterable<string>,
  edits: ReadonlyMap<string, SampleEdit>,
): Promise<void> {
  const paths = new Map<string, string[]>();
  for (const id of ids) {
    const slash = id.indexOf('/');
    const name = id.slice(0, slash);
    paths.set(name, [...(paths.get(name) ?? []), id.slice(slash + 1)]);
  }
  await writeIndex(
    workspace,
    async (database) => {
      for (const [name, wanted] of paths) {
        const config = datasets[name];
        if (config) await editDataset(database, workspace, name, config, wanted, edits);
      }
    },
    { wait: longestWait },
  );
}

async function editDataset(
  database: Database,
  workspace: string,
  name: string,
  config: DatasetConfig,
  paths: readonly string[],
  edits: ReadonlyMap<string, SampleEdit>,
): Promise<void> {
  const classes = await database.all<StoredClass>(
    'SELECT id, split, label FROM classes WHERE dataset = $dataset ORDER BY id',
    { dataset: name },
  );
  const present = await database.all<{ class: number; path: string; excluded: boolean; was: string | null }>(
    `SELECT class, path, excluded, was FROM samples WHERE class IN (SELECT id FROM classes WHERE dataset = $dataset)
     AND path IN (SELECT unnest(from_json($paths, '["VARCHAR"]')))`,
    { dataset: name, paths: JSON.stringify(paths) },
  );
  await retag(database, name, paths, present, edits);
  const known = new Map(classes.map((each) => [each.id, each]));
  const editOf = (path: string) => edits.get(`${name}/${path}`);
  // Where only tags are others the classes stay as they are.
  const concerned = present.filter((row) => {
    const { row: next } = changed(row, known.get(row.class)!.label, editOf(row.path), config);
    return next.excluded !== row.excluded || next.was !== row.was;
  });
  if (concerned.length > 0) await restore(database, workspace, name, config, classes, concerned, editOf);
  // Not what a scan finds: the next one stores what is known of the dataset as a whole.
  await database.run("UPDATE datasets SET fingerprint = '' WHERE name = $name", { name });
}

/** Stores the classes anew that these samples are in, and those that they come to. */
async function restore(
  database: Database,
  workspace: string,
  name: string,
  config: DatasetConfig,
  classes: readonly StoredClass[],
  concerned: readonly { class: number; path: string; was: string | null }[],
  editOf: (path: string) => SampleEdit | undefined,
): Promise<void> {
  const known = new Map(classes.map((each) => [each.id, each]));
  const labelOf = (path: string, own: string) => editOf(path)?.label ?? own;
  const affected = new Set<string>();
  for (const { class: id, path, was } of concerned) {
    const { split, label } = known.get(id)!;
    affected.add(keyOf(split, label));
    affected.add(keyOf(split, labelOf(path, was ?? label)));
  }
  const old = classes.filter(({ split, label }) => affected.has(keyOf(split, label)));
  const edited = new Set(concerned.map(({ path }) => path));
  const found = new Map<string, { split: SplitName; label: string; rows: Row[] }>();
  /** By how many more samples of a split are excluded than before. */
  const more = new Map<string, number>();
  for (const { id, split, label } of old) {
    const rows = await database.all<Row>(
      'SELECT * EXCLUDE (class, position) FROM samples WHERE class = $id ORDER BY position',
      { id },
    );
    for (const row of rows) {
      const next = edited.has(row.path) ? changed(row, label, editOf(row.path), config) : { row, label };
      if (next.row.excluded !== row.excluded) more.set(split, (more.get(split) ?? 0) + (next.row.excluded ? 1 : -1));
      const key = keyOf(split, next.label);
      const into = found.get(key) ?? { split, label: next.label, rows: [] };
      found.set(key, into);
      into.rows.push(next.row);
    }
  }
  await dropClasses(
    database,
    old.map(({ id }) => id),
  );
  const context = scanContext(resolve(workspace, config.path), config);
  const [last] = await database.all<{ id: number | null }>('SELECT max(id) AS id FROM classes');
  let id = last?.id ?? 0;
  for (const { split, label, rows } of found.values())
    await storeClass(database, ++id, name, context, split, label, rows);
  for (const [split, number] of more)
    await database.run('UPDATE expected SET samples = samples - $number WHERE dataset = $name AND split = $split', {
      ...{ number, name, split },
    });
}

/** The tags of these samples as they are now, of those that the index has. */
async function retag(
  database: Database,
  dataset: string,
  paths: readonly string[],
  present: readonly { path: string }[],
  edits: ReadonlyMap<string, SampleEdit>,
): Promise<void> {
  await database.run(
    `DELETE FROM tags WHERE dataset = $dataset AND path IN (SELECT unnest(from_json($paths, '["VARCHAR"]')))`,
    { dataset, paths: JSON.stringify(paths) },
  );
  const known = [...new Set(present.map(({ path }) => path))];
  await storeTags(
    database,
    dataset,
    known.map((path) => ({ path, tags: edits.get(`${dataset}/${path}`)?.tags ?? [] })),
  );
}

/** The row as the edit leaves it, and the class it counts in. */
function changed<Some extends Pick<Row, 'path' | 'excluded' | 'was'>>(
  row: Some,
  label: string,
  edit: SampleEdit | undefined,
  { exclude = [] }: DatasetConfig,
): { row: Some; label: string } {
  const own = row.was ?? label;
  const next = edit?.label ?? own;
  const whole = row.path.replace(/#[tf]=[\d.,]*$/, '');
  const excluded = edit?.excluded === true || exclude.includes(row.path) || exclude.includes(whole);
  return { row: { ...row, excluded, was: next === own ? null : own }, label: next };
}

async function dropClasses(database: Database, ids: readonly number[]): Promise<void> {
  const list = ids.map(Number).join(', ');
  await database.run(`DELETE FROM samples WHERE class IN (${list})`);
  await database.run(`DELETE FROM classes WHERE id IN (${list})`);
}

async function storeClass(
  database: Database,
  id: number,
  dataset: string,
  context: string,
  split: SplitName,
  label: string,
  rows: readonly Row[],
): Promise<void> {
  const sorted = rows.toSorted((a, b) => byCodeUnit(a.path, b.path));
  const ordered = [...sorted.filter(({ excluded }) => !excluded), ...sorted.filter(({ excluded }) => excluded)];
  const used = ordered.findIndex(({ excluded }) => excluded);
  const samples = used < 0 ? ordered.length : used;
  const fingerprint = new Fingerprint(context, split, label, samples);
  for (const row of ordered)
    fingerprint.add(row.path, row.start_second, row.end_second, row.size, row.mtime, row.frames, row.was);
  const relabelled = ordered.slice(0, samples).filter(({ was }) => was !== null).length;
  const column = (value: (row: Row, position: number) => SqlValue) => ordered.map(value);
  await database.append('classes', {
    ...{ id: [id], dataset: [dataset], split: [split], label: [label], samples: [samples], rows: [ordered.length] },
    ...{ relabelled: [relabelled], fingerprint: [fingerprint.digest()] },
  });
  await database.append('samples', {
    class: column(() => id),
    position: column((_, position) => position),
    path: column(({ path }) => path),
    file: column(({ file }) => file),
    start_second: column((row) => row.start_second),
    end_second: column((row) => row.end_second),
    frames: column(({ frames }) => frames),
    size: column(({ size }) => size),
    mtime: column(({ mtime }) => mtime),
    excluded: column(({ excluded }) => excluded),
    was: column(({ was }) => was),
  });
}

function keyOf(split: string, label: string): string {
  return `${split}/${label}`;
}
