// The run view and its host. The view asks `runView/ready` and receives everything known, in a bounded number of points; afterwards
// the host tells what was added and each change of state with a sequence number. On a gap the view asks for everything again.
import { z } from 'zod';
import { jobEventSchema } from './events.ts';
import { pageRequests } from './page.ts';
import { checkpointInfoSchema } from './runHistory.ts';
import { runSummarySchema } from './runs.ts';
import { notification, request } from './surface.ts';

const none = z.object({});

export const runSnapshotSchema = z.object({
  summary: runSummarySchema,
  /** The run's events in order; of a long run not every step. */
  events: z.array(jobEventSchema),
  /** Number of the last message that this snapshot contains; live messages count on from it. */
  sequence: z.number(),
  /** It was asked to stop, and its process has not put it down yet. */
  stopping: z.boolean(),
});
export type RunSnapshot = z.infer<typeof runSnapshotSchema>;

/** What the page's buttons and menus do to the run it shows. */
export const runActionSchema = z.enum([
  /** Finishing the step, with a checkpoint; and at once, where the last checkpoint remains. */
  'stop',
  'stopNow',
  'resume',
  'retry',
  'evaluate',
  'exportOnnx',
  'copyCli',
  'openExperiment',
  'compareSettings',
  'reveal',
  'openLog',
]);
export type RunAction = z.infer<typeof runActionSchema>;

/** What the extension host answers and tells. */
export const runHostSurface = {
  requests: {
    ...pageRequests,
    'runView/ready': request(none, runSnapshotSchema),
    /** Answers when it is done; of a training when it was begun, or asked to stop. */
    'runView/do': request(z.object({ action: runActionSchema }), none),
    'runView/checkpoints': request(none, z.array(checkpointInfoSchema)),
    /** Shows a file of the run's folder in the explorer: a checkpoint. */
    'runView/reveal': request(z.object({ checkpoint: z.string() }), none),
    /** The end of what the run's process wrote to its log; '' where that is not kept. */
    'runView/log': request(none, z.object({ tail: z.string() })),
    /** Lets the person pick runs to compare with; those in `shown` are not offered. */
    'runView/pickRuns': request(z.object({ shown: z.array(z.string()) }), z.array(z.string())),
    /** Another run's story, to be drawn on the same axes. */
    'runView/other': request(z.object({ run: z.string() }), runSnapshotSchema.pick({ summary: true, events: true })),
    /** Opens the evaluation view, at a head where one is given. */
    'runView/openEvaluation': request(z.object({ head: z.string().optional() }), none),
    /** Opens the file of one of the run's problems. `line` is 1-based. */
    'runView/openFile': request(z.object({ file: z.string(), line: z.number().optional() }), none),
  },
  notifications: {
    /** What was added to the run's story. `sequence` is one more than that of the message before. */
    'runView/events': notification(z.object({ sequence: z.number(), events: z.array(jobEventSchema) })),
    /** The state as it is now (done, failed, cancelled, …), whole. Counted in the same sequence as the events. */
    'runView/summary': notification(
      z.object({ sequence: z.number(), summary: runSummarySchema, stopping: z.boolean() }),
    ),
    /** Draws another run on the same axes, as if the person had picked it. */
    'runView/compareWith': notification(z.object({ run: z.string() })),
  },
} as const;

/** What the view answers and tells: nothing; it only asks. */
export const runViewSurface = { requests: {}, notifications: {} } as const;

export type RunHostSurface = typeof runHostSurface;
export type RunViewSurface = typeof runViewSurface;
