// The evaluation view and its host. The view asks `evaluationView/ready`, then one head at a time, then pages of cells.
// When the run was judged anew the host tells `changed`, and the view asks again.
import { z } from 'zod';
import { sampleSchema } from './datasets.ts';
import { evaluationSchema, judgedSampleSchema } from './evaluation.ts';
import { runSummarySchema } from './runs.ts';
import { notification, request } from './surface.ts';

const none = z.object({});

export const evaluationSnapshotSchema = z.object({
  summary: runSummarySchema,
  /** The heads that can be shown, in the order of the experiment. A head has the name of its dataset. */
  heads: z.array(z.string()),
  /** The head to show first; absent: where the view was, or the first. */
  head: z.string().optional(),
});
export type EvaluationSnapshot = z.infer<typeof evaluationSnapshotSchema>;

/** A judged sample and where the view finds its file. */
export const shownSampleSchema = z.object({
  judged: judgedSampleSchema,
  /** The file as an address that the view may load (`asWebviewUri`). */
  url: z.string(),
});
export type ShownSample = z.infer<typeof shownSampleSchema>;

/** What the extension host answers and tells. */
export const evaluationHostSurface = {
  requests: {
    'evaluationView/ready': request(none, evaluationSnapshotSchema),
    'evaluationView/head': request(z.object({ head: z.string() }), evaluationSchema),
    /** One page of the samples of a cell (indices into the head's classes). */
    'evaluationView/cell': request(
      z.object({
        head: z.string(),
        truth: z.number(),
        predicted: z.number(),
        offset: z.number(),
        limit: z.number(),
      }),
      z.array(shownSampleSchema),
    ),
    /** Opens the clip view on a sample. */
    'evaluationView/openClip': request(z.object({ sample: sampleSchema }), none),
  },
  notifications: {
    /** The run was judged anew: everything shown is old. With `head`: show that head (the view was asked for again). */
    'evaluationView/changed': notification(z.object({ head: z.string().optional() })),
  },
} as const;

/** What the view answers and tells: nothing; it only asks. */
export const evaluationViewSurface = { requests: {}, notifications: {} } as const;

export type EvaluationHostSurface = typeof evaluationHostSurface;
export type EvaluationViewSurface = typeof evaluationViewSurface;
