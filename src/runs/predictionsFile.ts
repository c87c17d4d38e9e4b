// predictions.parquet of a run: what every head says of every held-out sample, one row per sample and head.
//
//   sample, dataset, split, label, file, kind, start_seconds, end_seconds, frames   the sample, as in samples.parquet
//   truth              INTEGER    index of its label among the classes of its own head
//   head               VARCHAR    whose opinion the row is; a sample's own head has the name of its dataset
//   own                BOOLEAN    head = dataset: the rows that accuracies are made from
//   top                INTEGER[]  the head's classes, best first, at most five
//   top_labels         VARCHAR[]  their names
//   probabilities      FLOAT[]    theirs, in the same order
//   truth_probability  FLOAT      of the sample's own class; null in the rows of other heads, and where it is not known
//   all_probabilities  BLOB       of all classes of its own head, in their order: float32, little-endian
//                                 (numpy.frombuffer(value, '<f4')); null where they were not kept, and in the rows of other heads
//   missing            VARCHAR    why the sample could not be read; then only its own head has a row, without opinion
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from '../base/errors.ts';
import { type ParquetColumns, queryParquet, writeParquet } from '../data/parquet.ts';
import { type Sample, sampleSchema } from '../protocol/datasets.ts';
import type { ClassSet, JudgedSample } from '../protocol/evaluation.ts';
import type { HeadPredictions } from '../protocol/events.ts';
import { notEvaluated } from './report.ts';
import { runWritable } from './runWritable.ts';
import { amongIds, framedData, readSamplesFile, sampleColumns, sampleSql, withFrames } from './samplesFile.ts';

/**
 * A head's opinion: class indices, best first (at least its five best where it has as many), and their probabilities. Of
 * imported predictions there may be fewer of either.
 */
export interface Opinion {
  top: readonly number[];
  probabilities: readonly number[];
}

/** A held-out sample that was read, with the opinion of every head. */
export interface JudgedRecord {
  sample: Sample;
  /** Index of its label among the classes of its own head. */
  truth: number;
  /** Null where it is not known, as of imported predictions without probabilities. */
  truthProbability: number | null;
  /** Of all classes of its own head, in their order, where they are kept. */
  probabilities?: Float32Array | undefined;
  heads: Readonly<Record<string, Opinion>>;
}
/** A held-out sample that could not be read, and why, in one sentence. */
export interface MissingRecord {
  sample: Sample;
  truth: number;
  missing: string;
}
export type PredictionRecord = JudgedRecord | MissingRecord;

/** One head's view of its own dataset: what metrics are made from, and what could not be judged. */
export interface HeadRecords {
  judged: {
    sample: string;
    truth: number;
    ranked: number[];
    /** Of the first ranked. */
    confidence: number | null;
    truthProbability: number | null;
    /** Of all classes, where they were kept. */
    probabilities?: Float32Array;
  }[];
  missing: { sample: string; file: string; reason: string }[];
}

const kept = 5;

/** Writes the file whole or not at all. `classes` are the labels of every head, in the order of its indices. */
export async function writePredictionsFile(
  file: string,
  records: readonly PredictionRecord[],
  classes: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  const rows = records.flatMap((record) => rowsOf(record, classes));
  const column = <K extends keyof Row>(key: K): Row[K][] => rows.map((row) => row[key]);
  const columns: ParquetColumns = {
    ...sampleColumns(rows),
    truth: { type: 'INTEGER', values: column('truth') },
    head: { type: 'VARCHAR', values: column('head') },
    own: { type: 'BOOLEAN', values: rows.map((row) => row.head === row.dataset) },
    top: { type: 'INTEGER[]', values: column('top') },
    top_labels: { type: 'VARCHAR[]', values: column('labels') },
    probabilities: { type: 'FLOAT[]', values: column('probabilities') },
    truth_probability: { type: 'FLOAT', values: column('truthProbability') },
    all_probabilities: { type: 'BLOB', values: column('all') },
    missing: { type: 'VARCHAR', values: column('missing') },
  };
  await runWritable(file, () => writeParquet(file, columns));
}

