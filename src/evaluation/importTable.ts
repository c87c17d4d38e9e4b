// Predictions made elsewhere, as rows of what they say: from CSV or TSV, Parquet, or a JSON dump of scores. What the numbers
// mean (which class, which sample) is found out afterwards, by importPredictions.ts.
//
// Columns of a CSV, TSV or Parquet table (any case; the first of each line that there is):
//   sample, id, path, file, filename, video   which sample
//   label, truth, target, ground_truth, gt_label   its class, by name or index; optional where the dataset knows it
//   predicted, prediction, pred; predicted2 … predicted5   the best classes, by name or index
//   probability, confidence, score; probability2 … probability5   theirs; optional
//   score:CLASS   in place of those, one column a class: its probability or logit
// Parquet also takes lists: scores (all classes, in their order), or top_labels and probabilities (the best ones); and a
// predictions.parquet of ours, of which the rows of the samples' own heads are taken.
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { throwIfAborted, UserError } from '../base/errors.ts';
import { readingFailed } from '../data/entries.ts';
import { parseRecord, readCsv, readLines } from '../data/lines.ts';
import { queryParquet } from '../data/parquet.ts';
import { hasPickleName } from '../weights/pickle.ts';
import { badPredictions, type ClassRef, type ImportedRow, type ImportedTable } from './importedRow.ts';
import { readScores } from './importScores.ts';
import { clampRounding } from './probability.ts';

/** Throws UserError `bad-predictions` where the file as a whole cannot be used. */
export async function readImported(
  file: string,
  annotations: string | undefined,
  signal?: AbortSignal,
): Promise<ImportedTable> {
  if (hasPickleName(file)) throw pickledPredictions(file);
  const ending = extname(file).toLowerCase();
  try {
    if (ending === '.json') return await readScores(file, annotations);
    if (ending === '.parquet') return await readParquetTable(file);
    if (ending === '.csv' || ending === '.tsv' || ending === '.txt') return await readCsvTable(file, signal);
  } catch (error) {
    throwIfAborted(signal, 'The import'); // what a reading says that was stopped says nothing of the file
    if (error instanceof UserError) throw error;
    throw badPredictions(file, `it could not be read: ${readingFailed(error)}`);
  }
  if ((await stat(file).catch(() => undefined))?.isDirectory()) throw badPredictions(file, 'it is a folder');
  throw badPredictions(file, `"${ending || 'no extension'}" is none of .csv, .tsv, .parquet and .json`);
}

function pickledPredictions(file: string): UserError {
  const convert =
    "import json, pickle, sys; json.dump(pickle.load(open(sys.argv[1], 'rb')), open(sys.argv[2], 'w'), default=lambda x: x.tolist())";
  return badPredictions(
    file,
    'it is a pickle, and reading one runs whatever program is stored in it',
    `Where you trust it, convert it with: python -c "${convert}" FILE.pkl FILE.json (in the environment that made it), and import the JSON.`,
  );
}

const names = {
  sample: ['sample', 'id', 'path', 'file', 'filename', 'video'],
  truth: ['label', 'truth', 'target', 'ground_truth', 'gt_label'],
  predicted: ['predicted', 'prediction', 'pred'],
  probability: ['probability', 'confidence', 'score'],
} as const;
const scorePrefix = 'score:';

/** Where each thing stands in a table, by its column names as written. */
interface Columns {
  sample: string;
  truth: string | undefined;
  predicted: string[];
  probability: string[];
  scores: string[];
  lists: { scores?: string; topLabels?: string; top?: string; probabilities?: string; blob?: string; missing?: string };
}

function columnsOf(file: string, written: readonly string[]): Columns {
  const find = (wanted: readonly string[]): string | undefined =>
    wanted.map((name) => written.find((each) => each.trim().toLowerCase() === name)).find((name) => name !== undefined);
  const ranked = (wanted: readonly string[]) => {
    const others = [2, 3, 4, 5].map((place) => find(wanted.map((name) => `${name}${place}`)));
    return [find(wanted), ...others].filter((name) => name !== undefined);
  };
  const sample = find(names.sample);
  const scores = written.filter((name) => name.trim().toLowerCase().startsWith(scorePrefix));
  const lists: Columns['lists'] = {};
  for (const [key, name] of Object.entries({
    ...{ scores: 'scores', topLabels: 'top_labels', top: 'top', probabilities: 'probabilities' },
    ...{ blob: 'all_probabilities', missing: 'missing' },
  })) {
    const found = find([name]);
    if (found !== undefined) lists[key as keyof Columns['lists']] = found;
  }
  const predicted = ranked(names.predicted);
  const says = predicted.length > 0 || scores.length > 0 || lists.scores || lists.topLabels || lists.top;
  if (sample === undefined || !says)
    throw badPredictions(
      file,
      `a table needs the columns sample and predicted (or score:CLASS for every class, or the list scores); it has ${written.slice(0, 20).join(', ').slice(0, 200)}`,
    );
  return { sample, truth: find(names.truth), predicted, probability: ranked(names.probability), scores, lists };
}

async function readCsvTable(file: string, signal?: AbortSignal): Promise<ImportedTable> {
  const header = await headerOf(file);
  const columns = columnsOf(file, header.names);
  const table: ImportedTable = { rows: [], problems: [] };
  if (columns.scores.length > 0) table.columns = columns.scores.map(classOfColumn);
  for await (const { line, fields, error } of readCsv(file, header.delimiter, signal)) {
    if (line <= header.line) continue;
    const values = Object.fromEntries(header.names.map((name, i) => [name, fields[i]?.trim() ?? '']));
    const row = error === undefined ? rowOf(values, columns, line) : error;
    if (typeof row !== 'string') table.rows.push(row);
    else table.problems.push({ severity: 'error', file, line, message: `This line is left out: ${row}.` });
  }
  return table;
}

