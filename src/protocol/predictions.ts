// What a run sees in one file beyond its opinion of the whole: which frames it looked at, where in them, and what it says of
// windows over a long video. And which sample a file is. Answered by the runner.
import { z } from 'zod';
import { sampleSchema } from './datasets.ts';
import { headPredictionsSchema } from './events.ts';
import { request } from './surface.ts';

const workspace = z.object({ workspace: z.string() });

/** A file, or the sample that is a part of it; `run` absent: the newest finished run. */
const subjectSchema = workspace.extend({
  run: z.string().optional(),
  file: z.string(),
  sample: sampleSchema.pick({ kind: true, start: true, end: true, frames: true }).optional(),
});

export const seenFramesSchema = z.object({
  run: z.string(),
  /** When the frames that the prediction rests on are on the screen, seconds of the file, rising; empty for an image. */
  times: z.array(z.number()),
  /** Frames a second of the file; null where it does not say. */
  rate: z.number().nullable(),
  /** Crops along the longer side that it is averaged over; each is square, as wide as the shorter side. */
  crops: z.number(),
});
export type SeenFrames = z.infer<typeof seenFramesSchema>;

export const attentionSchema = z.object({
  run: z.string(),
  kind: z.enum(['divided', 'joint', 'space']),
  /** Patches along one side of the square that the model sees: the centre of the picture, as wide as its shorter side. */
  side: z.number(),
  /** The share of the roll-out that stays in the class token; with all grids it sums to 1. */
  classToken: z.number(),
  frames: z.array(
    z.object({
      /** Seconds of the file; null for an image. Of a folder of frames: at the rate at which it is shown (base/frameNames.ts). */
      time: z.number().nullable(),
      /** side × side shares, row by row from the top left. */
      grid: z.array(z.number()),
    }),
  ),
  /** Which of the views it is of, for example "the middle one of 4 clips, the centre one of 3 crops"; null where there is one. */
  view: z.string().nullable(),
});
export type Attention = z.infer<typeof attentionSchema>;

export const timelinePlanSchema = z.object({
  /** Seconds of the file that the windows cover, from … to. */
  from: z.number(),
  to: z.number(),
  /** Seconds. */
  length: z.number(),
  stride: z.number(),
  /** How many windows; 1: the video is no longer than one. */
  windows: z.number(),
  /** Frames that the model sees of each. */
  frames: z.number(),
});
export type TimelinePlan = z.infer<typeof timelinePlanSchema>;

export const timelinePageSchema = z.object({
  run: z.string(),
  plan: timelinePlanSchema,
  /** The first window of this page. */
  from: z.number(),
  /** Window by window, the three best classes of every head. */
  windows: z.array(headPredictionsSchema),
  /** One sentence where a part of the video could only partly be read. */
  warning: z.string().nullable(),
});
export type TimelinePage = z.infer<typeof timelinePageSchema>;

/** A file's sample, and the ones before and after it in its class and split; null where there is none. */
export const sampleOfFileSchema = z.object({
  sample: sampleSchema,
  excluded: z.boolean(),
  /** By name. */
  tags: z.array(z.string()),
  previous: sampleSchema.nullable(),
  next: sampleSchema.nullable(),
  /** Counted from 1 among the samples of its class and split. */
  position: z.number(),
  samples: z.number(),
});
export type SampleOfFile = z.infer<typeof sampleOfFileSchema>;

export const predictionRequests = {
  'predict/seen': request(subjectSchema, seenFramesSchema),
  /**
   * The attention roll-out of the class token (src/model/attentionRollout.ts). Rejects with code `no-attention` where the run's
   * model cannot give it.
   */
  'predict/attention': request(subjectSchema, attentionSchema),
  /**
   * One page of windows, from the window `from` on. Whoever wants all asks for the next page while there are more: so it is told
   * as it comes, other questions get their turn, and it can be stopped. A page that was made before is answered from a cache, and
   * then all that is known is in one page. `window`: seconds, in place of the length that fits the model.
   */
  'predict/timeline': request(
    subjectSchema.extend({ window: z.number().positive().optional(), from: z.number().int().min(0) }),
    timelinePageSchema,
  ),
  /** Which sample of the index a file is: the one called `id` where several are parts of it. Null where it is none. */
  'predict/sample': request(
    workspace.extend({ file: z.string(), id: z.string().optional() }),
    sampleOfFileSchema.nullable(),
  ),
} as const;
