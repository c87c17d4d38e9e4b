// Early stopping: a stage ends when its held-out accuracy has not grown for some epochs, and its result is the best epoch's
// weights. What is decided follows from the epochs told so far alone, so that a resumed run decides the same.
import { UserError } from '../base/errors.ts';
import { count, percent, plural } from '../base/format.ts';
import type { ResolvedStage } from '../config/resolved.ts';
import type { ParameterLayout } from '../model/parameters.ts';
import type { HeadResult, JobEvent, Problem } from '../protocol/events.ts';
import type { RunFolder } from '../runs/runFolder.ts';
import { writeSafetensors } from '../weights/safetensors.ts';
import { withSafetensors } from '../weights/safetensorsFile.ts';
import { flatOf, weightTensors } from './checkpoint.ts';

/** A judged epoch: after which step of the run, and the mean top-1 of the stage's heads (0 … 1); null where nothing could be judged. */
export interface JudgedEpoch {
  readonly step: number;
  readonly accuracy: number | null;
}

export interface Verdict {
  /** The epoch whose weights are the best so far; undefined before any could be judged. */
  readonly best: JudgedEpoch | undefined;
  /** Epochs since then. */
  readonly waited: number;
  /** Whether the stage ends here. */
  readonly stop: boolean;
}

/** The best of a stage's epochs, in their order. An epoch counts as better by more than `minimumGain`. */
export function verdictOn(
  epochs: readonly JudgedEpoch[],
  { patience, minimumGain }: NonNullable<ResolvedStage['earlyStopping']>,
): Verdict {
  let best: JudgedEpoch | undefined;
  let waited = 0;
  for (const epoch of epochs) {
    const better =
      epoch.accuracy !== null && (best === undefined || epoch.accuracy > (best.accuracy ?? 0) + minimumGain);
    if (better) best = epoch;
    waited = better ? 0 : waited + 1;
  }
  return { best, waited, stop: waited >= patience };
}

/** The mean top-1 over the heads that could be judged: every dataset alike, as CoVeR's tables count them. */
export function accuracyOf(heads: Readonly<Record<string, HeadResult>>): number | null {
  const known = Object.values(heads).flatMap(({ top1 }) => (top1 === null ? [] : [top1]));
  return known.length === 0 ? null : known.reduce((sum, top1) => sum + top1, 0) / known.length;
}

/** What an epoch's event tells of it. */
export function toldOf({ best, waited, stop }: Verdict): { best?: number; ended?: string } {
  const ended = best
    ? `No gain for ${plural(waited, 'epoch')}: the stage ends with the weights of step ${count(best.step)}, ${percent(best.accuracy)} in the mean over its heads.`
    : `Nothing could be judged for ${plural(waited, 'epoch')}: the stage ends.`;
  return { ...(best && { best: best.step }), ...(stop && { ended }) };
}

/** One stage's watch over its epochs, and its best weights in the run's folder. */
export class EarlyStopping {
  private readonly epochs: JudgedEpoch[];

  /** `told`: what the run told before it was resumed. */
  constructor(
    private readonly folder: RunFolder,
    private readonly layout: ParameterLayout,
    private readonly stage: ResolvedStage,
    private readonly settings: NonNullable<ResolvedStage['earlyStopping']>,
    told: readonly JobEvent[],
  ) {
    this.epochs = told.flatMap((event) =>
      event.event === 'epoch' && event.stage === stage.name
        ? [{ step: event.step, accuracy: accuracyOf(event.heads) }]
        : [],
    );
  }

  get verdict(): Verdict {
    return verdictOn(this.epochs, this.settings);
  }

  /** Takes note of a judged epoch; where it is the best so far, its weights are kept. */
  async judged(step: number, heads: Readonly<Record<string, HeadResult>>, weights: Float32Array): Promise<Verdict> {
    this.epochs.push({ step, accuracy: accuracyOf(heads) });
    const { verdict } = this;
    if (verdict.best?.step === step) {
      const metadata = { format: 'pt', stage: this.stage.name, step: String(step) };
      await writeSafetensors(
        this.folder.bestFile,
        weightTensors(this.layout, weights),
        metadata,
        'run-folder-unwritable',
      );
    }
    return verdict;
  }

  /** The best epoch's weights; undefined where there are none. That the run's folder has lost them is told: the last ones then stand. */
  restore(onProblem: (problem: Problem) => void): Float32Array | undefined {
    const { best } = this.verdict;
    if (!best) return undefined;
    const file = this.folder.bestFile;
    try {
      return withSafetensors(file, (kept) => {
        if (kept.metadata.stage !== this.stage.name || kept.metadata.step !== String(best.step))
          throw new UserError('best-lost', `${file} does not hold the weights of step ${best.step}.`, file);
        return flatOf(kept, this.layout);
      });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const message = `The best epoch's weights are lost, so the stage ends with its last ones: ${error.message}`;
      onProblem({ severity: 'warning', file, message });
      return undefined;
    }
  }
}
