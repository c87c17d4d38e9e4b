// What a runner answers about the lines of annotation files. `inline/predict` is asked of a runner of its own, which takes second
// place to everything else on the machine: nobody waits for it.
import { constants, setPriority } from 'node:os';
import { messageOf, throwIfAborted, UserError } from '../base/errors.ts';
import { loadWorkspace } from '../config/workspace.ts';
import { type FileState, stateOf } from '../data/fileState.ts';
import { truthOf } from '../evaluation/clipTruth.ts';
import { InlineCache } from '../evaluation/inlineCache.ts';
import { InlineModels, type KnownModel } from '../evaluation/inlineModel.ts';
import { locateClips } from '../evaluation/locateClips.ts';
import type { Handlers } from '../protocol/endpoint.ts';
import type { HeadPredictions } from '../protocol/events.ts';
import type { InlineFound, inlineRequests } from '../protocol/inline.ts';
import type { RunnerSurface } from '../protocol/runner.ts';
import type { PredictorKeeper } from './predictorKeeper.ts';

/** Classes told of each head. */
const topK = 5;

export function inlineHandlers(
  predictors: PredictorKeeper,
): Pick<Handlers<RunnerSurface>, keyof typeof inlineRequests> {
  const models = new InlineModels();
  const caches = new Map<string, InlineCache>();
  const cacheOf = (workspace: string, { digest }: KnownModel) => {
    const key = `${digest} ${workspace}`;
    let cache = caches.get(key);
    if (!cache) {
      if (caches.size >= 2) caches.clear(); // another model is asked now: the memory is for that
      cache = new InlineCache(workspace, digest);
      caches.set(key, cache);
    }
    return cache;
  };
  const modelOf = async (workspace: string, run?: string) => {
    const model = await models.of(workspace, run).catch(noneYet);
    return model?.digest === '' ? undefined : model;
  };
  let isHumble = false;
  return {
    'inline/lines': async ({ workspace, document, run, lines }, signal) => {
      const model = (run !== undefined && (await modelOf(workspace, run))) || (await modelOf(workspace));
      if (!model) return { model: null, lines: lines.map(() => null) };
      const cache = cacheOf(workspace, model);
      const [{ config }] = await Promise.all([loadWorkspace(workspace), cache.refresh()]);
      throwIfAborted(signal, 'The look-up');
      const located = await locateClips({ workspace, config, document }, lines);
      const found = located.map((each, index): InlineFound | null => {
        if (!each) return null;
        const { candidate, clip, state, sample, isEdited } = each;
        const { label } = lines[index]!.candidates[candidate]!;
        const truth = truthOf(model.heads, { file: clip.file, kind: clip.kind, sample, label, isEdited });
        const { excluded = false, root: _, ...known } = sample ?? { root: '' };
        return {
          candidate,
          clip,
          sample: 'id' in known ? known : null,
          excluded,
          truth,
          heads: cache.get(clip, state) ?? null,
        };
      });
      const { heads: _, ...told } = model;
      return { model: told, lines: found };
    },

    'inline/predict': async ({ workspace, run, clips }, signal) => {
      if (!isHumble) {
        isHumble = true;
        beHumble();
      }
      const model = await models.of(workspace, run);
      const said = await predictors.use(workspace, run, signal, (predictor) =>
        // Together, so that several files are decoded in one go.
        Promise.all(
          clips.map(async (clip): Promise<{ state?: FileState; heads?: HeadPredictions; failure?: string }> => {
            const state = stateOf(clip);
            try {
              return { ...(state && { state }), heads: await predictor.predict(clip, topK, signal) };
            } catch (error) {
              return { failure: messageOf(error) };
            }
          }),
        ),
      );
      throwIfAborted(signal, 'The prediction');
      await cacheOf(workspace, model)
        .add(said.flatMap(({ state, heads }, index) => (state && heads ? [{ clip: clips[index]!, state, heads }] : [])))
        // A disk that is full or read-only costs the next opening its time, and nothing else.
        .catch((error: unknown) => void process.stderr.write(`${messageOf(error)}\n`));
      return said.map(({ heads = null, failure = null }) => ({ heads, failure }));
    },
  };
}

function noneYet(error: unknown): undefined {
  if (error instanceof UserError) return undefined;
  throw error;
}

function beHumble(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Some systems do not let a process change its priority.
  }
}
