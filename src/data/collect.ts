// Reads the lines of an annotation list: rows are collected, problems passed on, and a list that cannot be read is one.
import { throwIfAborted } from '../base/errors.ts';
import type { Problem } from '../protocol/events.ts';
import { failure, readingFailed } from './entries.ts';
import type { ListedRow } from './place.ts';

/** A row without its list, or what is wrong with a line; undefined for a line that rightly gives nothing. */
export type RowOrProblem = Omit<ListedRow, 'list'> | { problem: Problem };

/** Adds the rows of `lines` to `rows`, and yields what is wrong. Throws only when aborted. */
export async function* collectRows(
  file: string,
  rows: ListedRow[],
  lines: AsyncIterable<RowOrProblem> | Iterable<RowOrProblem>,
  signal?: AbortSignal,
): AsyncGenerator<{ problem: Problem }> {
  try {
    for await (const row of lines) {
      throwIfAborted(signal, 'Indexing');
      if ('problem' in row) yield row;
      else rows.push({ list: file, ...row });
    }
  } catch (error) {
    throwIfAborted(signal, 'Indexing');
    yield unreadable(file, error);
  }
}

/** A list that could not be read, as a problem. */
export function unreadable(file: string, error: unknown): { problem: Problem } {
  return failure(file, `${file} could not be read: ${readingFailed(error)}. Mend it, and index again.`);
}
