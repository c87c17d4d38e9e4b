// What was not trained here: ONNX models judged on a dataset or on a run's samples, predictions brought in from files; and a run's
// report as a file.
import { z } from 'zod';
import { headResultsSchema } from './events.ts';
import { request } from './surface.ts';

const workspace = z.object({ workspace: z.string() });

/** How pictures go into a model: what a person gives; what is absent is found or guessed. */
export const modelInputSchema = z.object({
  /** Axes of its input: "NCHW", "NCTHW", … */
  layout: z.string().optional(),
  frames: z.number().int().positive().optional(),
  size: z.number().int().positive().optional(),
  /** Shorter side before the centre square is cut out. */
  resize: z.number().int().positive().optional(),
  mean: z.array(z.number()).optional(),
  std: z.array(z.number()).optional(),
  /** What white is before mean and std: 1 or 255. */
  range: z.number().optional(),
  colours: z.enum(['rgb', 'bgr']).optional(),
});
export type ModelInputChoice = z.infer<typeof modelInputSchema>;

export const inspectedModelSchema = z.object({
  /** As it would be done with what was given so far. */
  layout: z.string(),
  frames: z.number(),
  size: z.number(),
  resize: z.number(),
  /** Of pixels in 0 … 1, red, green, blue. */
  mean: z.array(z.number()),
  std: z.array(z.number()),
  colours: z.enum(['rgb', 'bgr']),
  outputs: z.array(z.string()),
  /** Sentences: every choice, and whether it was given, stated by the model or guessed. */
  told: z.array(z.string()),
});
export type InspectedModel = z.infer<typeof inspectedModelSchema>;

const evaluated = z.object({
  /** The evaluation's name among the runs. */
  run: z.string(),
  heads: headResultsSchema,
  protocol: z.string(),
  /** What was assumed, for a person. */
  told: z.array(z.string()),
});

export const scoreKinds = ['probabilities', 'logits'] as const;
export const reportFormats = ['html', 'markdown', 'json'] as const;

export const importRequests = {
  /** Opens a model and says how pictures would go into it. Rejects with `model-input` where something has to be given. */
  'model/inspect': request(z.object({ file: z.string(), input: modelInputSchema }), inspectedModelSchema),
  /** Judges a model, or a run of ours, on a dataset's split or on what another run held out. Progress arrives as `job/event`. */
  'evaluate/model': request(
    workspace.extend({
      /** The .onnx file; absent: `run`'s own model. */
      model: z.string().optional(),
      run: z.string().optional(),
      dataset: z.string(),
      /** Absent: the split that is held out. */
      split: z.string().optional(),
      /** Judge it on the samples that this run held out. */
      against: z.string().optional(),
      /** A file with the class names in the order of the output. */
      classes: z.string().optional(),
      output: z.string().optional(),
      scores: z.enum(scoreKinds).optional(),
      input: modelInputSchema,
      name: z.string().optional(),
      device: z.string().optional(),
    }),
    evaluated,
  ),
  /** Makes an evaluation of a CSV, TSV, Parquet or JSON file of predictions. */
  'import/predictions': request(
    workspace.extend({
      file: z.string(),
      /** Whose samples they are of; absent: the file alone says what there is. */
      dataset: z.string().optional(),
      split: z.string().optional(),
      /** The list that JSON scores were made with. */
      annotations: z.string().optional(),
      classes: z.string().optional(),
      scores: z.enum(scoreKinds).optional(),
      protocol: z.string().optional(),
      name: z.string().optional(),
    }),
    evaluated,
  ),
  /** Makes a run's report anew from its stored predictions and writes it to `file`. */
  'report/save': request(
    workspace.extend({ run: z.string(), file: z.string(), format: z.enum(reportFormats) }),
    z.object({ file: z.string() }),
  ),
} as const;
