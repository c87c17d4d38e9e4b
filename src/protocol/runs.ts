// Devices, training and runs as they cross process borders, and what a runner answers about them.
import { z } from 'zod';
import { headResultsSchema, jobEventSchema } from './events.ts';
import { request } from './surface.ts';
import { draftSchema } from './trainPlan.ts';

const none = z.object({});
const workspace = z.object({ workspace: z.string() });

export const deviceSchema = z.object({ id: z.string(), name: z.string(), available: z.boolean(), detail: z.string() });

export const runStateSchema = z.enum(['running', 'done', 'cancelled', 'failed', 'interrupted']);
export const runSummarySchema = z.object({
  run: z.string(),
  /** Absolute folder. */
  folder: z.string(),
  experiment: z.string(),
  state: runStateSchema,
  /** One sentence where the run failed. */
  error: z.string().nullable(),
  started: z.string(),
  step: z.number(),
  steps: z.number(),
  device: z.string(),
  heads: headResultsSchema,
  /** An evaluation of what was not trained here: of predictions from a file, or of a model. There is nothing to resume or export. */
  imported: z.enum(['predictions', 'model']).optional(),
  /** How held-out samples were looked at, where that is known: it stands beside every accuracy. */
  protocol: z.string().optional(),
  /** Seconds left of one that is trained, where that is known. */
  eta: z.number().optional(),
});
export type RunSummary = z.infer<typeof runSummarySchema>;

export const runRequests = {
  'devices/list': request(none, z.array(deviceSchema)),

  /**
   * Trains until done. Job events arrive as `job/event`; aborting the request stops after the current step. Of a resumed run
   * the events that it kept come first, so that whoever listens knows the whole story.
   */
  'train/run': request(
    workspace.extend({
      /** A stopped run to go on with, by its name or folder. It is frozen: of the choices below only the device may differ. */
      resume: z.string().optional(),
      /** An experiment of cover.json; absent: the default one. */
      experiment: z.string().optional(),
      datasets: z.array(z.string()).optional(),
      preset: z.string().optional(),
      device: z.string().optional(),
      /** An experiment that is not saved, in place of the choices above. */
      draft: draftSchema.optional(),
      /** Goes on when whoever asked is gone, with nobody to hear the events; only a cancel or `runs/stop` ends it then. */
      keep: z.boolean().optional(),
    }),
    z.object({ run: z.string(), heads: headResultsSchema }),
  ),
  'runs/list': request(workspace, z.array(runSummarySchema)),
  /** A run's summary and every event it recorded, in order: the complete snapshot a run view starts from. */
  'runs/get': request(
    workspace.extend({ run: z.string() }),
    z.object({ summary: runSummarySchema, events: z.array(jobEventSchema) }),
  ),
} as const;