async function headerOf(file: string): Promise<{ names: string[]; delimiter: string; line: number }> {
  for await (const { number, text } of readLines(file)) {
    if (text.trim() === '') continue;
    const tried = [',', ';', '\t'].map((delimiter) => ({ delimiter, fields: parseRecord(text, delimiter) }));
    const best = tried.sort((a, b) => b.fields.length - a.fields.length).find(({ fields }) => Array.isArray(fields));
    const fields = Array.isArray(best?.fields) ? best.fields : [];
    return { names: fields, delimiter: best?.delimiter ?? ',', line: number };
  }
  throw badPredictions(file, 'it is empty');
}

async function readParquetTable(file: string): Promise<ImportedTable> {
  const described = await queryParquet<{ name: string }>(
    file,
    'SELECT column_name AS name FROM (DESCRIBE SELECT * FROM data)',
  );
  const written = described.map(({ name }) => name);
  const columns = columnsOf(file, written);
  const ours = written.includes('own') && columns.lists.top !== undefined;
  const used = [
    ...[columns.sample, columns.truth, ...columns.predicted, ...columns.probability, ...columns.scores],
    ...Object.values(columns.lists),
  ].filter((name) => name !== undefined);
  const select = [...new Set(used)].map((name) => `"${name.replaceAll('"', '""')}"`).join(', ');
  const rows = await queryParquet(file, `SELECT ${select} FROM data ${ours ? 'WHERE own' : ''}`);
  const table: ImportedTable = { rows: [], problems: [] };
  if (columns.scores.length > 0) table.columns = columns.scores.map(classOfColumn);
  for (const [index, values] of rows.entries()) {
    const row = rowOf(values, columns, index + 1);
    if (typeof row !== 'string') table.rows.push(row);
    else table.problems.push({ severity: 'error', file, line: index + 1, message: `This row is left out: ${row}.` });
  }
  return table;
}

function classOfColumn(name: string): string {
  return name.trim().slice(scorePrefix.length).trim();
}

/** A row, or, where it is of no sample, the end of a sentence on that. */
function rowOf(values: Record<string, unknown>, columns: Columns, line: number): ImportedRow | string {
  const { lists } = columns;
  const sample = writtenOf(values[columns.sample]);
  if (sample === undefined) return 'it names no sample';
  const row: ImportedRow = { sample, line, truth: columns.truth && refOf(values[columns.truth]) };
  const refuse = (refused: string): ImportedRow => ({ sample, line, refused });
  const list = (name: string | undefined) => {
    const value = name === undefined ? undefined : values[name];
    return Array.isArray(value) && value.length > 0 ? value : undefined;
  };
  const missing = lists.missing && textOf(values[lists.missing]);
  if (missing !== undefined) return { ...row, missing };
  if (columns.scores.length > 0 || list(lists.scores)) {
    const given = list(lists.scores) ?? columns.scores.map((name) => values[name]);
    const scores = given.map(numberOf);
    return scores.some((score) => score === undefined)
      ? refuse('a score is no number')
      : { ...row, scores: Float32Array.from(scores as number[]) };
  }
  const blob = lists.blob && values[lists.blob];
  if (blob instanceof Uint8Array && blob.byteLength % 4 === 0)
    row.scores = new Float32Array(blob.buffer.slice(blob.byteOffset, blob.byteOffset + blob.byteLength) as ArrayBuffer);
  const [labels, top] = [list(lists.topLabels), list(lists.top)];
  if (row.scores && labels && top?.length === labels.length) row.places = top.map(Number);
  const best = labels ?? top ?? columns.predicted.map((name) => values[name]);
  const predicted = best.map(refOf).filter((ref) => ref !== undefined);
  if (predicted.length === 0) return refuse('it has no prediction');
  const every = list(lists.probabilities) ?? columns.probability.map((name) => values[name]);
  const given = every.slice(0, predicted.length);
  const probabilities = given.map((value) => {
    const number = numberOf(value);
    return number === undefined ? undefined : clampRounding(number);
  });
  const wrong = probabilities.find((value) => value !== undefined && (value < 0 || value > 1));
  if (wrong !== undefined) return refuse(`${wrong} is no probability`);
  // As they will be stored: figures made now and figures made of the file are the same.
  const known = probabilities.every((value) => value !== undefined) ? (probabilities as number[]).map(Math.fround) : [];
  const unread = given.find(
    (value) => typeof value === 'string' && value.trim() !== '' && numberOf(value) === undefined,
  );
  return {
    ...row,
    predicted,
    probabilities: known,
    ...(unread !== undefined && { unreadProbability: String(unread) }),
  };
}

/** As it is written: names of files may be composed in either way. */
function writtenOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function textOf(value: unknown): string | undefined {
  return writtenOf(value)?.normalize('NFC');
}

function refOf(value: unknown): ClassRef | undefined {
  return typeof value === 'number' ? value : textOf(value);
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'string' && value.trim() === '') return undefined;
  const number = typeof value === 'number' ? value : Number(typeof value === 'string' ? value : Number.NaN);
  return Number.isFinite(number) ? number : undefined;
}
