// Keeps the last predictor between questions: opening a model takes longer than asking it. Questions wait for each
// other, so that a model is never closed under one.
import { join } from 'node:path';
import { throwIfAborted } from '../base/errors.ts';
import { type ClipFile, Predictor } from '../evaluation/predictor.ts';
import type { HeadPredictions } from '../protocol/events.ts';
import { newestRun } from '../runs/listRuns.ts';
import { openRun } from '../runs/runFolder.ts';
import { asItIs } from './timelineCache.ts';

export class PredictorKeeper {
  private kept: { folder: string; model: string; predictor: Predictor } | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly ffmpeg: string | undefined) {}

  /** What a run says of a file; `run` absent: the newest finished run, which may be another each time. */
  predict(
    workspace: string,
    run: string | undefined,
    clip: ClipFile,
    topK: number,
    signal: AbortSignal,
  ): Promise<{ run: string; protocol: string; heads: HeadPredictions }> {
    return this.use(workspace, run, signal, async (predictor) => ({
      run: predictor.run,
      protocol: predictor.protocolOf(clip),
      heads: await predictor.predict(clip, topK, signal),
    }));
  }

  /** Does something with the predictor of a run, when everything asked before is answered. */
  use<T>(
    workspace: string,
    run: string | undefined,
    signal: AbortSignal,
    question: (predictor: Predictor) => Promise<T>,
  ): Promise<T> {
    const answer = this.last.then(async () => {
      throwIfAborted(signal, 'The prediction');
      const { folder } = run === undefined ? await newestRun(workspace) : await openRun(workspace, run);
      return question(await this.open(workspace, folder));
    });
    this.last = answer.catch(() => undefined);
    return answer;
  }

  async close(): Promise<void> {
    await this.last;
    const { kept } = this;
    this.kept = undefined;
    await kept?.predictor.close();
  }

  private async open(workspace: string, folder: string): Promise<Predictor> {
    // A resumed run has another model, and the name of a deleted one is used again.
    const model = asItIs({ file: join(folder, 'model.onnx') });
    if (this.kept?.folder === folder && this.kept.model === model) return this.kept.predictor;
    const { kept } = this;
    this.kept = undefined;
    await kept?.predictor.close();
    const predictor = await Predictor.open({ workspace, run: folder, ffmpeg: this.ffmpeg });
    this.kept = { folder, model, predictor };
    return predictor;
  }
}
