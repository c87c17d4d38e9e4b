// What every part of the page is handed: the draft, what it comes to, and how it is changed.
import type { Draft, SettingPath, TrainPlan } from '../../src/protocol/trainPlan.ts';

export interface Form {
  readonly draft: Draft;
  /** What the draft came to when last answered. */
  readonly plan: TrainPlan;
  /** The plan is of an older draft: the answer is on its way. */
  readonly waiting: boolean;
  /** Undefined: as by default. */
  set(path: SettingPath, value: unknown): void;
  change(draft: Draft): void;
}

/** The stages with what they are called. */
export const stageTitles = {
  imagePretraining: 'Image pre-training',
  coTraining: 'Co-training',
  fineTuning: 'Fine-tuning',
} as const;
export type StageName = keyof typeof stageTitles;
export const stageNames = Object.keys(stageTitles) as StageName[];
