// What a runner answers about one file: what a run sees in it, and which sample it is.
import { throwIfAborted } from '../base/errors.ts';
import { sampleOfFile } from '../data/sampleOfFile.ts';
import type { ClipFile, Predictor } from '../evaluation/predictor.ts';
import { stretchesOf } from '../evaluation/timelinePlan.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { Handlers } from '../protocol/endpoint.ts';
import type { predictionRequests, TimelinePage } from '../protocol/predictions.ts';
import type { RunnerSurface } from '../protocol/runner.ts';
import type { PredictorKeeper } from './predictorKeeper.ts';
import { asItIs, TimelineCache } from './timelineCache.ts';

/** Classes told of each window and head. */
const windowClasses = 3;

export function predictionHandlers(
  predictors: PredictorKeeper,
): Pick<Handlers<RunnerSurface>, keyof typeof predictionRequests> {
  const cache = new TimelineCache();
  return {
    'predict/seen': ({ workspace, run, file, sample }, signal) =>
      predictors.use(workspace, run, signal, async (predictor) => ({
        run: predictor.run,
        ...(await predictor.seen({ ...sample, file }, signal)),
      })),
    'predict/attention': ({ workspace, run, file, sample }, signal) =>
      predictors.use(workspace, run, signal, async (predictor) => ({
        run: predictor.run,
        ...(await predictor.attention({ ...sample, file }, signal)),
      })),
    'predict/timeline': ({ workspace, run, file, sample, window, from }, signal) =>
      predictors.use(workspace, run, signal, (predictor) =>
        page(cache, workspace, predictor, { ...sample, file }, { window, from }, signal),
      ),
    'predict/sample': ({ workspace, file, id }) => sampleOfFile(workspace, file, id),
  };
}

async function page(
  cache: TimelineCache,
  workspace: string,
  predictor: Predictor,
  clip: ClipFile & Pick<Sample, 'frames'>,
  { window, from }: { window: number | undefined; from: number },
  signal: AbortSignal,
): Promise<TimelinePage> {
  const { start = '', end = '', frames } = clip;
  const part = [start ?? '', end ?? '', window ?? '', frames?.first ?? '', frames?.count ?? '', frames?.rate ?? '']
    .join(' ')
    .trimEnd();
  const key = `${asItIs(clip)}\n${part}\n${asItIs({ file: predictor.model })}`;
  const known = await cache.get(workspace, key);
  const { plan = await predictor.planTimeline(clip, window, signal), windows: before = [] } = known ?? {};
  const page = { run: predictor.run, plan, from, warning: known?.warning ?? null };
  // Of one window what `predict/file` says is all there is to say.
  if (from < before.length || from >= plan.windows || plan.windows === 1)
    return { ...page, windows: before.slice(from) };
  throwIfAborted(signal, 'The timeline');
  // All at once: where there are gaps between the windows, each is a search through the file.
  const said = await Promise.all(
    stretchesOf(plan, from).map((stretch) => predictor.windows(clip, stretch, windowClasses, signal)),
  );
  const windows = said.flatMap((stretch) => stretch.windows);
  page.warning ??= said.find(({ warning }) => warning !== null)?.warning ?? null;
  if (from === before.length)
    await cache.put(workspace, { key, plan, windows: [...before, ...windows], warning: page.warning });
  return { ...page, windows };
}
