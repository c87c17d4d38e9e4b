// The clip view and its host. The view asks `clipView/ready` for the file, which is answered at once, and
// `clipView/predict` for what the model says of it, which may take a while; neither waits for the other.
import { z } from 'zod';
import { headPredictionsSchema } from './events.ts';
import { notification, request } from './surface.ts';

const none = z.object({});

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
});
export type ClipSnapshot = z.infer<typeof clipSnapshotSchema>;

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
    /**
     * What every head says. Rejects with code `no-run` where nothing is trained yet; the view then offers
     * `clipView/train`.
     */
    'clipView/predict': request(z.object({ topK: z.number() }), clipPredictionsSchema),
    /** Starts Train CoVeR, as from the palette. */
    'clipView/train': request(none, none),
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
