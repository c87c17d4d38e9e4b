// The manifest format: CSV with a header, or JSON Lines, with path, label and optionally split, start and end (seconds).
// Paths are relative to the manifest. Every line becomes a sample or a problem that names the line.
import { existsSync } from 'node:fs';
import { dirname, extname, isAbsolute, relative, resolve, sep } from 'node:path';
import { CancelledError, throwIfAborted } from '../base/errors.ts';
import type { Problem } from '../protocol/events.ts';
import { count, type Entry, type FoundSample, failure, type MediaKind, readingFailed, warning } from './entries.ts';
import { splitOf } from './folders.ts';
import { parseRecord, readCsv, readLines } from './lines.ts';
import { isMedia } from './mediaFiles.ts';

const columns = ['path', 'label', 'split', 'start', 'end'] as const;
type Column = (typeof columns)[number];
/** A line's values as text; absent where the line has none. */
interface Row {
  line: number;
  values: Partial<Record<Column, string>>;
}

/** Samples and problems of a manifest, line by line. Throws only when aborted. */
export async function* readManifest(file: string, kind: MediaKind, signal?: AbortSignal): AsyncGenerator<Entry> {
  const seen = new Map<string, { line: number; label: string }>();
  let unsplit = 0;
  let split = false;
  let timedImages = 0;
  try {
    for await (const row of readRows(file, signal)) {
      if ('problem' in row) {
        yield row;
        continue;
      }
      const entry = toEntry(file, kind, row);
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
      `Manifest ${file} could not be read: ${readingFailed(error)}. Mend it, or the path in cover.json.`,
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

function toEntry(file: string, kind: MediaKind, { line, values }: Row): Entry {
  const label = values.label?.normalize('NFC').trim() ?? '';
  const written = values.path?.trim() ?? '';
  if (written === '') return failure(file, 'This line has no path.', line);
  if (label === '') return failure(file, `"${written}" has no label.`, line);
  if (written.includes('\0')) return failure(file, 'This path has a NUL character in it.', line);
  if (!isMedia(written, kind)) {
    const ending = extname(written) || 'no extension';
    return failure(file, `"${written}" is not a ${kind} file (${ending}); this line is left out.`, line);
  }
  const splitName = values.split?.trim() ?? '';
  const split = splitName === '' ? null : splitOf(splitName);
  if (split === undefined)
    return failure(file, `"${splitName}" is no split: write train, val or test, or leave it empty.`, line);
  const start = seconds(values.start);
  const end = seconds(values.end);
  if (start === 'bad' || end === 'bad')
    return failure(file, 'start and end must be seconds, 0 or more, such as 12.5.', line);
  if (end !== null && (start ?? 0) >= end)
    return failure(file, `start (${start ?? 0} s) must come before end (${end} s).`, line);
  const absolute = locate(file, written);
  return {
    sample: { path: insidePath(file, absolute), file: absolute, label, split, start, end, line } satisfies FoundSample,
  };
}

/** Resolves a path of a manifest. One written on Windows is also understood elsewhere. */
function locate(manifest: string, written: string): string {
  const file = resolve(dirname(manifest), written);
  if (sep === '/' && written.includes('\\') && !existsSync(file)) {
    const other = resolve(dirname(manifest), written.replaceAll('\\', '/'));
    if (existsSync(other)) return other;
  }
  return file;
}

function insidePath(manifest: string, file: string): string {
  const path = relative(dirname(manifest), file);
  return (path.startsWith('..') || isAbsolute(path) ? file : path).replaceAll(sep, '/');
}

function seconds(text: string | undefined): number | null | 'bad' {
  if (text === undefined || text.trim() === '') return null;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : 'bad';
}

function readRows(file: string, signal?: AbortSignal): AsyncGenerator<Row | { problem: Problem }> {
  return /\.(jsonl|ndjson)$/i.test(file) ? readJsonRows(file, signal) : readCsvRows(file, signal);
}

async function* readCsvRows(file: string, signal?: AbortSignal): AsyncGenerator<Row | { problem: Problem }> {
  const header = await readCsvHeader(file);
  if (!header) {
    yield failure(
      file,
      'The first line must name the columns, path and label at least: path,label,split,start,end.',
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
      for (const [index, name] of names.entries()) if (isColumn(name)) values[name] = fields[index] ?? '';
      yield { line, values };
    }
  }
}

/** The delimiter and the lower-case column names of a CSV manifest, or undefined where it is no manifest. */
export async function readCsvHeader(
  file: string,
): Promise<{ delimiter: string; names: string[]; line: number } | undefined> {
  for await (const { number, text } of readLines(file)) {
    if (text.trim() === '') continue;
    for (const delimiter of [',', ';', '\t']) {
      const fields = parseRecord(text, delimiter);
      if (typeof fields === 'string') continue;
      const names = fields.map((field) => field.trim().toLowerCase());
      if (names.includes('path') && names.includes('label')) return { delimiter, names, line: number };
    }
    return undefined;
  }
  return undefined;
}

async function* readJsonRows(file: string, signal?: AbortSignal): AsyncGenerator<Row | { problem: Problem }> {
  for await (const { number, text } of readLines(file, signal)) {
    throwIfAborted(signal, 'Indexing');
    if (text.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      yield failure(file, 'This line is not valid JSON. Write one object a line: {"path": …, "label": …}.', number);
      continue;
    }
    const values = jsonValues(value);
    if (typeof values === 'string') yield failure(file, values, number);
    else yield { line: number, values };
  }
}

function jsonValues(value: unknown): Row['values'] | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'This line is not an object. Write {"path": …, "label": …}.';
  const values: Row['values'] = {};
  for (const [key, item] of Object.entries(value)) {
    if (!isColumn(key) || item === null) continue;
    if (typeof item !== 'string' && typeof item !== 'number') return `"${key}" must be text or a number here.`;
    values[key] = String(item);
  }
  return values;
}

function isColumn(name: string): name is Column {
  return (columns as readonly string[]).includes(name);
}
