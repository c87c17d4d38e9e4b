// The study page and its host. The page asks for everything at once; when something about it changed the host tells it to ask again.
import { z } from 'zod';
import { pageRequests } from './page.ts';
import { studySchema } from './studies.ts';
import { notification, request } from './surface.ts';

const none = z.object({});

export const studyStepSchema = z.object({
  run: z.string(),
  step: z.number(),
  steps: z.number(),
  clipsPerSecond: z.number(),
  /** Seconds that this run still needs; null while unknown. */
  eta: z.number().nullable(),
});
export type StudyStep = z.infer<typeof studyStepSchema>;

export const viewedStudySchema = studySchema.extend({
  /** Somebody trains it now, so that it can be stopped and not be gone on with. */
  running: z.boolean(),
  /** It was asked to stop, and still makes its step. */
  stopping: z.boolean(),
  /** The newest step of the run under way that this window knows of. */
  newest: studyStepSchema.optional(),
});
export type ViewedStudy = z.infer<typeof viewedStudySchema>;

export const studyHostSurface = {
  requests: {
    'studyView/ready': request(none, viewedStudySchema),
    /** Opens the evaluation of one of its runs, at a head where one is given; of one that is being trained, its run page. */
    'studyView/openRun': request(
      z.object({ run: z.string(), head: z.string().optional(), training: z.boolean().optional() }),
      none,
    ),
    /** Trains what is left of it. Answers when it is started. */
    'studyView/goOn': request(none, none),
    /** Stops after the current step; what is trained is kept. */
    'studyView/stop': request(none, none),
    /** Copies the command that trains it, or what is left of it. */
    'studyView/copyCli': request(none, none),
    ...pageRequests,
  },
  notifications: {
    'studyView/changed': notification(none),
    /** The run under way made a step. */
    'studyView/step': notification(studyStepSchema),
  },
} as const;
export type StudyHostSurface = typeof studyHostSurface;
