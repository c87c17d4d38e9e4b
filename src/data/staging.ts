// Samples that a scan found new or changed, until the index takes them over in one go. A few wait in the memory; more go to a
// database file of their own in `.cover`, so that neither the memory fills nor the index is held while a disk is read. What
// a scan that was stopped or killed left there, the next one goes on with.
import { readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, type KeptDatabase, keepDatabase, type SqlValue } from './duckdb.ts';
import { checkVersion, makeCoverFolder, removeDatabase, sampleTables } from './indexFile.ts';
import { idPath, type ScannedClass } from './scannedClass.ts';

/** Rows that wait in the memory at most. */
const mostWaiting = 1 << 14;

const sampleColumns = [
  'class',
  'position',
  'path',
  'file',
  'start_second',
  'end_second',
  'frames',
  'size',
  'mtime',
  'excluded',
  'was',
] as const;
const classColumns = ['id', 'dataset', 'split', 'label', 'samples', 'rows', 'relabelled', 'fingerprint'] as const;
type Columns<Name extends string> = Record<Name, SqlValue[]>;

/** Names of the files that this process is using. */
const inUse = new Set<string>();
let serial = 0;

export class Staging {
  private readonly ids = new Map<string, { id: number; fingerprint: string }>();
  private lastId = 0;
  private samples = empty(sampleColumns);
  private classes = empty(classColumns);
  private file: string | undefined;
  private kept: KeptDatabase | undefined;

  private constructor(private readonly workspace: string) {}

  /** With what an earlier scan left behind. */
  static async open(workspace: string): Promise<Staging> {
    const staging = new Staging(workspace);
    await staging.adopt();
    return staging;
  }

  /** Keeps a class of `dataset`, unless it is there already. Throws UserError where the disk is full. */
  async add(dataset: string, scanned: ScannedClass): Promise<void> {
    const { split, label, samples: used, seen, fingerprint } = scanned;
    if (this.idOf(dataset, scanned) !== undefined) return;
    const id = ++this.lastId;
    this.ids.set(keyOf(dataset, scanned), { id, fingerprint });
    const { classes, samples } = this;
    let relabelled = 0;
    for (const [position, { was }] of seen.entries()) if (was !== undefined && position < used) relabelled++;
    push(classes, { id, dataset, split, label, samples: used, rows: seen.length, relabelled, fingerprint });
    for (const [position, { sample, size, mtime, frames, was }] of seen.entries()) {
      samples.class.push(id);
      samples.position.push(position);
      samples.path.push(idPath(sample));
      samples.file.push(sample.file);
      samples.start_second.push(sample.start);
      samples.end_second.push(sample.end);
      samples.frames.push(frames ? JSON.stringify(frames) : null);
      samples.size.push(size);
      samples.mtime.push(mtime);
      samples.excluded.push(position >= used);
      samples.was.push(was ?? null);
    }
    if (samples.class.length >= mostWaiting) await this.flush();
  }

  /** The number under which a class is kept here; undefined where it is not, or is another. */
  idOf(dataset: string, scanned: Pick<ScannedClass, 'split' | 'label' | 'fingerprint'>): number | undefined {
    const known = this.ids.get(keyOf(dataset, scanned));
    return known?.fingerprint === scanned.fingerprint ? known.id : undefined;
  }

  /** Copies the classes of these numbers into the index's tables, with `offset` added to the numbers. */
  async copyInto(index: Database, wanted: ReadonlySet<number>, offset: number): Promise<void> {
    if (this.file !== undefined) {
      await index.run('CREATE OR REPLACE TEMP TABLE wanted (id INTEGER)');
      await index.append('wanted', { id: [...wanted] });
      await index.run(
        `INSERT INTO samples SELECT class + $offset, * EXCLUDE (class) FROM staged.samples
         WHERE class IN (SELECT id FROM wanted)`,
        { offset },
      );
      await index.run(
        `INSERT INTO classes SELECT id + $offset, * EXCLUDE (id) FROM staged.classes
         WHERE id IN (SELECT id FROM wanted)`,
        { offset },
      );
    }
    await index.append('samples', renumbered(this.samples, 'class', wanted, offset));
    await index.append('classes', renumbered(this.classes, 'id', wanted, offset));
  }

  /** Before the index's transaction in which `copyInto` is called. */
  async attachTo(index: Database): Promise<void> {
    if (this.file === undefined) return;
    this.kept?.close();
    this.kept = undefined;
    await index.attach(this.file, 'staged');
  }

