// What the lines of annotation files name, and what a model says of it: asked for the lines that are visible. Where clips lie and
// what is known of them is a question like others; predictions are asked of a runner of their own, since they hold it up.
import { z } from 'zod';
import { sampleSchema } from './datasets.ts';
import { headPredictionsSchema } from './events.ts';
import { request } from './surface.ts';

const workspace = z.object({ workspace: z.string() });

export const inlineClipSchema = sampleSchema
  .pick({ file: true, kind: true, start: true, end: true, frames: true })
  .describe('A file, or a part of it, as a predictor takes it.');
export type InlineClip = z.infer<typeof inlineClipSchema>;

/** One line: the ways to read it, the likeliest first. The first one that names a clip counts. */
export const inlineLineSchema = z.object({
  candidates: z.array(
    z.object({
      /** A path as it is written, or an id. */
      name: z.string(),
      /** The name is known to a dataset's lists only, and is no path. */
      isId: z.boolean(),
      /** As it stands in the line. */
      label: z.string().optional(),
    }),
  ),
  startSec: z.number().optional(),
  endSec: z.number().optional(),
  /** It is no list of clips: a picture counts only where it is a sample, since others illustrate something. */
  isLoose: z.boolean().optional(),
});
export type InlineLine = z.infer<typeof inlineLineSchema>;

export const inlineTruthSchema = z.object({
  /** The head that the label is a class of. */
  head: z.string(),
  /** The class as the head calls it. */
  label: z.string(),
  /** Where it is known from. Only what the line itself says can be changed there. */
  from: z.enum(['line', 'dataset', 'folder']),
});
export type InlineTruth = z.infer<typeof inlineTruthSchema>;

/** What was found for a line. */
export const inlineFoundSchema = z.object({
  /** Which of the candidates it was. */
  candidate: z.number(),
  clip: inlineClipSchema,
  /** What the index says of it, if anything. */
  sample: sampleSchema.nullable(),
  /** Left out of training and judging. */
  excluded: z.boolean(),
  truth: inlineTruthSchema.nullable(),
  /** What was predicted before for this file in its present state: the top classes of every head. */
  heads: headPredictionsSchema.nullable(),
});
export type InlineFound = z.infer<typeof inlineFoundSchema>;

export const inlineModelSchema = z.object({
  run: z.string(),
  /** Of the model's file and the run's frozen experiment: predictions are kept by it. */
  digest: z.string(),
  /** How a clip of each kind is looked at. */
  protocol: z.object({ video: z.string(), image: z.string() }),
});
export type InlineModel = z.infer<typeof inlineModelSchema>;

export const inlineRequests = {
  /**
   * What lines of a document name. `run` absent, or without a model (deleted meanwhile): the newest finished run. `model` is null, and nothing is looked for, where there is
   * none; a line is null where it names nothing that is there.
   */
  'inline/lines': request(
    workspace.extend({
      /** Absolute path: relative names count from its folder first. */
      document: z.string(),
      run: z.string().optional(),
      lines: z.array(inlineLineSchema).max(1000),
    }),
    z.object({ model: inlineModelSchema.nullable(), lines: z.array(inlineFoundSchema.nullable()) }),
  ),
  /** What a run says of a few clips, which is kept in `.cover/inline`. Each has its heads, or a sentence on why it cannot be read. */
  'inline/predict': request(
    workspace.extend({ run: z.string(), clips: z.array(inlineClipSchema).max(64) }),
    z.array(z.object({ heads: headPredictionsSchema.nullable(), failure: z.string().nullable() })),
  ),
} as const;
