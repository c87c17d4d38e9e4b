// What the model of a run says of the held-out samples: after an epoch of those its stage trains on, and at the end of all.
import { paced } from '../base/paced.ts';
import { centreStore, type FrameStore } from '../clips/frameStore.ts';
import type { FrameThread } from '../clips/frameThread.ts';
import type { ResolvedExperiment, ResolvedStage } from '../config/resolved.ts';
import type { Classifier } from '../evaluation/classifier.ts';
import { judge } from '../evaluation/judge.ts';
import { headResult, reportOf } from '../evaluation/report.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { HeadResult, JobEvent } from '../protocol/events.ts';
import type { PredictionRecord } from '../runs/predictionsFile.ts';
import { headResultsOf } from '../runs/report.ts';
import type { RunFolder } from '../runs/runFolder.ts';
import type { ToldProblems } from './toldProblems.ts';

export interface HeldOutRequest {
  readonly experiment: ResolvedExperiment;
  readonly folder: RunFolder;
  /** Held-out samples of every dataset. */
  readonly samples: readonly Sample[];
  readonly source: FrameThread;
  readonly problems: ToldProblems;
  readonly signal: AbortSignal | undefined;
  readonly tell: (event: JobEvent) => void;
}

export class HeldOut {
  private readonly store: FrameStore;

  constructor(
    private readonly request: HeldOutRequest,
    private readonly classifier: Classifier,
  ) {
    const { source, experiment, problems } = request;
    this.store = centreStore(source, experiment, (sample, warning) => problems.addOf(sample, 'warning', warning));
  }

  /**
   * What every head says with these weights of the samples of `stage`'s datasets, or of all samples, telling how far it is.
   * Throws CancelledError.
   */
  async judge(weights: Float32Array, stage?: ResolvedStage): Promise<PredictionRecord[]> {
    const { experiment, samples, signal, tell } = this.request;
    const count = paced((_, progress) => tell({ event: 'progress', task: 'evaluate', ...progress }));
    await this.classifier.use(weights);
    try {
      return await judge({
        classifier: this.classifier,
        experiment,
        store: this.store,
        samples: stage ? samples.filter(({ dataset }) => stage.datasets.includes(dataset)) : samples,
        signal,
        ...(!stage && { onProgress: (done: number, total: number) => count('evaluate', done, total) }),
      });
    } finally {
      this.classifier.forget();
    }
  }

  /** The figures of the heads that a stage trains. */
  headResults({ datasets }: ResolvedStage, records: readonly PredictionRecord[]): Record<string, HeadResult> {
    const heads = this.request.experiment.datasets.filter(({ name }) => datasets.includes(name));
    return Object.fromEntries(heads.map((dataset) => [dataset.name, headResult(dataset, records)]));
  }

  /** Stores what was said of all samples with the final weights, and the figures made from it, which it gives. */
  async write(records: readonly PredictionRecord[]): Promise<Record<string, HeadResult>> {
    const { experiment, folder, problems } = this.request;
    for (const record of records) {
      if ('missing' in record) problems.addOf(record.sample, 'error', record.missing);
    }
    const report = reportOf(folder.id, experiment, records);
    await folder.writePredictions(
      records,
      Object.fromEntries(experiment.datasets.map(({ name, classes }) => [name, classes])),
    );
    await folder.writeReport(report);
    return headResultsOf(report);
  }

  release(): Promise<void> {
    return this.classifier.release();
  }
}
