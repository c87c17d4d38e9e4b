// What the commands say, to a program or to a person. A command reports everything through one Output; which of the two
// it is, `--json` decides.

import type { Comparison } from '../evaluation/compareRuns.ts';
import type { DifferentSetting } from '../evaluation/compareSettings.ts';
import type { MediaSummary } from '../protocol/datasets.ts';
import type { DuplicatesReport, Finding } from '../protocol/duplicates.ts';
import type { HeadPredictions, JobEvent } from '../protocol/events.ts';
import type { ComparedTable } from '../studies/statistics.ts';

/** What `--json` prints beside the events of a job. */
export type CliEvent =
  | JobEvent
  | {
      event: 'dataset';
      name: string;
      kind: 'video' | 'image';
      path: string;
      samples: number;
      classes: number;
      /** Samples in no split, those that count in another class than the dataset's own, and those with tags; absent: none. */
      excluded?: number;
      relabelled?: number;
      tagged?: number;
      /** Of `init`: whether it was written into cover.json, and what it was recognised by. */
      added?: boolean;
      reason?: string;
      /** Of `index`. */
      problems?: number;
      splits?: { name: string; samples: number; classes: number; expected?: number | undefined }[];
      /** Of `index`, where the files were probed. */
      media?: MediaSummary;
    }
  /** Of `init`: what looks like material for a dataset and is in none. */
  | { event: 'leftOut'; path: string; reason: string }
  | ({ event: 'duplicates' } & Finding)
  | {
      event: 'edited';
      action: 'exclude' | 'include' | 'relabel' | 'tag' | 'untag';
      /** Of `tag` and `untag`. */
      tag?: string;
      samples: number;
      changed: number;
    }
  | { event: 'edit'; id: string; excluded?: true; label?: string; tags?: readonly string[] }
  | ({ event: 'compared'; leaks: number } & Omit<DuplicatesReport, 'findings'>)
  | { event: 'device'; id: string; name: string; available: boolean; detail: string }
  | { event: 'prediction'; file: string; heads: HeadPredictions }
  | { event: 'exported'; run: string; format: string; checkpoint: string; path: string; heads: string[] }
  | {
      event: 'source';
      place: string;
      tensors: number;
      numbers: number;
      types: string;
      layout: string;
      prefix: string;
      hiddenSize: number;
      depth: number;
      patchSize: number;
      imageSize: number;
      frames: number | null;
      /** Null where the source does not tell. */
      attentionHeads: number | null;
      mlpSize: number;
      heads: { name: string; classes: number }[];
      layerNormEpsilon: number;
      mean: number[];
      std: number[];
    }
  | { event: 'study'; name: string; folder: string; tables: readonly ComparedTable[] }
  | { event: 'template'; name: string; section: string; title: string; description: string; added?: string }
  | ({ event: 'comparison'; settings: DifferentSetting[] } & Comparison)
  | { event: 'report'; run: string; report: string; html?: string; markdown?: string }
  | { event: 'workspace'; workspace: string }
  | { event: 'error'; code: string; message: string; file?: string };

export interface Output {
  /** A line of `--json`; for a person: progress, as far as the event is one. */
  event(event: CliEvent): void;
  /** A result for a person, on stdout. */
  result(text: string): void;
  /** A remark for a person beside the result, on stderr. */
  note(text: string): void;
  /** Ends progress bars. Further calls start them again. */
  settle(): void;
}

/** One JSON object a line on stdout and nothing else; what only a person reads is left out. */
export function jsonOutput(stdout: { write(text: string): unknown }): Output {
  return {
    event: (event) => void stdout.write(`${JSON.stringify(event)}\n`),
    result: () => {},
    note: () => {},
    settle: () => {},
  };
}
