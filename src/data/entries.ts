// What a dataset format yields while it is read: a sample found, or a problem to show. Nothing else may happen to a
// file or a line: it is never dropped silently, and one bad entry never ends the reading.
import { messageOf, systemCode } from '../base/errors.ts';
import type { Problem } from '../protocol/events.ts';

export type SplitName = 'train' | 'val' | 'test';
export type MediaKind = 'video' | 'image';

/** A sample as the folder tree or the manifest names it; its file is not looked at yet. */
export interface FoundSample {
  /** Inside the dataset, with "/" between the parts. Unique together with `start` and `end`. */
  path: string;
  /** Absolute. */
  file: string;
  label: string;
  /** null where the dataset names none. */
  split: SplitName | null;
  /** Seconds inside the file. */
  start: number | null;
  end: number | null;
  /** The list that names it, where that is not the dataset's own path, and the line there. */
  list?: string;
  line?: number;
  /** `file` is a folder of frames; of them these, where a list says which, and frames a second, where it tells. */
  frames?: { first?: number; count?: number; rate?: number };
}

export type Entry =
  | { sample: FoundSample; problem?: never; samples?: never }
  | { problem: Problem; sample?: never; samples?: never };
export type Problemed = { problem: Problem };
/**
 * All samples of one label in one split (of one label, where there are no splits), with the class mapping applied: what
 * has a folder of its own is handed on at once, since a million samples would fill the memory. `share` says how much of
 * the dataset's folders has been read with it (0 … 1), `holdsOut` whether the dataset has held-out samples itself.
 */
export type Batch = { samples: FoundSample[]; share: number; holdsOut: boolean; problem?: never; sample?: never };

export function warning(file: string, message: string, line?: number): { problem: Problem } {
  return { problem: { severity: 'warning', file, message, ...(line !== undefined && { line }) } };
}

export function failure(file: string, message: string, line?: number): { problem: Problem } {
  return { problem: { severity: 'error', file, message, ...(line !== undefined && { line }) } };
}

/** Text from a file as it may stand in a sentence: on one line, and not endless. */
export function excerpt(text: string): string {
  return (text.length > 120 ? `${text.slice(0, 119)}…` : text).replace(/\p{Cc}/gu, '\uFFFD');
}

/** The same in quotes. */
export function quoted(text: string): string {
  return `"${excerpt(text)}"`;
}

/** Why reading failed, as the end of a sentence. */
export function readingFailed(error: unknown): string {
  switch (systemCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'it does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'this account may not read it';
    case 'ELOOP':
      return 'it is a link that leads back to itself';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return messageOf(error).replace(/\.$/, '');
  }
}

/** "1 file", "2 files", "3 classes". */
export function count(number: number, one: string): string {
  const many = one.endsWith('s') ? `${one}es` : `${one}s`;
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}
