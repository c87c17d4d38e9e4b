// One head of a run set beside the same head of another run or evaluation, on the samples that both judged.
import { z } from 'zod';
import { classSetSchema, judgedSampleSchema } from './evaluation.ts';
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
  /** Confusion of the common samples by either, in these classes (matrixCells.ts); null where they are too many for a matrix. */
  cells: z.array(z.number()).nullable(),
  otherCells: z.array(z.number()).nullable(),
});
export type HeadComparison = z.infer<typeof headComparisonSchema>;

/** A sample, and what the other says of it. */
export const changedSampleSchema = judgedSampleSchema.extend({ other: predictionSchema });
export type ChangedSample = z.infer<typeof changedSampleSchema>;

export const changeKinds = ['fixed', 'broken'] as const;

/** Of a sample of a cell: in the run's but not in the other's, the other way round, or in both. */
export const cellChanges = ['came', 'left', 'stayed'] as const;

export const cellSampleSchema = changedSampleSchema.extend({
  change: z.enum(cellChanges),
  /** Whether the other has it right. */
  wasRight: z.boolean(),
});
export type CellSample = z.infer<typeof cellSampleSchema>;

/** Of a cell; `came` − `left` is what a matrix of the difference has there. */
const cellCounts = { came: z.number(), left: z.number(), stayed: z.number() };

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
  /**
   * The samples of one cell (indices into the run's classes), or of a group of cells, in the matrix of either: first those that came,
   * then those that left, then those that stayed, each by their ids. Only those that both judged.
   */
  'evaluation/differing': request(
    pair.extend({ truth: classSetSchema, predicted: classSetSchema, offset: z.number(), limit: z.number() }),
    z.object({ ...cellCounts, samples: z.array(cellSampleSchema) }),
  ),
} as const;
