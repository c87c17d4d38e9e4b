// What is asked about one run by those who look on: its story in a bounded number of points, what was added since, its
// checkpoints and its log; and the two things done to a run from outside: stopping it and exporting its weights.
import { z } from 'zod';
import { jobEventSchema } from './events.ts';
import { runSummarySchema } from './runs.ts';
import { request } from './surface.ts';

const run = z.object({ workspace: z.string(), run: z.string() });

/** Up to where a run's events were read; only who gave it can read it. */
export const eventCursorSchema = z.object({ offset: z.number(), mark: z.string() });
export type EventCursor = z.infer<typeof eventCursorSchema>;

const told = { summary: runSummarySchema, events: z.array(jobEventSchema), cursor: eventCursorSchema };

export const checkpointInfoSchema = z.object({
  name: z.string(),
  /** Absolute path. */
  file: z.string(),
  /** Steps of the run done by then. */
  step: z.number(),
  bytes: z.number(),
  /** Whether the run would go on from it. */
  newest: z.boolean(),
});
export type CheckpointInfo = z.infer<typeof checkpointInfoSchema>;

export const runHistoryRequests = {
  /** A run's summary and its events in order, with about `points` of its steps. */
  'runs/story': request(run.extend({ points: z.number() }), z.object(told)),
  /** What was added since; `again`: the events were written anew (the run was resumed), and the story has to be asked for. */
  'runs/follow': request(run.extend({ cursor: eventCursorSchema }), z.object({ ...told, again: z.boolean() })),
  'runs/checkpoints': request(run, z.array(checkpointInfoSchema)),
  /** The end of what its process wrote to stderr; '' where that is not kept. */
  'runs/log': request(run, z.object({ tail: z.string(), file: z.string().nullable() })),
  /**
   * Asks whatever process trains the run to stop after its step; it then is `cancelled` and has a checkpoint. `now`: ends that
   * process at once, where it is one of this computer. Answers when it was asked. Rejects with `not-training`.
   */
  'runs/stop': request(run.extend({ now: z.boolean().optional() }), z.object({})),
  /** Writes the newest checkpoint's weights as an ONNX file; answers its path and the checkpoint's name. */
  'runs/exportOnnx': request(run.extend({ out: z.string() }), z.object({ path: z.string(), checkpoint: z.string() })),
} as const;
