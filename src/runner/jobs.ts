// Training and evaluation as the runner answers them: one at a time, since each wants the whole machine.
import { UserError } from '../base/errors.ts';
import { evaluateRun } from '../evaluation/evaluateRun.ts';
import type { Handlers } from '../protocol/endpoint.ts';
import type { RunnerSurface } from '../protocol/runner.ts';
import { train } from '../training/train.ts';
import type { RunnerOptions } from './handlers.ts';

export function jobHandlers({
  ffmpeg,
  notify,
}: RunnerOptions): Pick<Handlers<RunnerSurface>, 'train/run' | 'evaluate/run'> {
  let current: string | undefined;
  const alone = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    if (current !== undefined)
      throw new UserError('busy', `This runner is busy: ${current}. Start another for ${name}.`);
    current = name;
    try {
      return await work();
    } finally {
      current = undefined;
    }
  };
  return {
    'train/run': ({ workspace, resume, ...choice }, signal) =>
      alone('training', () => train({ workspace, choice, resume, replay: true, ffmpeg, signal, onEvent: notify })),
    'evaluate/run': ({ workspace, run, device }, signal) =>
      alone('evaluation', async () => {
        const { heads } = await evaluateRun({ workspace, run, device, ffmpeg, signal, onEvent: notify });
        return heads;
      }),
  };
}
