import { UserError } from '../base/errors.ts';
import type { Handlers } from '../protocol/endpoint.ts';
import type { RunnerSurface } from '../protocol/runner.ts';
import type { RunnerOptions } from './handlers.ts';

export function jobHandlers(_options: RunnerOptions): Pick<Handlers<RunnerSurface>, 'train/run' | 'evaluate/run'> {
  const soon = async (): Promise<never> => {
    throw new UserError('not-ready', 'Training is not wired yet.');
  };
  return { 'train/run': soon, 'evaluate/run': soon };
}
