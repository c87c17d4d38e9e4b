// A training as it is being chosen: a draft over an experiment of cover.json, what it would come to, and writing it back. What a
// runner answers about it.
import { z } from 'zod';
import { request } from './surface.ts';

const workspace = z.object({ workspace: z.string() });

const pathSchema = z.array(z.string());
export type SettingPath = z.infer<typeof pathSchema>;

/** Sets one setting of the experiment, as its keys in cover.json; without a value it is as by default. */
export const settingEditSchema = z.object({ path: pathSchema, value: z.unknown().optional() });
export type SettingEdit = z.infer<typeof settingEditSchema>;

/** Changes that are not saved, over an experiment or a template; over neither: over all defaults. */
export const draftSchema = z.object({
  /** An experiment of cover.json or of a `*.cover.json`; absent: the first one there. */
  experiment: z.string().optional(),
  /** A ready-made experiment, in place of one that is written. */
  template: z.string().optional(),
  edits: z.array(settingEditSchema),
  /** horizontalFlip of datasets. */
  flips: z.record(z.string(), z.boolean()),
  /** In place of the experiment's. */
  device: z.string().optional(),
});
export type Draft = z.infer<typeof draftSchema>;

/** What is wrong with a setting, as one sentence. An empty path: with the whole. */
export const settingProblemSchema = z.object({
  path: pathSchema,
  severity: z.enum(['error', 'warning']),
  message: z.string(),
});
export type SettingProblem = z.infer<typeof settingProblemSchema>;

const plannedStageSchema = z.object({
  name: z.string(),
  epochs: z.number(),
  steps: z.number(),
  /** The stage is as long as fits in so many minutes: its epochs, steps and samples are known where it starts. */
  minutes: z.number().optional(),
  /** Samples drawn. */
  samples: z.number(),
  /** The share of the draws that each of its datasets has. */
  shares: z.record(z.string(), z.number()),
});
export type PlannedStage = z.infer<typeof plannedStageSchema>;

export const trainPlanSchema = z.object({
  /** What the run would be called by. */
  name: z.string(),
  /** The file that has the experiment; null where none has it yet. */
  file: z.string().nullable(),
  experiments: z.array(z.string()),
  /** Experiments that are written, but not so that they could be chosen: the first mistake of each. */
  broken: z.array(z.object({ name: z.string(), message: z.string() })),
  templates: z.array(z.object({ name: z.string(), title: z.string(), description: z.string() })),
  datasets: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['video', 'image']),
      /** Trained on, and held out. */
      samples: z.number(),
      heldOut: z.number(),
      classes: z.number(),
      problems: z.number(),
      chosen: z.boolean(),
      flip: z.boolean(),
      /** Direction is the label: it is never mirrored. */
      directionSensitive: z.boolean(),
      /** Of what is drawn while all is trained; 0 where it is not drawn. */
      share: z.number(),
    }),
  ),
  /** The experiment as it is written, before the draft's edits. */
  base: z.record(z.string(), z.unknown()),
  /** The experiment as it would be written in cover.json. */
  written: z.record(z.string(), z.unknown()),
  /** Every setting as it would be, with the keys of cover.json; empty where something must be mended first. */
  settings: z.record(z.string(), z.unknown()),
  /** What settings mean, by their keys joined with dots. */
  hints: z.record(z.string(), z.string()),
  problems: z.array(settingProblemSchema),
  /** Null where something must be mended first. */
  needs: z
    .object({
      parameters: z.number(),
      /** Of a video clip's forward pass. */
      flopsPerClip: z.number(),
      /** Bytes, of this machine or of the device. */
      memory: z.number(),
      /** Bytes that may be taken; null for a device, of which nobody tells. */
      available: z.number().nullable(),
      fits: z.boolean(),
      /** Where it does not fit: what would, as a sentence and as settings. */
      advice: z.object({ text: z.string(), edits: z.array(settingEditSchema) }).nullable(),
      /** How held-out samples are judged. */
      protocol: z.string(),
    })
    .nullable(),
  stages: z.array(plannedStageSchema),
});
export type TrainPlan = z.infer<typeof trainPlanSchema>;
export type PlannedDataset = TrainPlan['datasets'][number];

export const measuredSchema = z.object({
  /** Steps timed. */
  steps: z.number(),
  /** Of the whole training, with judging; without decoding. */
  seconds: z.number(),
  stages: z.array(z.object({ name: z.string(), secondsPerStep: z.number() })),
  /** As it describes itself. */
  device: z.string(),
});
export type Measured = z.infer<typeof measuredSchema>;

export const trainPlanRequests = {
  /** What a draft would come to. Quick: from the index as it is, without looking at a file of a dataset. */
  'train/plan': request(workspace.extend({ draft: draftSchema }), trainPlanSchema),
  /** Makes a few real steps of every stage, and leaves nothing behind. Progress arrives as `job/event`. */
  'train/measure': request(workspace.extend({ draft: draftSchema }), measuredSchema),
  /** Writes a draft into the file that has its experiment, else into cover.json; what it does not change stays as it is. */
  'train/save': request(
    workspace.extend({ draft: draftSchema, name: z.string() }),
    z.object({
      /** What it is called now. */
      name: z.string(),
      /** Absolute path of what was changed, the file with the experiment last, and what stood there before. */
      files: z.array(z.object({ file: z.string(), before: z.string() })),
    }),
  ),
} as const;
