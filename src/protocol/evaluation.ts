// Evaluations and predictions as they cross process borders, and what a runner answers about them.
import { z } from 'zod';
import { sampleSchema } from './datasets.ts';
import { headPredictionsSchema, headResultsSchema } from './events.ts';
import { request } from './surface.ts';

const workspace = z.object({ workspace: z.string() });

const share = z.number().nullable();
const interval = z.tuple([z.number(), z.number()]);
const averagesSchema = z.object({ precision: share, recall: share, f1: share });

/** Whether a head is right as often as it says; see evaluation/calibration.ts. */
export const calibrationSchema = z.object({
  /** Expected calibration error of top-1. */
  ece: z.number(),
  /** Mean negative log-likelihood. */
  nll: share,
  /** Brier score summed over the classes, 0 … 2. */
  brier: share,
  bins: z.array(z.object({ samples: z.number(), confidence: share, accuracy: share })),
});

/** One class or several, by index; absent: any. */
export const classSetSchema = z.union([z.number(), z.array(z.number())]).optional();
export type ClassSet = z.infer<typeof classSetSchema>;

const curve = z.array(z.tuple([z.number(), z.number()]));
/** A held-out sample that is in no figure, and why, in one sentence. */
export const missingSampleSchema = z.object({ sample: z.string(), file: z.string(), reason: z.string() });
export type MissingSample = z.infer<typeof missingSampleSchema>;

export const classCurveSchema = z.object({ class: z.number(), averagePrecision: share, curve });
export type ClassCurve = z.infer<typeof classCurveSchema>;
/** Points of curves are [recall, precision]; see evaluation/precisionRecall.ts. */
export const precisionRecallSchema = z.object({
  meanAveragePrecision: share,
  /** Mean of the classes' interpolated curves. */
  mean: curve,
  /** By the class's index: at most 41 points of the curve. */
  classes: z.array(z.object({ averagePrecision: share, curve })),
});

/** A figure that others published for the dataset, with what is known of how it was reached. */
export const publishedFigureSchema = z.object({
  method: z.string(),
  top1: z.number(),
  /** What the weights were trained on before; null where not known here. */
  pretraining: z.string().nullable(),
  /** What was trained or fine-tuned on; null where not known here. */
  training: z.string().nullable(),
  /** How clips were taken; null where not known here. */
  protocol: z.string().nullable(),
  source: z.string(),
});
export type PublishedFigure = z.infer<typeof publishedFigureSchema>;

/** The figures after `perClass` are absent in reports from before they were made, and null where the records cannot tell. */
export const evaluationSchema = z.object({
  run: z.string(),
  head: z.string(),
  dataset: z.string(),
  split: z.string(),
  /** For example "1 clip × 1 crop, 8 frames uniform, 64 × 64". Stated beside every accuracy. */
  protocol: z.string(),
  classes: z.array(z.string()),
  samples: z.number(),
  missing: z.number(),
  top1: z.number().nullable(),
  /** 95 % bootstrap interval of top-1. */
  top1Interval: interval.nullable(),
  top5: z.number().nullable(),
  meanClass: z.number().nullable(),
  /** Row-major counts: truth × predicted. null with more classes than `mostMatrixClasses` (matrixCells.ts). */
  confusion: z.array(z.number()).nullable(),
  perClass: z.array(
    z.object({
      label: z.string(),
      support: z.number(),
      precision: z.number().nullable(),
      recall: z.number().nullable(),
      f1: z.number().nullable(),
    }),
  ),
  /** 95 % bootstrap interval of meanClass. */
  meanClassInterval: interval.nullable().optional(),
  /** Over the classes where the figure is defined: each alike, and by support. */
  macro: averagesSchema.optional(),
  weighted: averagesSchema.optional(),
  calibration: calibrationSchema.nullable().optional(),
  precisionRecall: precisionRecallSchema.nullable().optional(),
  /** Sentences: which figures are not there, and why. */
  unavailable: z.array(z.string()).optional(),
  /** What others published, where the dataset is a known one; `name` is how the field calls it. */
  published: z.object({ name: z.string(), figures: z.array(publishedFigureSchema) }).optional(),
});
export type Evaluation = z.infer<typeof evaluationSchema>;

/** An evaluation as a page shows it: the matrix by its cells (matrixCells.ts), and of the curves only the mean. */
export const shownEvaluationSchema = evaluationSchema.omit({ confusion: true, precisionRecall: true }).extend({
  cells: z.array(z.number()).nullable(),
  precisionRecall: precisionRecallSchema
    .omit({ classes: true })
    .extend({
      /** Average precision by the class's index. */
      classes: z.array(share),
    })
    .nullable()
    .optional(),
});
export type ShownEvaluation = z.infer<typeof shownEvaluationSchema>;

/** One judged sample: what every head says of it. */
export const judgedSampleSchema = z.object({
  sample: sampleSchema,
  predicted: z.string(),
  probability: z.number(),
  heads: headPredictionsSchema,
});
export type JudgedSample = z.infer<typeof judgedSampleSchema>;

export const evaluationRequests = {
  'evaluate/run': request(workspace.extend({ run: z.string(), device: z.string().optional() }), headResultsSchema),
  'evaluation/get': request(workspace.extend({ run: z.string(), head: z.string() }), evaluationSchema),
  /** As `evaluation/get`, in the form that a page shows. */
  'evaluation/head': request(workspace.extend({ run: z.string(), head: z.string() }), shownEvaluationSchema),
  /** Precision-recall curves of some classes, by their indices. */
  'evaluation/curves': request(
    workspace.extend({ run: z.string(), head: z.string(), classes: z.array(z.number()).max(64) }),
    z.array(classCurveSchema),
  ),
  /** Held-out samples that could not be judged, and why: the first of them. */
  'evaluation/missing': request(
    workspace.extend({ run: z.string(), head: z.string(), limit: z.number() }),
    z.array(missingSampleSchema),
  ),
  /** The samples of one cell of a head's confusion matrix (indices into its classes), or of a group of cells. */
  'evaluation/cell': request(
    workspace.extend({
      run: z.string(),
      head: z.string(),
      truth: classSetSchema,
      predicted: classSetSchema,
      offset: z.number(),
      limit: z.number(),
    }),
    z.array(judgedSampleSchema),
  ),

  /** Every head's top classes for one file, or for the sample that is a part of it. `run` absent: the newest finished run. */
  'predict/file': request(
    workspace.extend({
      run: z.string().optional(),
      file: z.string(),
      sample: sampleSchema.pick({ kind: true, start: true, end: true, frames: true }).optional(),
      topK: z.number(),
    }),
    z.object({ run: z.string(), protocol: z.string(), heads: headPredictionsSchema }),
  ),
} as const;
