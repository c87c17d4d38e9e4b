// The run view and its host. The view asks `runView/ready` and receives everything known; afterwards the host tells each
// event and each change of state with a sequence number. On a gap the view asks for everything again.
import { z } from 'zod';
import { jobEventSchema } from './events.ts';
import { pageRequests } from './page.ts';
import { runSummarySchema } from './runs.ts';
import { notification, request } from './surface.ts';

const none = z.object({});

export const runSnapshotSchema = z.object({
  summary: runSummarySchema,
  /** Every event of the run so far, in order. */
  events: z.array(jobEventSchema),
  /** Number of the last message that this snapshot contains; live messages count on from it. */
  sequence: z.number(),
  /** Whether a job of this window trains it now, so that it can be stopped from here. */
  live: z.boolean(),
});
export type RunSnapshot = z.infer<typeof runSnapshotSchema>;

/** What the extension host answers and tells. */
export const runHostSurface = {
  requests: {
    ...pageRequests,
    'runView/ready': request(none, runSnapshotSchema),
    /** Asks the job to stop after the current step. Answers when it was asked, not when it has stopped. */
    'runView/stop': request(none, none),
    /** Opens the evaluation view, at a head where one is given. */
    'runView/openEvaluation': request(z.object({ head: z.string().optional() }), none),
    /** Shows the extension's log. */
    'runView/openLog': request(none, none),
    /** Opens the file of one of the run's problems. `line` is 1-based. */
    'runView/openFile': request(z.object({ file: z.string(), line: z.number().optional() }), none),
  },
  notifications: {
    /** One more event of the job. `sequence` is one more than that of the message before. */
    'runView/event': notification(z.object({ sequence: z.number(), event: jobEventSchema })),
    /** The state as it is now (done, failed, cancelled, …), whole. Counted in the same sequence as the events. */
    'runView/summary': notification(z.object({ sequence: z.number(), summary: runSummarySchema, live: z.boolean() })),
  },
} as const;

/** What the view answers and tells: nothing; it only asks. */
export const runViewSurface = { requests: {}, notifications: {} } as const;

export type RunHostSurface = typeof runHostSurface;
export type RunViewSurface = typeof runViewSurface;
