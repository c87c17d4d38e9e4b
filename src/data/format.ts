// What a dataset format is: how it is recognised by its annotation files, and how it is read. `formats.ts` has them all.
import type { ListFile } from './annotations.ts';
import type { Rename } from './classFolders.ts';
import type { Batch, Entry, MediaKind } from './entries.ts';

/** What a reader is given. All paths are absolute. */
export interface DatasetSource {
  /** The dataset's folder, or its list. */
  root: string;
  /** The folder of the videos or images; `root` where cover.json names no other. */
  media: string;
  kind: MediaKind;
  /** Which of several official splits, from 1. */
  fold: number;
  /** Which of several labels of a line. */
  column?: string | undefined;
  /** Of what is handed on in batches: the label by the one that the format gives; null leaves the class out. */
  rename?: Rename | undefined;
  signal?: AbortSignal | undefined;
}

/** What else cover.json says of a dataset of this format, for each dataset that is found in one folder. */
export type FormatSettings = { fold?: number; column?: string };

export interface Recognised {
  /** The annotation files it was recognised by, by name. */
  by: string[];
  /** A sentence about what can be chosen, such as the other folds. */
  choice?: string;
  /** One entry for each head; a single one by default. */
  variants?: readonly FormatSettings[];
}

export interface ListFormat {
  /** The dataset's name, as a person knows it. */
  title: string;
  kind: MediaKind;
  /** Whether the annotation files of a folder are of this format. Reads no more than their first lines, where these tell. */
  recognise(lists: readonly ListFile[], folder: string): Promise<Recognised | undefined>;
  /** Samples and problems, in a stable order; no single sample is of a batch's class. Throws only when aborted. */
  read(source: DatasetSource): AsyncGenerator<Entry | Batch>;
}