  /** `keep` leaves the file for the next scan to go on with. */
  async close(keep: boolean): Promise<void> {
    this.kept?.close();
    this.kept = undefined;
    if (this.file === undefined) return;
    if (!keep) await removeDatabase(this.file);
    inUse.delete(this.file);
    this.file = undefined;
  }

  private async flush(): Promise<void> {
    const { samples, classes } = this;
    this.samples = empty(sampleColumns);
    this.classes = empty(classColumns);
    const kept = await this.opened();
    await kept.use(async (database) => {
      // Together: a class that is there has all its samples.
      await database.run('BEGIN TRANSACTION');
      await database.append('samples', samples);
      await database.append('classes', classes);
      await database.run('COMMIT');
    });
  }

  private async opened(): Promise<KeptDatabase> {
    if (this.kept) return this.kept;
    if (this.file === undefined) {
      this.file = join(await makeCoverFolder(this.workspace), newName());
      inUse.add(this.file);
      this.kept = await keepDatabase(this.file);
      await this.kept.use((database) => database.run(sampleTables));
    } else this.kept = await keepDatabase(this.file);
    return this.kept;
  }

  /** Takes over the newest file of a scan that is no more, and removes older ones. */
  private async adopt(): Promise<void> {
    const folder = join(this.workspace, '.cover');
    const left: { file: string; time: number }[] = [];
    for (const name of await readdir(folder).catch(() => [])) {
      const file = join(folder, name);
      const time = isLeft(name, file) && (await stat(file).catch(() => undefined))?.mtimeMs;
      if (typeof time === 'number') left.push({ file, time });
    }
    left.sort((a, b) => b.time - a.time);
    for (const { file } of left) {
      const mine = join(folder, newName());
      inUse.add(mine);
      // Another process may take the same one: then the renaming fails here.
      const taken = await rename(file, mine).then(
        () => true,
        () => false,
      );
      if (!taken) continue;
      await rename(`${file}.wal`, `${mine}.wal`).catch(() => undefined);
      if (this.file === undefined && (await this.load(mine))) this.file = mine;
      else await removeDatabase(mine);
    }
  }

  private async load(file: string): Promise<boolean> {
    try {
      const kept = await keepDatabase(file);
      try {
        const rows = await kept.use(async (database) => {
          await checkVersion(database, file);
          return database.all<{ id: number; dataset: string; label: string; split: 'train'; fingerprint: string }>(
            'SELECT id, dataset, split, label, fingerprint FROM classes ORDER BY id',
          );
        });
        for (const row of rows) this.ids.set(keyOf(row.dataset, row), { id: row.id, fingerprint: row.fingerprint });
        this.lastId = rows.at(-1)?.id ?? 0;
        return true;
      } finally {
        kept.close();
      }
    } catch {
      return false; // cut off in its making: there is nothing to go on with
    }
  }
}

function newName(): string {
  return `scan-${process.pid}-${++serial}.duckdb`;
}

/** Whether a file belongs to a scan that is no more: its process is gone, or this one has let go of it. */
function isLeft(name: string, file: string): boolean {
  const pid = Number(/^scan-(\d+)-\d+\.duckdb$/.exec(name)?.[1]);
  if (!(pid > 0)) return false;
  if (pid === process.pid) return !inUse.has(file);
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function keyOf(dataset: string, { split, label }: Pick<ScannedClass, 'split' | 'label'>): string {
  return `${dataset}\0${split}\0${label}`;
}

function empty<Name extends string>(names: readonly Name[]): Columns<Name> {
  return Object.fromEntries(names.map((name) => [name, [] as SqlValue[]])) as Columns<Name>;
}

function push<Name extends string>(columns: Columns<Name>, row: Record<Name, SqlValue>): void {
  for (const name in columns) columns[name].push(row[name]);
}

/** The rows whose number is wanted, with the offset added. */
function renumbered<Name extends string>(
  columns: Columns<Name>,
  number: Name,
  wanted: ReadonlySet<number>,
  offset: number,
): Columns<Name> {
  const ids = columns[number] as number[];
  const chosen: Columns<Name> = { ...columns };
  for (const name in chosen) chosen[name] = columns[name].filter((_, index) => wanted.has(ids[index]!));
  chosen[number] = (chosen[number] as number[]).map((id) => id + offset);
  return chosen;
}
