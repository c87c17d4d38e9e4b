// samples.parquet of a run: the samples it was trained and judged on, as the index had them at the start. Columns:
// sample, dataset, split, label, file, kind VARCHAR; start_seconds, end_seconds DOUBLE (null for whole files).
import { z } from 'zod';
import { UserError } from '../base/errors.ts';
import { type ParquetColumns, queryParquet, writeParquet } from '../data/parquet.ts';
import { type Sample, sampleSchema } from '../protocol/runner.ts';
import { runWritable } from './runWritable.ts';

/** The columns of a sample, as any file of a run has them. */
export function sampleColumns(samples: readonly Sample[]) {
  const column = <K extends keyof Sample>(key: K): Sample[K][] => samples.map((sample) => sample[key]);
  return {
    sample: { type: 'VARCHAR', values: column('id') },
    dataset: { type: 'VARCHAR', values: column('dataset') },
    split: { type: 'VARCHAR', values: column('split') },
    label: { type: 'VARCHAR', values: column('label') },
    file: { type: 'VARCHAR', values: column('file') },
    kind: { type: 'VARCHAR', values: column('kind') },
    start_seconds: { type: 'DOUBLE', values: column('start') },
    end_seconds: { type: 'DOUBLE', values: column('end') },
  } as const satisfies ParquetColumns;
}

/** Selects them back under the names of `Sample`. */
export const sampleSql =
  'sample AS id, dataset, split, label, file, kind, start_seconds AS start, end_seconds AS "end"';

export function writeSamplesFile(file: string, samples: readonly Sample[]): Promise<void> {
  return runWritable(file, () => writeParquet(file, sampleColumns(samples)));
}

/** In the order they were written. */
export async function readSamplesFile(file: string): Promise<Sample[]> {
  const parsed = z.array(sampleSchema).safeParse(await queryParquet(file, `SELECT ${sampleSql} FROM data`));
  if (parsed.success) return parsed.data;
  throw new UserError('run-damaged', `${file} is damaged (${parsed.error.issues[0]?.message}).`, file);
}
