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
    frames: { type: 'VARCHAR', values: samples.map(({ frames }) => (frames ? JSON.stringify(frames) : null)) },
  } as const satisfies ParquetColumns;
}

/** Selects them back under the names of `Sample`, from `framedData`; the rows are then made samples by `withFrames`. */
export const sampleSql =
  'sample AS id, dataset, split, label, file, kind, start_seconds AS start, end_seconds AS "end", frames';

/** `data` with the column that files from before there were folders of frames do not have. */
export const framedData = '(SELECT * FROM data UNION ALL BY NAME SELECT NULL::VARCHAR AS frames WHERE false)';

/** A row whose frames are JSON, or null for a file, with frames as a sample has them. */
export function withFrames({ frames, ...row }: Record<string, unknown>): Record<string, unknown> {
  return frames === null ? row : { ...row, frames: parsed(String(frames)) };
}

export function writeSamplesFile(file: string, samples: readonly Sample[]): Promise<void> {
  return runWritable(file, () => writeParquet(file, sampleColumns(samples)));
}

/** A condition on `sample`, with its parameters. At least one id. */
export function amongIds(ids: readonly string[]): { condition: string; params: Record<string, string> } {
  const names = ids.map((_, i) => `id${i}`);
  return {
    condition: `sample IN (${names.map((name) => `$${name}`).join(', ')})`,
    params: Object.fromEntries(names.map((name, i) => [name, ids[i]!])),
  };
}

/** In the order they were written; where ids are given, those samples only. */
export async function readSamplesFile(file: string, ids?: readonly string[]): Promise<Sample[]> {
  const { condition, params } = ids ? amongIds(ids) : { condition: 'true', params: {} };
  const rows = await queryParquet(file, `SELECT ${sampleSql} FROM ${framedData} WHERE ${condition}`, params);
  const checked = z.array(sampleSchema).safeParse(rows.map(withFrames));
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
