// What the runner process answers (dist/runner.js over stdio, one JSON line a message). The extension host starts one
// runner for questions and one more per job, so that a question is answered while a model trains.
import { z } from 'zod';
import { comparisonRequests } from './comparisons.ts';
import { curationRequests } from './curation.ts';
import { datasetQueryRequests } from './datasetQueries.ts';
import { datasetRequests } from './datasets.ts';
import { evaluationRequests } from './evaluation.ts';
import { jobEventSchema } from './events.ts';
import { importRequests } from './imports.ts';
import { inlineRequests } from './inline.ts';
import { predictionRequests } from './predictions.ts';
import { runHistoryRequests } from './runHistory.ts';
import { runRequests } from './runs.ts';
import { samplesRequests } from './samples.ts';
import { stripRequests } from './strips.ts';
import { studyRequests } from './studies.ts';
import { notification, request } from './surface.ts';
import { trainPlanRequests } from './trainPlan.ts';

export const runnerSurface = {
  requests: {
    'runner/hello': request(z.object({}), z.object({ version: z.string(), pid: z.number(), node: z.string() })),
    ...datasetRequests,
    ...datasetQueryRequests,
    ...curationRequests,
    ...stripRequests,
    ...samplesRequests,
    ...runRequests,
    ...runHistoryRequests,
    ...trainPlanRequests,
    ...evaluationRequests,
    ...comparisonRequests,
    ...importRequests,
    ...studyRequests,
    ...predictionRequests,
    ...inlineRequests,
  },
  notifications: {
    'job/event': notification(jobEventSchema),
  },
} as const;

/** What the runner may ask of whoever started it: nothing. */
export const noSurface = { requests: {}, notifications: {} } as const;
export type RunnerSurface = typeof runnerSurface;
export type NoSurface = typeof noSurface;
