// Studies as they cross process borders: what was compared, how far it is, and its tables.
import { z } from 'zod';
import { request } from './surface.ts';

const workspace = z.object({ workspace: z.string() });
const comparisonSchema = z.enum(['coTraining', 'transfer', 'images']);

/** Of one number per seed. The deviation is that of a sample (n − 1); null for a single seed. */
export const statisticSchema = z.object({
  mean: z.number(),
  deviation: z.number().nullable(),
  values: z.array(z.number()),
});
export type StudyStatistic = z.infer<typeof statisticSchema>;

const byArm = z.record(z.string(), statisticSchema.nullable());
const numbersByArm = z.record(z.string(), z.array(z.number()));

/** See studies/statistics.ts. Accuracies are top-1 in 0 … 1 on held-out samples; differences are the first arm minus the other. */
export const studyTableSchema = z.object({
  comparison: comparisonSchema,
  /** In words. */
  title: z.string(),
  explained: z.string(),
  arms: z.array(z.string()),
  rows: z.array(
    z.object({
      dataset: z.string(),
      arms: byArm,
      differences: byArm,
      seen: numbersByArm,
      steps: numbersByArm,
      samples: z.array(z.number()),
      missing: z.array(z.number()),
      sources: numbersByArm.optional(),
    }),
  ),
  mean: z.object({ arms: byArm, differences: byArm }),
  /** By arm, over how many datasets its mean difference is. */
  over: z.record(z.string(), z.number()),
});
export type StudyTable = z.infer<typeof studyTableSchema>;

/** Top-1 on each target after training on each source; and what that is above training from scratch, seed by seed. */
export const transferMatrixSchema = z.object({
  sources: z.array(z.string()),
  targets: z.array(z.string()),
  /** By source, then target; null where a dataset would be its own source. */
  accuracies: z.array(z.array(statisticSchema.nullable())),
  gains: z.array(z.array(statisticSchema.nullable())),
});
export type TransferMatrix = z.infer<typeof transferMatrixSchema>;

export const studySummarySchema = z.object({
  name: z.string(),
  experiment: z.string(),
  compare: z.array(z.string()),
  seeds: z.array(z.number()),
  /** Runs that are finished, of how many. */
  finished: z.number(),
  runs: z.number(),
});
export type StudySummary = z.infer<typeof studySummarySchema>;

export const studySchema = studySummarySchema.extend({
  folder: z.string(),
  /** How held-out samples were looked at: several where they differ. */
  protocols: z.array(z.string()),
  devices: z.array(z.string()),
  seconds: z.number(),
  /** In the order in which they are trained. */
  arms: z.array(
    z.object({
      title: z.string(),
      seed: z.number(),
      run: z.string().nullable(),
      done: z.boolean(),
      /** Some process trains it now. */
      training: z.boolean(),
      /** It failed, and did not just stop. */
      failed: z.boolean(),
      /** Steps done of those planned; 0 of 0 before it begins. */
      step: z.number(),
      steps: z.number(),
      /** What it took, where it is finished; null else. */
      seconds: z.number().nullable(),
    }),
  ),
  /** Seconds that the run under way still needs by its own count; null where there is none, or nobody knows yet. */
  eta: z.number().nullable(),
  /** Seconds that all other runs which are not finished will take, by those that are; null while none is. */
  later: z.number().nullable(),
  /** Empty until every run is finished. */
  tables: z.array(studyTableSchema),
  transfer: transferMatrixSchema.nullable(),
});
export type ShownStudy = z.infer<typeof studySchema>;

/** What there is to start, and to go on with. */
export const studyChoicesSchema = z.object({
  /** The studies of cover.json. */
  written: z.array(studySummarySchema.pick({ name: true, experiment: true, compare: true, seeds: true })),
  /** Those on disk, finished or not. */
  begun: z.array(studySummarySchema),
  experiments: z.array(z.string()),
  /** What can be compared, in words too. */
  comparisons: z.array(z.object({ name: comparisonSchema, title: z.string() })),
  /** What a new one compares, with which seeds, if nothing else is said. */
  usual: z.object({ compare: z.array(comparisonSchema), seeds: z.array(z.number()) }),
});
export type StudyChoices = z.infer<typeof studyChoicesSchema>;

/** A comparison that cover.json does not have. */
export const newStudySchema = z.object({
  compare: z.array(comparisonSchema),
  experiment: z.string().optional(),
  seeds: z.array(z.number()),
});
export type NewStudy = z.infer<typeof newStudySchema>;

export const studyPlanSchema = studySummarySchema.pick({ name: true, finished: true, runs: true });
export type StudyPlan = z.infer<typeof studyPlanSchema>;

/** One of cover.json or of the disk by its name, or a new one of that name. */
const chosen = workspace.extend({ name: z.string(), study: newStudySchema.optional() });

export const studyRequests = {
  'studies/list': request(workspace, z.array(studySummarySchema)),
  /** Rejects with `no-study`, `study-damaged`. */
  'studies/get': request(workspace.extend({ name: z.string() }), studySchema),
  'studies/choices': request(workspace, studyChoicesSchema),
  /** What it would come to; begins nothing. Rejects as `studies/run` would before its first run: `bad-study`, `study-changed`. */
  'studies/plan': request(chosen, studyPlanSchema),
  /**
   * Trains what is left of it. Job events arrive as `job/event`, an `arm` before those of each run; aborting the request stops after the
   * current step, and the same request goes on.
   */
  'studies/run': request(
    chosen.extend({
      /** As of `train/run`: goes on when whoever asked is gone. Stopping the run under way then stops the study. */
      keep: z.boolean().optional(),
    }),
    z.object({ name: z.string(), folder: z.string() }),
  ),
} as const;
