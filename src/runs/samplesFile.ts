// samples.parquet of a run: the samples it was trained and judged on, as the index had them at the start. Columns:
// sample, dataset, split, label, file, kind VARCHAR; start_seconds, end_seconds DOUBLE (null for whole files); frames VARCHAR (JSON,
// null where the sample is no folder of frames).
import { z } from 'zod';
import { UserError } from '../base/errors.ts';
import { type ParquetColumns, queryParquet, writeParquet } from '../data/parquet.ts';
import { type Sample, sampleSchema } from '../protocol/datasets.ts';
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
  const frames = samples.map((sample) => (sample.frames ? JSON.stringify(sample.frames) : null));
  return runWritable(file, () =>
    writeParquet(file, { ...sampleColumns(samples), frames: { type: 'VARCHAR', values: frames } }),
  );
}

/** In the order they were written. Files of runs from before there were folders of frames have no such column. */
export async function readSamplesFile(file: string): Promise<Sample[]> {
  const all = 'SELECT * FROM data UNION ALL BY NAME SELECT NULL::VARCHAR AS frames WHERE false';
  const rows = await queryParquet(file, `SELECT ${sampleSql}, frames FROM (${all})`);
  const samples = rows.map(({ frames, ...row }) =>
    frames === null ? row : { ...row, frames: parsed(String(frames)) },
  );
  const checked = z.array(sampleSchema).safeParse(samples);
  if (checked.success) return checked.data;
  throw new UserError('run-damaged', `${file} is damaged (${checked.error.issues[0]?.message}).`, file);
}

/** Null where it is no JSON, which the schema then refuses. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
