// The evaluation view and its host. The view asks `evaluationView/ready`, then one head at a time, then pages of cells.
// When the run was judged anew the host tells `changed`, and the view asks again.
import { z } from 'zod';
import { cellSampleSchema, changedSampleSchema, changeKinds, headComparisonSchema } from './comparisons.ts';
import { posterSchema, sampleSchema } from './datasets.ts';
import {
  classCurveSchema,
  classSetSchema,
  judgedSampleSchema,
  missingSampleSchema,
  shownEvaluationSchema,
} from './evaluation.ts';
import { pageRequests } from './page.ts';
import { runSummarySchema } from './runs.ts';
import { notification, request } from './surface.ts';

const none = z.object({});

export const evaluationSnapshotSchema = z.object({
  summary: runSummarySchema,
  /** The heads that can be shown, in the order of the experiment. A head has the name of its dataset. */
  heads: z.array(z.string()),
  /** The head to show first; absent: where the view was, or the first. */
  head: z.string().optional(),
  /** Other runs and evaluations, newest first, with their heads: what this one may be compared with. */
  others: z.array(z.object({ run: z.string(), heads: z.array(z.string()) })),
  /** The one to compare with; absent: as the view was. */
  other: z.string().optional(),
});
export type EvaluationSnapshot = z.infer<typeof evaluationSnapshotSchema>;

/** A judged sample and where the view finds its picture. */
export const shownSampleSchema = z.object({
  judged: judgedSampleSchema,
  poster: posterSchema,
  /** The poster's file as an address that the view may load (`asWebviewUri`). */
  url: z.string(),
  /** As they are now, by name. */
  tags: z.array(z.string()),
  /** Of a comparison: what the other says of it. */
  other: changedSampleSchema.shape.other.optional(),
  /** Of a cell of the difference: whether it came into the cell, and whether the other had it right. */
  change: cellSampleSchema.pick({ change: true, wasRight: true }).optional(),
});
export type ShownSample = z.infer<typeof shownSampleSchema>;

const page = z.object({ head: z.string(), offset: z.number(), limit: z.number() });
const samples = z.object({ ids: z.array(z.string()).min(1) });
/** Whether they were edited: the person may have thought better of it. */
const edited = z.object({ edited: z.boolean() });

export const reportFormats = ['html', 'markdown', 'json'] as const;

/** What the extension host answers and tells. */
export const evaluationHostSurface = {
  requests: {
    'evaluationView/ready': request(none, evaluationSnapshotSchema),
    'evaluationView/head': request(z.object({ head: z.string() }), shownEvaluationSchema),
    'evaluationView/curves': request(
      z.object({ head: z.string(), classes: z.array(z.number()).max(64) }),
      z.array(classCurveSchema),
    ),
    /** Held-out samples that could not be judged, and why: the first hundred. */
    'evaluationView/missing': request(z.object({ head: z.string() }), z.array(missingSampleSchema)),
    /** One page of the samples of a cell, or of a group of cells (indices into the head's classes). */
    'evaluationView/cell': request(
      page.extend({ truth: classSetSchema, predicted: classSetSchema }),
      z.array(shownSampleSchema),
    ),
    'evaluationView/compare': request(z.object({ head: z.string(), other: z.string() }), headComparisonSchema),
    /** One page of the samples that became right, or wrong; `label`: of one class. */
    'evaluationView/changed': request(
      page.extend({ other: z.string(), kind: z.enum(changeKinds), label: z.string().optional() }),
      z.object({ total: z.number(), samples: z.array(shownSampleSchema) }),
    ),
    /** One page of the samples that a cell, or a group of cells, has in either matrix: see `evaluation/differing`. */
    'evaluationView/differing': request(
      page.extend({ other: z.string(), truth: classSetSchema, predicted: classSetSchema }),
      z.object({ came: z.number(), left: z.number(), stayed: z.number(), samples: z.array(shownSampleSchema) }),
    ),
    /** Lets the person pick a file that says which class belongs to which group; null where none was picked. */
    'evaluationView/pickGroups': request(none, z.object({ name: z.string(), text: z.string() }).nullable()),
    /** Leaves samples out of training and judging from now on. Answers when the index has followed. */
    'evaluationView/exclude': request(samples, edited),
    /** Asks which class, and gives it to the samples. */
    'evaluationView/relabel': request(samples, edited),
    /** Asks which tag, and puts it on the samples. */
    'evaluationView/tag': request(samples, edited),
    /** Opens the clip view on a sample. */
    'evaluationView/openClip': request(z.object({ sample: sampleSchema }), none),
    /** Asks where, and saves the run's report there. */
    'evaluationView/saveReport': request(none, none),
    /** Copies the command that shows the same in a terminal. */
    'evaluationView/copyCli': request(z.object({ other: z.string().optional() }), none),
    ...pageRequests,
  },
  notifications: {
    /** The run was judged anew: everything shown is old. With `head`: show that head (the view was asked for again). */
    'evaluationView/changed': notification(z.object({ head: z.string().optional(), other: z.string().optional() })),
    /** Samples were edited, here or elsewhere, or an edit was undone: the tags of those listed are old. */
    'evaluationView/edited': notification(none),
  },
} as const;

/** What the view answers and tells: nothing; it only asks. */
export const evaluationViewSurface = { requests: {}, notifications: {} } as const;

export type EvaluationHostSurface = typeof evaluationHostSurface;
export type EvaluationViewSurface = typeof evaluationViewSurface;