interface Row extends Sample {
  truth: number;
  head: string;
  top: number[] | null;
  labels: string[] | null;
  probabilities: number[] | null;
  truthProbability: number | null;
  all: Uint8Array | null;
  missing: string | null;
}

function rowsOf(record: PredictionRecord, classes: Readonly<Record<string, readonly string[]>>): Row[] {
  const { sample, truth } = record;
  const silent = { top: null, labels: null, probabilities: null, truthProbability: null, all: null };
  if ('missing' in record) return [{ ...sample, truth, head: sample.dataset, ...silent, missing: record.missing }];
  return Object.entries(record.heads).map(([head, opinion]) => {
    const top = opinion.top.slice(0, kept);
    const labels = top.map((index) => {
      const label = classes[head]?.[index];
      if (label === undefined) throw new RangeError(`The head "${head}" has no class ${index}.`);
      return label;
    });
    return {
      ...sample,
      truth,
      head,
      top,
      labels,
      probabilities: opinion.probabilities.slice(0, kept),
      truthProbability: head === sample.dataset ? record.truthProbability : null,
      all: head === sample.dataset && record.probabilities ? bytesOf(record.probabilities) : null,
      missing: null,
    };
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The numbers where they lie; a copy where no float32 may begin there. Undefined where they are no whole numbers. */
function floatsOf({ buffer, byteOffset, byteLength }: Uint8Array): Float32Array | undefined {
  if (byteLength % 4 !== 0) return undefined;
  if (byteOffset % 4 === 0) return new Float32Array(buffer, byteOffset, byteLength / 4);
  return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

const ownRowSchema = z.object({
  sample: z.string(),
  file: z.string(),
  truth: z.number(),
  top: z.array(z.number()).nullable(),
  confidence: z.number().nullable(),
  truth_probability: z.number().nullable(),
  all_probabilities: z.instanceof(Uint8Array).nullable(),
  missing: z.string().nullable(),
});

/** Everything known of one head on its own dataset, in the order it was written. Older files have no all_probabilities. */
export async function readHeadRecords(file: string, head: string): Promise<HeadRecords> {
  const rows = await query(
    file,
    `SELECT sample, file, truth, top, probabilities[1] AS confidence, truth_probability, all_probabilities, missing
     FROM (SELECT * FROM data UNION ALL BY NAME SELECT NULL::BLOB AS all_probabilities WHERE false)
     WHERE own AND head = $head`,
    { head },
    ownRowSchema,
  );
  const records: HeadRecords = { judged: [], missing: [] };
  for (const { sample, file, truth, top, confidence, missing, ...row } of rows) {
    if (missing !== null) {
      records.missing.push({ sample, file, reason: missing });
      continue;
    }
    const probabilities = row.all_probabilities && floatsOf(row.all_probabilities);
    const known = { sample, truth, ranked: top ?? [], confidence, truthProbability: row.truth_probability };
    records.judged.push(probabilities ? { ...known, probabilities } : known);
  }
  return records;
}

const cellRowSchema = z.preprocess(
  (row) => withFrames(row as Record<string, unknown>),
  sampleSchema.extend({
    has_frames: z.boolean(),
    head: z.string(),
    own: z.boolean(),
    top_labels: z.array(z.string()),
    probabilities: z.array(z.number()),
  }),
);
type CellRow = z.infer<typeof cellRowSchema>;

/** The samples of one cell of a head's confusion matrix, by their id, with what every head says of them. */
export function readCell(file: string, { truth, predicted, ...page }: CellPage): Promise<JudgedSample[]> {
  return readJudgedSamples(
    file,
    `SEMI JOIN (
       SELECT sample FROM data
       WHERE own AND head = $head AND missing IS NULL AND ${among('truth', truth)} AND ${among('top[1]', predicted)}
       ORDER BY sample LIMIT $limit OFFSET $offset
     ) USING (sample)
     WHERE missing IS NULL ORDER BY sample, own DESC, head`,
    page,
  );
}

/** The samples with these ids, in the order of the ids; one that is not there, or was not judged, is left out. */
export async function readJudged(file: string, ids: readonly string[]): Promise<JudgedSample[]> {
  if (ids.length === 0) return [];
  const { condition, params } = amongIds(ids);
  const samples = await readJudgedSamples(
    file,
    `WHERE missing IS NULL AND ${condition} ORDER BY own DESC, head`,
    params,
  );
  const found = new Map(samples.map((judged) => [judged.sample.id, judged]));
  return ids.flatMap((id) => found.get(id) ?? []);
}

/** In the order of the rows that `which` chooses, a clause of SQL. */
async function readJudgedSamples(
  file: string,
  which: string,
  params: Record<string, string | number>,
): Promise<JudgedSample[]> {
  const rows = await query(
    file,
    `SELECT ${sampleSql}, EXISTS (FROM (DESCRIBE data) WHERE column_name = 'frames') AS has_frames,
       head, own, top_labels, probabilities
     FROM ${framedData} ${which}`,
    params,
    cellRowSchema,
  );
  const samples = gathered(rows);
  return rows.every((row) => row.has_frames) ? samples : withFramesOfRun(file, samples);
}

/** Files from before the frames were kept: the run's samples tell them, where they are there and can be read. */
async function withFramesOfRun(file: string, judged: JudgedSample[]): Promise<JudgedSample[]> {
  const ids = judged.map(({ sample }) => sample.id);
  const stored = await readSamplesFile(join(dirname(file), 'samples.parquet'), ids).catch(() => []);
  const framesOf = new Map(stored.map(({ id, frames }) => [id, frames]));
  return judged.map((each) => {
    const frames = framesOf.get(each.sample.id);
    return frames ? { ...each, sample: { ...each.sample, frames } } : each;
  });
}

export interface CellPage {
  head: string;
  /** Indices into the head's classes; absent: any. */
  truth?: ClassSet;
  predicted?: ClassSet;
  offset: number;
  limit: number;
}

/** A condition on whole numbers only, so that it can stand in the statement. */
function among(column: string, set: ClassSet): string {
  if (set === undefined) return 'true';
  const numbers = (typeof set === 'number' ? [set] : set).filter(Number.isSafeInteger);
  return numbers.length === 0 ? 'false' : `${column} IN (${numbers.join(', ')})`;
}

function gathered(rows: readonly CellRow[]): JudgedSample[] {
  const samples = new Map<string, JudgedSample>();
  for (const { head, own, top_labels: labels, probabilities, has_frames: _, ...sample } of rows) {
    const judged = samples.get(sample.id) ?? { sample, predicted: '', probability: 0, heads: {} };
    samples.set(sample.id, judged);
    if (own) Object.assign(judged, { predicted: labels[0] ?? '', probability: probabilities[0] ?? 0 });
    judged.heads[head] = predictionsOf(labels, probabilities);
  }
  return [...samples.values()];
}

function predictionsOf(labels: readonly string[], probabilities: readonly number[]): HeadPredictions[string] {
  return labels.map((label, index) => ({ label, probability: probabilities[index] ?? 0 }));
}

async function query<Row>(
  file: string,
  sql: string,
  params: Record<string, string | number>,
  row: z.ZodType<Row>,
): Promise<Row[]> {
  let rows: unknown[];
  try {
    rows = await queryParquet(file, sql, params);
  } catch (error) {
    if (!existsSync(file)) throw notEvaluated(dirname(file));
    if (error instanceof UserError) throw error;
    // A file with other columns than ours: DuckDB's message names the column.
    throw new UserError('run-damaged', `${file} is damaged: ${messageOf(error).split('\n')[0]}`, file);
  }
  const parsed = z.array(row).safeParse(rows);
  if (parsed.success) return parsed.data;
  throw new UserError('run-damaged', `${file} is damaged (${parsed.error.issues[0]?.message}). Evaluate again.`, file);
}
