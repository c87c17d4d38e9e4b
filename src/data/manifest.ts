// The manifest format: CSV with a header, JSON Lines, or Parquet, with path, label and optionally split, start and end (seconds).
// Paths are relative to the manifest. Every line becomes a sample or a problem that names the line.
import { existsSync } from 'node:fs';
import { dirname, extname, isAbsolute, relative, resolve, sep } from 'node:path';
import { CancelledError, throwIfAborted } from '../base/errors.ts';
import type { Problem } from '../protocol/events.ts';
import { unusable } from './collect.ts';
import {
  count,
  type Entry,
  excerpt,
  type FoundSample,
  failure,
  type MediaKind,
  quoted,
  readingFailed,
  warning,
} from './entries.ts';
import { splitOf } from './folders.ts';
import { parseRecord, readCsv, readLines } from './lines.ts';
import { isMedia } from './mediaFiles.ts';
import { queryParquet } from './parquet.ts';

const columns = ['path', 'label', 'split', 'start', 'end'] as const;
type Column = (typeof columns)[number];
/** A line's values as text; absent where the line has none. */
interface Row {
  line: number;
  values: Partial<Record<Column, string>>;
}

export interface ManifestOptions {
  /** The column with the label, where it is not "label". */
  labelColumn?: string | undefined;
  /** The folder that paths are relative to, where it is not the manifest's. */
  media?: string | undefined;
}

/** Samples and problems of a manifest, line by line. Throws only when aborted. */
export async function* readManifest(
  file: string,
  kind: MediaKind,
  signal?: AbortSignal,
  { labelColumn = 'label', media = dirname(file) }: ManifestOptions = {},
): AsyncGenerator<Entry> {
  const seen = new Map<string, { line: number; label: string }>();
  let unsplit = 0;
  let split = false;
  let timedImages = 0;
  try {
    for await (const row of readRows(file, labelColumn, signal)) {
      if ('problem' in row) {
        yield row;
        continue;
      }
      const entry = toEntry(file, media, kind, row);
      if (!entry.sample) {
        yield entry;
        continue;
      }
      const { sample } = entry;
      if (kind === 'image' && (sample.start !== null || sample.end !== null)) {
        timedImages++;
        sample.start = null;
        sample.end = null;
      }
      const key = `${sample.file}\n${sample.start}\n${sample.end}`;
      const earlier = seen.get(key);
      if (earlier) {
        const labels = earlier.label === sample.label ? '' : `, there with label "${earlier.label}"`;
        yield warning(
          file,
          `"${sample.path}" stands in line ${earlier.line} already${labels}; this line is left out.`,
          row.line,
        );
        continue;
      }
      seen.set(key, { line: row.line, label: sample.label });
      if (sample.split === null) unsplit++;
      else split = true;
      yield entry;
    }
  } catch (error) {
    if (signal?.aborted) throw new CancelledError('Indexing');
    yield failure(
      file,
      `Manifest ${file} could not be read: ${reasonOf(error, file)}. Mend it, or the path in cover.json.`,
    );
  }
  if (split && unsplit > 0)
    yield warning(
      file,
      unsplit === 1
        ? '1 of the lines names no split; it is used for training.'
        : `${unsplit} of the lines name no split; they are used for training.`,
    );
  if (timedImages > 0)
    yield warning(file, `start and end mean nothing for images; ignored in ${count(timedImages, 'line')}.`);
}

/** Without saying once more which file could not be read. */
function reasonOf(error: unknown, file: string): string {
  return readingFailed(error).replace(`${file} could not be read: `, '');
}

function toEntry(file: string, media: string, kind: MediaKind, { line, values }: Row): Entry {
  const label = values.label?.normalize('NFC').trim() ?? '';
  const written = values.path?.trim() ?? '';
  const wrong = written === '' ? 'This line has no path.' : unusable(label, written);
  if (wrong !== undefined) return failure(file, wrong, line);
  if (!isMedia(written, kind)) {
    const ending = extname(written) || 'no extension';
    return failure(
      file,
      `${quoted(written)} is not a ${kind} file (${ending.slice(0, 20)}); this line is left out.`,
      line,
    );
  }
  const splitName = values.split?.trim() ?? '';
  const split = splitName === '' ? null : splitOf(splitName);
  if (split === undefined)
    return failure(file, `${quoted(splitName)} is no split: write train, val or test, or leave it empty.`, line);
  const start = seconds(values.start);
  const end = seconds(values.end);
  if (start === 'bad' || end === 'bad')
    return failure(file, 'start and end must be seconds, 0 or more, such as 12.5.', line);
  if (end !== null && (start ?? 0) >= end)
    return failure(file, `start (${start ?? 0} s) must come before end (${end} s).`, line);
  const absolute = locate(media, written);
  return {
    sample: { path: insidePath(media, absolute), file: absolute, label, split, start, end, line } satisfies FoundSample,
  };
}

/** Resolves a path of a manifest. One written on Windows is also understood elsewhere. */
function locate(folder: string, written: string): string {
  const file = resolve(folder, written);
  if (sep === '/' && written.includes('\\') && !existsSync(file)) {
    const other = resolve(folder, written.replaceAll('\\', '/'));
    if (existsSync(other)) return other;
  }
  return file;
}

function insidePath(folder: string, file: string): string {
  const path = relative(folder, file);
  return (path.startsWith('..') || isAbsolute(path) ? file : path).replaceAll(sep, '/');
}

