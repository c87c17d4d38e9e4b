// Training and evaluation as the runner answers them: one at a time, since each wants the whole machine.
import { choiceOf } from '../config/draft.ts';
import { requireWorkspace } from '../config/workspace.ts';
import { evaluateRun } from '../evaluation/evaluateRun.ts';
import { type Handlers, peerGone } from '../protocol/endpoint.ts';
import type { RunnerSurface } from '../protocol/runner.ts';
import { measureTraining } from '../training/measure.ts';
import { train } from '../training/train.ts';
import type { RunnerOptions } from './handlers.ts';
import type { Alone } from './oneAtATime.ts';

export function jobHandlers(
  { ffmpeg, notify, ended }: RunnerOptions,
  alone: Alone,
): Pick<Handlers<RunnerSurface>, 'train/run' | 'train/measure' | 'evaluate/run'> {
  return {
    'train/run': ({ workspace, resume, draft, keep, ...named }, asked) =>
      alone('training', async () => {
        const signal = keep ? cancelledOnly(asked, ended) : asked;
        const choice = draft ? await choiceOf(workspace, await requireWorkspace(workspace), draft) : named;
        return train({ workspace, choice, resume, replay: true, ffmpeg, signal, onEvent: notify });
      }),
    'train/measure': ({ workspace, draft }, signal) =>
      alone('measuring', () => measureTraining({ workspace, draft, ffmpeg, signal })),
    'evaluate/run': ({ workspace, run, device }, signal) =>
      alone('evaluation', async () => {
        const { heads } = await evaluateRun({ workspace, run, device, ffmpeg, signal, onEvent: notify });
        return heads;
      }),
  };
}

/** Aborted where the request is cancelled or the process is ended, not where who asked is gone. */
export function cancelledOnly(signal: AbortSignal, ended: AbortSignal | undefined): AbortSignal {
  const controller = new AbortController();
  const abort = () => {
    if (signal.reason !== peerGone) controller.abort();
  };
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return ended ? AbortSignal.any([controller.signal, ended]) : controller.signal;
}
