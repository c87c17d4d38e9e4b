// Studies as they cross process borders: what was compared, how far it is, and its tables.
import { z } from 'zod';
import { request } from './surface.ts';

const workspace = z.object({ workspace: z.string() });

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
  comparison: z.enum(['coTraining', 'transfer', 'images']),
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
  arms: z.array(z.object({ title: z.string(), seed: z.number(), run: z.string().nullable(), done: z.boolean() })),
  /** Empty until every run is finished. */
  tables: z.array(studyTableSchema),
  transfer: transferMatrixSchema.nullable(),
});
export type ShownStudy = z.infer<typeof studySchema>;

export const studyRequests = {
  'studies/list': request(workspace, z.array(studySummarySchema)),
  /** Rejects with `no-study`, `study-damaged`. */
  'studies/get': request(workspace.extend({ name: z.string() }), studySchema),
} as const;
