// One head of a run set beside the same head of another run or evaluation, on the samples that both judged.
import { z } from 'zod';
import { judgedSampleSchema } from './evaluation.ts';
import { predictionSchema } from './events.ts';
import { request } from './surface.ts';

const share = z.number().nullable();
const pair = z.object({
  workspace: z.string(),
  /** The run that is looked at. */
  run: z.string(),
  /** The one before it, or beside it. */
  other: z.string(),
  head: z.string(),
});

export const headComparisonSchema = z.object({
  run: z.string(),
  other: z.string(),
  head: z.string(),
  /** How each was judged: it stands beside every accuracy. */
  protocol: z.string(),
  otherProtocol: z.string(),
  /** Samples that both judged; all figures here are of them. */
  common: z.number(),
  onlyInRun: z.number(),
  onlyInOther: z.number(),
  top1: share,
  otherTop1: share,
  /** top1 − otherTop1, with its 95 % interval from resampling the samples in pairs. */
  difference: share,
  interval: z.tuple([z.number(), z.number()]).nullable(),
  /** Two-sided p of McNemar's exact test. */
  p: z.number(),
  /** Right in the run and wrong in the other, and the other way round. */
  fixed: z.number(),
  broken: z.number(),
  /** Sentences: what makes the figures hard to compare. */
  warnings: z.array(z.string()),
  /** The run's classes; last, where it is needed, one for all that only the other knows. */
  classes: z.array(z.string()),
  /** Confusion of the common samples by either, in these classes (matrixCells.ts). */
  cells: z.array(z.number()),
  otherCells: z.array(z.number()),
});
export type HeadComparison = z.infer<typeof headComparisonSchema>;

/** A sample, and what the other says of it. */
export const changedSampleSchema = judgedSampleSchema.extend({ other: predictionSchema });
export type ChangedSample = z.infer<typeof changedSampleSchema>;

export const changeKinds = ['fixed', 'broken'] as const;

export const comparisonRequests = {
  'evaluation/compare': request(pair, headComparisonSchema),
  /** Samples that became right, or wrong, by their ids; `label`: of one class of the run. */
  'evaluation/changed': request(
    pair.extend({
      kind: z.enum(changeKinds),
      label: z.string().optional(),
      offset: z.number(),
      limit: z.number(),
    }),
    z.object({ total: z.number(), samples: z.array(changedSampleSchema) }),
  ),
} as const;
