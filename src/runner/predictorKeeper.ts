import { UserError } from '../base/errors.ts';

export class PredictorKeeper {
  predict(
    _workspace: string,
    _run: string | undefined,
    _file: string,
    _topK: number,
    _signal: AbortSignal,
  ): Promise<never> {
    return Promise.reject(new UserError('not-ready', 'Prediction is not wired yet.'));
  }
  async close(): Promise<void> {}
}
