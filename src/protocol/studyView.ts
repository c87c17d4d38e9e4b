// The study page and its host. The page asks for everything at once; when a run of the study ended the host tells it to ask again.
import { z } from 'zod';
import { pageRequests } from './page.ts';
import { studySchema } from './studies.ts';
import { notification, request } from './surface.ts';

const none = z.object({});

export const studyHostSurface = {
  requests: {
    'studyView/ready': request(none, studySchema),
    /** Opens the evaluation of one of its runs, at a head where one is given. */
    'studyView/openRun': request(z.object({ run: z.string(), head: z.string().optional() }), none),
    /** Copies the command that trains it, or what is left of it. */
    'studyView/copyCli': request(none, none),
    ...pageRequests,
  },
  notifications: {
    'studyView/changed': notification(none),
  },
} as const;
export type StudyHostSurface = typeof studyHostSurface;
