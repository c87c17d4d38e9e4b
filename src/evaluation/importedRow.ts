// What an imported file says of one sample, before its classes and samples are known to the workspace.
import { UserError } from '../base/errors.ts';
import type { Problem } from '../protocol/events.ts';

/** A class by its name, or its index as a whole number or as digits. */
export type ClassRef = string | number;

/** Whether a text is an index, or a count, in digits. */
export function isWhole(text: string): boolean {
  return /^\d{1,9}$/.test(text);
}

export interface ImportedRow {
  /** As the file names it. */
  sample: string;
  /** 1-based line or row, for messages. */
  line: number;
  truth?: ClassRef | undefined;
  /** Best first. Absent where there are `scores`. */
  predicted?: ClassRef[];
  /** Of `predicted`; may be fewer. */
  probabilities?: number[];
  /** The first of them that is written and is no number: then there are none. */
  unreadProbability?: string;
  /** Of `predicted`: where each stands in `scores`. */
  places?: number[];
  /** Of all classes, in their order: probabilities or logits. */
  scores?: Float32Array | undefined;
  /** Why there is no prediction. */
  missing?: string;
  /** Why the line cannot be used, as the end of a sentence: it says nothing but which sample it is of. */
  refused?: string;
}

export interface ImportedTable {
  rows: ImportedRow[];
  /** Class names in the order of the scores, where its columns have them. */
  columns?: string[];
  problems: Problem[];
}

export function badPredictions(file: string, why: string, todo = ''): UserError {
  return new UserError('bad-predictions', `${file} cannot be imported: ${why}.${todo === '' ? '' : ` ${todo}`}`, file);
}
