// Which sample of the index a file is, and its neighbours: what is needed to open a file from anywhere and go on from it.
import { UserError } from '../base/errors.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { SampleOfFile } from '../protocol/predictions.ts';
import { tagsOf } from './datasetIndex.ts';
import type { Database } from './duckdb.ts';
import { readIndex } from './indexFile.ts';
import { splitOrder } from './scannedClass.ts';

const columns = `samples.class, samples.position, path, file, start_second AS "start", end_second AS "end", frames, excluded,
  dataset, split, label, classes.samples, kind`;
const tables = 'samples JOIN classes ON classes.id = samples.class JOIN datasets ON datasets.name = dataset';

interface Row extends Omit<Sample, 'id' | 'frames'> {
  class: number;
  position: number;
  path: string;
  frames: string | null;
  excluded: boolean;
  samples: number;
}

/** Of several samples in one file the one called `id`, else the first one. Null before the first update, too. */
export async function sampleOfFile(workspace: string, file: string, id?: string): Promise<SampleOfFile | null> {
  try {
    return await readIndex(workspace, (database) => find(database, file, id));
  } catch (error) {
    if (error instanceof UserError && error.code === 'missing-database') return null;
    throw error;
  }
}

async function find(database: Database, file: string, id: string | undefined): Promise<SampleOfFile | null> {
  const rows = await database.all<Row>(`SELECT ${columns} FROM ${tables} WHERE file = $file`, { file });
  rows.sort((a, b) => splitOrder(a.split) - splitOrder(b.split) || (a.start ?? 0) - (b.start ?? 0));
  const row = rows.find((each) => idOf(each) === id) ?? rows.find(({ excluded }) => !excluded) ?? rows[0];
  if (!row) return null;
  const near = await database.all<Row>(
    `SELECT ${columns} FROM ${tables}
     WHERE samples.class = $class AND NOT excluded AND (samples.position = $before OR samples.position = $after)`,
    { class: row.class, before: row.position - 1, after: row.position + 1 },
  );
  const tags = await tagsOf(database, row.dataset, [row]);
  const at = (position: number) => {
    const found = near.find((each) => each.position === position);
    return found ? sampleOf(found) : null;
  };
  return {
    sample: sampleOf(row),
    excluded: row.excluded,
    tags: tags(row).tags ?? [],
    previous: at(row.position - 1),
    next: at(row.position + 1),
    position: row.position + 1,
    samples: row.samples,
  };
}

const idOf = ({ dataset, path }: Row) => `${dataset}/${path}`;

function sampleOf(row: Row): Sample {
  const { dataset, split, label, file, kind, start, end, frames } = row;
  const sample = { id: idOf(row), dataset, split, label, file, kind, start, end };
  return frames === null ? sample : { ...sample, frames: JSON.parse(frames) };
}
