// What a runner answers about judged samples, and what it predicts for a file.
import { curvesOf, shownEvaluation } from '../evaluation/shownEvaluation.ts';
import type { Handlers } from '../protocol/endpoint.ts';
import type { RunnerSurface } from '../protocol/runner.ts';
import { openRun } from '../runs/runFolder.ts';
import type { PredictorKeeper } from './predictorKeeper.ts';

export function evaluationHandlers(
  predictors: PredictorKeeper,
): Pick<
  Handlers<RunnerSurface>,
  'evaluation/get' | 'evaluation/head' | 'evaluation/missing' | 'evaluation/curves' | 'evaluation/cell' | 'predict/file'
> {
  return {
    'evaluation/get': async ({ workspace, run, head }) => (await openRun(workspace, run)).readEvaluation(head),
    'evaluation/head': async ({ workspace, run, head }) =>
      shownEvaluation(await (await openRun(workspace, run)).readEvaluation(head)),
    'evaluation/curves': async ({ workspace, run, head, classes }) =>
      curvesOf(await (await openRun(workspace, run)).readEvaluation(head), classes),
    'evaluation/missing': async ({ workspace, run, head, limit }) =>
      (await (await openRun(workspace, run)).readPredictions(head)).missing.slice(0, limit),
    'evaluation/cell': async ({ workspace, run, head, truth, predicted, offset, limit }) =>
      (await openRun(workspace, run)).cellPredictions(head, truth, predicted, offset, limit),
    'predict/file': ({ workspace, run, file, sample, topK }, signal) =>
      predictors.predict(workspace, run, { ...sample, file }, topK, signal),
  };
}
