// The clip view and its host. The view asks `clipView/ready` for the file, which is answered at once, and for what a model says of
// it, which may take a while; nothing waits for anything else. `run` absent: the newest finished one.
import { z } from 'zod';
import { headPredictionsSchema } from './events.ts';
import { pageRequests } from './page.ts';
import { attentionSchema, seenFramesSchema, timelinePageSchema } from './predictions.ts';
import { notification, request } from './surface.ts';

const none = z.object({});
const ofRun = z.object({ run: z.string().optional() });

export const clipFramesSchema = z.object({
  /** What stands in a frame's name before and behind its digits. */
  before: z.string(),
  after: z.string(),
  /** Of each frame that is there, in the order in which they are shown. */
  digits: z.array(z.string()),
  /** Frames of the sample that are not there. */
  missing: z.number(),
  /** Frames a second. */
  rate: z.number(),
});
export type ClipFrames = z.infer<typeof clipFramesSchema>;

export const clipSnapshotSchema = z.object({
  /** Absolute path. */
  file: z.string(),
  /** The path as a person knows it: inside the workspace where it lies there. */
  path: z.string(),
  /** The file as an address that the view may load (`asWebviewUri`). */
  url: z.string(),
  kind: z.enum(['video', 'image']),
  /** Bytes, where known: a very large file is not converted. */
  size: z.number().nullable(),
  /** What the file shows according to its dataset; null where it belongs to none. */
  truth: z.object({ dataset: z.string(), label: z.string(), split: z.string() }).nullable(),
  /** Seconds inside the file, where the sample is a part of it. */
  start: z.number().nullable(),
  end: z.number().nullable(),
  /** The run that the view was opened for; null: the newest finished one. */
  run: z.string().nullable(),
  /** Where the file is a folder of numbered frames, and `url` that folder's: the frames that are there. */
  frames: clipFramesSchema.optional(),
});
export type ClipSnapshot = z.infer<typeof clipSnapshotSchema>;

/** What the index says of the file now: it may have been edited, or opened from outside of its dataset. */
export const clipSampleSchema = z.object({
  truth: z.object({ dataset: z.string(), label: z.string(), split: z.string() }),
  excluded: z.boolean(),
  /** By name. */
  tags: z.array(z.string()),
  /** Counted from 1 among the samples of its class and split that are not excluded. */
  position: z.number(),
  samples: z.number(),
  hasPrevious: z.boolean(),
  hasNext: z.boolean(),
});
export type ClipSample = z.infer<typeof clipSampleSchema>;

export const clipPredictionsSchema = z.object({
  run: z.string(),
  /** For example "1 clip × 1 centre crop, 8 frames uniform, 32 × 32". */
  protocol: z.string(),
  /** Top classes of every head, best first. */
  heads: headPredictionsSchema,
});
export type ClipPredictions = z.infer<typeof clipPredictionsSchema>;

/** What the extension host answers and tells. */
export const clipHostSurface = {
  requests: {
    'clipView/ready': request(none, clipSnapshotSchema),
    /** Null where the file is no sample. */
    'clipView/sample': request(none, clipSampleSchema.nullable()),
    /**
     * What every head says. Rejects with code `no-run` where nothing is trained yet; the view then offers
     * `clipView/train`.
     */
    'clipView/predict': request(ofRun.extend({ topK: z.number() }), clipPredictionsSchema),
    /** Which frames that rests on. */
    'clipView/seen': request(ofRun, seenFramesSchema),
    /** Where the model looked. Rejects with code `no-attention` where its model cannot tell. */
    'clipView/attention': request(ofRun, attentionSchema),
    /** One page of windows: see `predict/timeline`. */
    'clipView/timeline': request(
      ofRun.extend({ window: z.number().positive().optional(), from: z.number() }),
      timelinePageSchema,
    ),
    /** The finished runs with a model, the newest first. */
    'clipView/runs': request(none, z.array(z.object({ run: z.string(), detail: z.string() }))),
    /** Starts Train CoVeR, as from the palette. */
    'clipView/train': request(none, none),
    /** Shows the sample before or after this one in its class and split, in place of it. */
    'clipView/step': request(z.object({ by: z.union([z.literal(-1), z.literal(1)]) }), none),
    /** Edits the sample: "CoVeR: Undo Last Edit" takes it back. */
    'clipView/edit': request(z.object({ edit: z.enum(['exclude', 'include', 'relabel', 'tag', 'untag']) }), none),
    /** Puts the command line that predicts this file on the clipboard. */
    'clipView/copyCli': request(ofRun.extend({ top: z.number() }), none),
    ...pageRequests,
  },
  notifications: {
    /** The file, its label or the newest run changed: the view asks again for both. */
    'clipView/changed': notification(none),
  },
} as const;

/** What the view answers and tells: nothing; it only asks. */
export const clipViewSurface = { requests: {}, notifications: {} } as const;

export type ClipHostSurface = typeof clipHostSurface;
export type ClipViewSurface = typeof clipViewSurface;