function seconds(text: string | undefined): number | null | 'bad' {
  if (text === undefined || text.trim() === '') return null;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : 'bad';
}

type Rows = AsyncGenerator<Row | { problem: Problem }>;

function readRows(file: string, labelColumn: string, signal?: AbortSignal): Rows {
  if (/\.parquet$/i.test(file)) return readParquetRows(file, labelColumn, signal);
  return /\.(jsonl|ndjson)$/i.test(file)
    ? readJsonRows(file, labelColumn, signal)
    : readCsvRows(file, labelColumn, signal);
}

/** Rows count as lines, from 1. A page at a time, so that a large table does not fill the memory. */
async function* readParquetRows(file: string, labelColumn: string, signal?: AbortSignal): Rows {
  const page = 100_000;
  const described = await queryParquet<{ name: string }>(
    file,
    'SELECT column_name AS name FROM (DESCRIBE SELECT * FROM data)',
  );
  const names = described.map(({ name }) => name);
  const has = (column: Column) => names.some((name) => columnOf(name, labelColumn) === column);
  if (!has('path') || !has('label')) {
    yield failure(
      file,
      `This table needs the columns path and ${labelColumn}; it has ${excerpt(names.join(', ')) || 'none'}.`,
    );
    return;
  }
  // Only what is needed: beside it often stand whole pictures.
  const own = names.filter((name) => columnOf(name, labelColumn)).map((name) => `"${name.replaceAll('"', '""')}"`);
  for (let start = 0; ; start += page) {
    throwIfAborted(signal, 'Indexing');
    const rows = await queryParquet(file, `SELECT ${own.join(', ')} FROM data LIMIT $page OFFSET $start`, {
      page: BigInt(page),
      start: BigInt(start),
    });
    for (const [index, row] of rows.entries()) {
      const line = start + index + 1;
      const values = jsonValues(row, labelColumn);
      if (typeof values === 'string') yield failure(file, values, line);
      else yield { line, values };
    }
    if (rows.length < page) return;
  }
}

async function* readCsvRows(file: string, labelColumn: string, signal?: AbortSignal): Rows {
  const header = await readCsvHeader(file, labelColumn);
  if (!header) {
    yield failure(
      file,
      `The first line must name the columns, path and ${labelColumn} at least: path,${labelColumn},split,start,end.`,
      1,
    );
    return;
  }
  const { delimiter, names, line: headerLine } = header;
  for await (const { line, fields, error } of readCsv(file, delimiter, signal)) {
    throwIfAborted(signal, 'Indexing');
    if (line <= headerLine) continue;
    if (error !== undefined) {
      yield failure(
        file,
        `This line cannot be used: ${error}. Put a text with quotes in quotes and double those inside.`,
        line,
      );
    } else if (fields.length > names.length) {
      yield failure(
        file,
        `This line has ${fields.length} values for ${names.length} columns. Put a text with a "${delimiter}" in it in double quotes.`,
        line,
      );
    } else {
      const values: Row['values'] = {};
      for (const [index, name] of names.entries()) {
        const column = columnOf(name, labelColumn);
        if (column) values[column] = fields[index] ?? '';
      }
      yield { line, values };
    }
  }
}

/** The delimiter and the lower-case column names of a CSV manifest, or undefined where it is no manifest. */
export async function readCsvHeader(
  file: string,
  labelColumn = 'label',
): Promise<{ delimiter: string; names: string[]; line: number } | undefined> {
  for await (const { number, text } of readLines(file)) {
    if (text.trim() === '') continue;
    for (const delimiter of [',', ';', '\t']) {
      const fields = parseRecord(text, delimiter);
      if (typeof fields === 'string') continue;
      const names = fields.map((field) => field.trim().toLowerCase());
      if (names.includes('path') && names.includes(labelColumn.toLowerCase()))
        return { delimiter, names, line: number };
    }
    return undefined;
  }
  return undefined;
}

async function* readJsonRows(file: string, labelColumn: string, signal?: AbortSignal): Rows {
  for await (const { number, text, isCut } of readLines(file, signal)) {
    throwIfAborted(signal, 'Indexing');
    if (text.trim() === '') continue;
    if (isCut) {
      yield failure(file, `This line is longer than ${count(text.length, 'character')}; it is left out.`, number);
      continue;
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      yield failure(file, 'This line is not valid JSON. Write one object a line: {"path": …, "label": …}.', number);
      continue;
    }
    const values = jsonValues(value, labelColumn);
    if (typeof values === 'string') yield failure(file, values, number);
    else yield { line: number, values };
  }
}

function jsonValues(value: unknown, labelColumn: string): Row['values'] | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'This line is not an object. Write {"path": …, "label": …}.';
  const values: Row['values'] = {};
  for (const [key, item] of Object.entries(value)) {
    const column = columnOf(key, labelColumn);
    if (!column || item === null) continue;
    if (typeof item !== 'string' && typeof item !== 'number') return `"${key}" must be text or a number here.`;
    values[column] = String(item);
  }
  return values;
}

/** What a column means to us: the one chosen for the label counts as "label", and "label" itself then as nothing. */
function columnOf(name: string, labelColumn: string): Column | undefined {
  if (name.toLowerCase() === labelColumn.toLowerCase()) return 'label';
  const lower = name.toLowerCase();
  return lower !== 'label' && (columns as readonly string[]).includes(lower) ? (lower as Column) : undefined;
}
