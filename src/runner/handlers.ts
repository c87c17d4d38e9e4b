// Answers every request of the runner: put together from one file for each part of the protocol.
import { packageVersion } from '../base/paths.ts';
import { DatasetQueries } from '../data/datasetQueries.ts';
import type { Handlers } from '../protocol/endpoint.ts';
import type { JobEvent } from '../protocol/events.ts';
import type { RunnerSurface } from '../protocol/runner.ts';
import { comparisonHandlers } from './comparisonHandlers.ts';
import { curationHandlers } from './curationHandlers.ts';
import { datasetHandlers } from './datasetHandlers.ts';
import { datasetQueryHandlers } from './datasetQueryHandlers.ts';
import { evaluationHandlers } from './evaluationHandlers.ts';
import { FilmStrips } from './filmStrips.ts';
import { importHandlers } from './importHandlers.ts';
import { inlineHandlers } from './inlineHandlers.ts';
import { jobHandlers } from './jobs.ts';
import { oneAtATime } from './oneAtATime.ts';
import { predictionHandlers } from './predictionHandlers.ts';
import { PredictorKeeper } from './predictorKeeper.ts';
import { runHandlers } from './runHandlers.ts';
import { runHistoryHandlers } from './runHistoryHandlers.ts';
import { sampleHandlers } from './sampleHandlers.ts';
import { stripHandlers } from './stripHandlers.ts';
import { studyHandlers } from './studyHandlers.ts';
import { trainPlanHandlers } from './trainPlanHandlers.ts';

export interface RunnerOptions {
  /** Path of a native ffmpeg, where one is set. */
  ffmpeg: string | undefined;
  notify(event: JobEvent): void;
  /** Aborted when the process is to end, kept work or not. */
  ended?: AbortSignal;
}

/** `close` ends what is kept between requests; call it when nothing is being answered. */
export function createHandlers(options: RunnerOptions): {
  handlers: Handlers<RunnerSurface>;
  close(): Promise<void>;
} {
  const predictors = new PredictorKeeper(options.ffmpeg);
  const strips = new FilmStrips(options.ffmpeg);
  const queries = new DatasetQueries();
  const alone = oneAtATime();
  const handlers: Handlers<RunnerSurface> = {
    'runner/hello': async () => ({ version: packageVersion(), pid: process.pid, node: process.version }),
    ...datasetHandlers(options),
    ...datasetQueryHandlers(queries),
    ...curationHandlers(),
    ...stripHandlers(strips),
    ...sampleHandlers(options),
    ...runHandlers(),
    ...runHistoryHandlers(),
    ...jobHandlers(options, alone),
    ...importHandlers(options, alone),
    ...trainPlanHandlers(),
    ...evaluationHandlers(predictors),
    ...comparisonHandlers(),
    ...studyHandlers(options, alone),
    ...predictionHandlers(predictors),
    ...inlineHandlers(predictors),
  };
  const close = async () => {
    queries.close();
    await Promise.all([predictors.close(), strips.close()]);
  };
  return { handlers, close };
}
