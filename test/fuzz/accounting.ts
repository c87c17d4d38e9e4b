// Whether every row of a list became a sample or a problem. The rows are counted here in another way than the readers do:
// by whole lines, and JSON by JSON.parse.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Batch, Entry, FoundSample } from '../../src/data/entries.ts';
import { readCsv } from '../../src/data/lines.ts';
import type { Problem } from '../../src/protocol/events.ts';

export interface Read {
  samples: FoundSample[];
  problems: Problem[];
}

export async function readAll(entries: AsyncIterable<Entry | Batch>): Promise<Read> {
  const read: Read = { samples: [], problems: [] };
  for await (const entry of entries)
    if (entry.problem) read.problems.push(entry.problem);
    else read.samples.push(...('samples' in entry ? entry.samples : [entry.sample]));
  return read;
}

/** How many samples and problems name a line of each file: the lists of rows among a dataset's files. */
export function rowLists({ samples }: Read): Set<string> {
  return new Set(samples.flatMap(({ list }) => list ?? []));
}

/** What is wrong with the account of `file`, which has rows; undefined where nothing is. */
export async function unaccounted(file: string, { samples, problems }: Read): Promise<string | undefined> {
  const whole = problems.filter((problem) => problem.line === undefined && file.startsWith(problem.file));
  const left = whole.map(({ message }) => /^([\d,]+) .*left out/.exec(message)?.[1]?.replaceAll(',', ''));
  if (left.some((number) => number === undefined)) return undefined; // the file, or its dataset, is told as a whole
  const leftOut = left.reduce((sum, number) => sum + Number(number), 0);
  const named = [
    ...samples.filter(({ list }) => list === file).map(({ line }) => line!),
    ...problems.filter((problem) => problem.file === file && problem.line !== undefined).map(({ line }) => line!),
  ];
  if (/\.json$/i.test(file)) return jsonAccount(file, problems, named, leftOut);
  if (/frame list/.test(file)) return undefined;
  const lines = await rowLines(file);
  const known = new Set(named);
  const missing = lines.filter((line) => !known.has(line));
  const header = missing[0] === lines[0] ? 1 : 0;
  if (missing.length - header <= leftOut) return undefined;
  return `lines ${missing.slice(header, header + 5).join(', ')} of ${file} are neither samples nor problems`;
}

function jsonAccount(
  file: string,
  problems: readonly Problem[],
  named: readonly number[],
  leftOut: number,
): string | undefined {
  const text = readFileSync(file, 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    if (named.length === 0) return 'a file that is no JSON has no problem';
    if (problems.some((problem) => problem.file === file && /^This file should hold/.test(problem.message)))
      return undefined;
    // After so many broken ones the rest is taken for one.
    if (problems.filter(({ message }) => /^This entry is broken/.test(message)).length >= 20) return undefined;
    // Entries that stand whole on a line of their own are not lost with the broken one.
    const known = new Set(named);
    const lost = text.split(/\r\n|\n|\r/).flatMap((line, i) => (isEntry(line) && !known.has(i + 1) ? [i + 1] : []));
    return lost.length <= leftOut ? undefined : `entries in lines ${lost.slice(0, 5).join(', ')} are lost`;
  }
  if (typeof value !== 'object' || value === null) return named.length > 0 ? undefined : 'no list, and no problem';
  const entries = Array.isArray(value) ? value.length : Object.keys(value).length;
  return named.length + leftOut >= entries
    ? undefined
    : `${named.length} + ${leftOut} of ${entries} entries accounted for`;
}

function isEntry(line: string): boolean {
  const value = /^\s*(?:"[^"\\]*"\s*:\s*)?(\{.*\}),?\s*$/.exec(line)?.[1];
  try {
    return value !== undefined && typeof JSON.parse(value) === 'object';
  } catch {
    return false;
  }
}

/** The lines on which rows begin. */
async function rowLines(file: string): Promise<number[]> {
  if (/\.csv$/i.test(file)) {
    const found: number[] = [];
    for await (const { line } of readCsv(file, ',')) found.push(line);
    return found;
  }
  const bytes = readFileSync(file);
  const text =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? bytes.toString('utf16le')
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? Buffer.from(bytes.subarray(0, bytes.length & ~1))
            .swap16()
            .toString('utf16le')
        : bytes.toString('utf8');
  const isUnused = (line: string) => /_test_split/.test(file) && /\s0\s*$/.test(line);
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .flatMap((line, index) => (line.trim() === '' || isUnused(line) ? [] : [index + 1]));
}

/** Whether the file is there and has anything in it that could be a row. */
export function hasRows(folder: string, path: string): boolean {
  const file = join(folder, path);
  try {
    return statSync(file).isFile() && readFileSync(file, 'utf8').trim() !== '';
  } catch {
    return false;
  }
}
