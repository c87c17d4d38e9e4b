// Reads the lines of an annotation list: rows are checked and collected, problems passed on, and a list that cannot be read is
// one. Every line becomes one of these, so nothing is lost silently.
import { isAbsolute } from 'node:path';
import { throwIfAborted } from '../base/errors.ts';
import type { Problem } from '../protocol/events.ts';
import { count, failure, type Problemed, quoted, readingFailed, warning } from './entries.ts';
import { type Line, readLines } from './lines.ts';
import type { ListedRow } from './place.ts';

/** A row without its list; what is wrong with a line; or what a line lacks (`''`: nothing) that rightly gives no row. */
export type RowOrProblem =
  | (Omit<ListedRow, 'list'> & { problem?: never; lacks?: never })
  | { problem: Problem; lacks?: never }
  | { lacks: string; problem?: never };

export interface CollectOptions {
  signal?: AbortSignal | undefined;
  /** The list may name files outside of the media folder, as lists do that people write for their own disk. */
  anywhere?: boolean;
}

/**
 * Adds the rows of `lines` to `rows` (undefined for a list that gives none, such as one of classes), and yields what is
 * wrong. Throws only when aborted.
 */
export async function* collectRows(
  file: string,
  rows: ListedRow[] | undefined,
  lines: AsyncIterable<RowOrProblem> | Iterable<RowOrProblem>,
  { signal, anywhere = false }: CollectOptions = {},
): AsyncGenerator<Problemed> {
  const lacking = new Map<string, number>();
  let isEmpty = rows !== undefined;
  let garbled = 0;
  try {
    for await (const row of lines) {
      throwIfAborted(signal, 'Indexing');
      isEmpty = false;
      if (row.problem) {
        yield row;
        continue;
      }
      if (row.lacks !== undefined) {
        lacking.set(row.lacks, (lacking.get(row.lacks) ?? 0) + 1);
        continue;
      }
      row.label = row.label.normalize('NFC').trim();
      const wrong = unusable(row.label, row.path) ?? (anywhere ? undefined : leavesFolder(row.path));
      if (wrong !== undefined) yield failure(file, wrong, row.line);
      else rows?.push({ list: file, ...row });
      if (/\uFFFD/.test(row.label + row.path)) garbled++;
    }
  } catch (error) {
    throwIfAborted(signal, 'Indexing');
    yield unreadable(file, error);
    return;
  }
  for (const [lacks, number] of lacking)
    if (lacks !== '')
      yield warning(
        file,
        `${count(number, 'line')} of this list left out: ${number === 1 ? 'it has' : 'they have'} no ${lacks}, as in a test list.`,
      );
  if (garbled > 0)
    yield warning(
      file,
      `${count(garbled, 'line')} of this list not in UTF-8: some letters are lost. Save it as UTF-8.`,
    );
  if (isEmpty) yield warning(file, 'This list is empty. Fetch it again, or remove it.');
}

/** The lines of a list that are not empty. One that is far too long for such a list is a problem. */
export async function* listLines(
  file: string,
  signal?: AbortSignal,
): AsyncGenerator<(Line & { problem?: never }) | Problemed> {
  for await (const line of readLines(file, signal, longestRow))
    if (line.isCut)
      yield failure(file, `This line is longer than ${count(longestRow, 'character')}; it is left out.`, line.number);
    else if (line.text.trim() !== '') yield line as Line & { problem?: never };
}

const longestRow = 10_000;
const longestLabel = 500;
const longestPath = 4096;

/** Why no sample can have this label and path, as a sentence; undefined where one can. */
export function unusable(label: string, path: string): string | undefined {
  const wrong = unusablePath(path);
  if (wrong !== undefined) return wrong;
  if (label === '') return `${quoted(path)} has no label.`;
  if (label.length > longestLabel)
    return `The label ${quoted(label)} is longer than ${count(longestLabel, 'character')}.`;
  if (/[^\P{Cc}\n\t]/u.test(label)) return `The label ${quoted(label)} has a control character in it.`;
  return undefined;
}

export function unusablePath(path: string): string | undefined {
  if (path === '') return 'This line names no file.';
  if (path.length > longestPath) return `The path ${quoted(path)} is longer than ${count(longestPath, 'character')}.`;
  if (path.includes('\0')) return 'This path has a NUL character in it.';
  return undefined;
}

/** The lists of public datasets name what is inside them; a path that leads elsewhere is a slip, or worse. */
export function leavesFolder(path: string): string | undefined {
  if (!isAbsolute(path) && !/^([a-z]:)?[\\/]/i.test(path) && !path.split(/[\\/]/).includes('..')) return undefined;
  return `${quoted(path)} leads out of the dataset’s folder, which lists of this format never do; it is left out.`;
}

/** A list that could not be read, as a problem. */
export function unreadable(file: string, error: unknown): Problemed {
  return failure(file, `${file} could not be read: ${readingFailed(error)}. Mend it, and index again.`);
}
