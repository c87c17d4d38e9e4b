// The Train page and its host. The page keeps the draft (what a person chose and has not saved) and asks what it comes to at every
// change; a newer question aborts the older.
import { z } from 'zod';
import { deviceSchema } from './runs.ts';
import { notification, request } from './surface.ts';
import { draftSchema, measuredSchema, trainPlanSchema } from './trainPlan.ts';

const none = z.object({});

export const trainHostSurface = {
  requests: {
    /**
     * What the page starts with: the setting's device, unless it remembers something; or what is wanted of it, such as a failed
     * run's choice, in place of that.
     */
    'trainView/ready': request(none, z.object({ draft: draftSchema, isWanted: z.boolean() })),
    'trainView/plan': request(z.object({ draft: draftSchema }), trainPlanSchema),
    /** Looks for devices, once; it may take seconds. */
    'trainView/devices': request(none, z.array(deviceSchema)),
    /** A few real steps in a process of its own, which an abort ends. */
    'trainView/measure': request(z.object({ draft: draftSchema }), measuredSchema),
    /** Answers when the job was started; its run page opens by itself. `started` is false where the person thought better of it. */
    'trainView/start': request(z.object({ draft: draftSchema }), z.object({ started: z.boolean() })),
    /** `name` is null where the person gave none; `changes` is how many files were changed. */
    'trainView/save': request(
      z.object({ draft: draftSchema, name: z.string() }),
      z.object({ name: z.string().nullable(), file: z.string(), changes: z.number() }),
    ),
    /** Shows what the last save changed, beside what stood there before. */
    'trainView/showSaved': request(none, none),
    /** Opens cover.json, or the file that has the experiment. */
    'trainView/openConfig': request(z.object({ file: z.string().nullable() }), none),
    'trainView/copyCli': request(z.object({ draft: draftSchema }), none),
    /** Asks for a run, a file or a model on the Hub to start from; null where nothing was chosen. */
    'trainView/pickWeights': request(none, z.object({ weights: z.string().nullable() })),
    'trainView/addDataset': request(none, none),
  },
  notifications: {
    /** cover.json or the datasets changed: ask again what the draft comes to. */
    'trainView/changed': notification(none),
    /** Shows another draft. */
    'trainView/show': notification(z.object({ draft: draftSchema })),
  },
} as const;

export type TrainHostSurface = typeof trainHostSurface;
