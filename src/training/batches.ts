// Draws samples from all datasets of a stage, gets their frames, and has them made into batches by threads: so many batches
// ahead of the one that is trained on, and no more.
import { throwIfAborted, UserError } from '../base/errors.ts';
import { type FrameStore, isUnreadable } from '../clips/frameStore.ts';
import type { ResolvedDataset, ResolvedExperiment, ResolvedStage } from '../config/resolved.ts';
import { plannedShares, samplesOfStep, stepsOf } from '../config/stages.ts';
import type { Sample } from '../protocol/datasets.ts';
import { BatchWorkers, batchBytes, batchesAhead, defaultBatchThreads } from './batchWorkers.ts';
import type { Batch, Ingredient } from './makeBatch.ts';
import { type Draw, MixedSampler, type SamplerState } from './sampler.ts';

/** A dataset with the samples it is trained on. */
export interface TrainingSet {
  readonly dataset: ResolvedDataset;
  readonly samples: readonly Sample[];
}

interface Queued {
  readonly batch: Promise<Batch>;
  /** The sampler after this batch was drawn. */
  readonly after: SamplerState;
}

export class BatchMaker {
  private readonly sampler: MixedSampler;
  private readonly queue: Queued[] = [];
  private handedOut: SamplerState;
  /** Batches of the stage drawn so far. */
  private drawn: number;
  private readonly told = new Set<string>();
  private readonly closing = new AbortController();
  private readonly signal: AbortSignal;
  private readonly workers: BatchWorkers;
  private readonly ahead: number;

  constructor(
    private readonly sets: readonly TrainingSet[],
    private readonly stage: ResolvedStage,
    experiment: ResolvedExperiment,
    private readonly store: FrameStore,
    private readonly onUnreadable: (sample: Sample, error: UserError) => void,
    signal: AbortSignal | undefined,
    /** Tells stages apart, so that each draws its own sequence. */
    stream: number,
    /** Goes on where another maker of the same sets stood (`state`) after so many steps of the stage. */
    from?: { readonly sampler: SamplerState; readonly step: number },
    /** Threads that make batches. */
    threads = defaultBatchThreads(),
  ) {
    this.signal = signal ? AbortSignal.any([signal, this.closing.signal]) : this.closing.signal;
    const datasets = sets.map(({ dataset }) => dataset);
    const shares = plannedShares(stage, experiment.datasets);
    this.sampler = new MixedSampler(
      sets.map(({ samples }) => samples.length),
      experiment.seed,
      stream,
      from?.sampler,
      datasets.map(({ name }) => shares[name]!),
    );
    this.handedOut = this.sampler.save();
    this.drawn = from?.step ?? 0;
    const augmentation = stage.augmentation ?? experiment.augmentation;
    this.workers = new BatchWorkers({ experiment: { ...experiment, augmentation }, stage, datasets }, threads);
    this.ahead = batchesAhead(batchBytes(experiment.model, stage.batchSize), threads);
  }

  /** The next batch. Rejects with UserError where a dataset has no readable sample left. */
  async next(): Promise<Batch> {
    while (this.queue.length < this.ahead && this.drawn < stepsOf(this.stage)) {
      const batch = this.make(this.sampler.draw(samplesOfStep(this.stage, this.drawn++)));
      batch.catch(() => undefined); // told where it is awaited
      this.queue.push({ batch, after: this.sampler.save() });
    }
    const next = this.queue.shift();
    if (!next) throw new Error('The stage has no more batches.');
    const { batch, after } = next;
    const made = await batch;
    this.handedOut = after;
    return made;
  }

  /** Where the drawing stands after the last batch handed out. What is only asked for ahead of time is drawn again from here. */
  state(): SamplerState {
    return this.handedOut;
  }

  /** Stops asking for frames; settles when nothing is under way. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.workers.close();
    await Promise.allSettled(this.queue.splice(0).map(({ batch }) => batch));
  }

  private async make(draws: readonly Draw[]): Promise<Batch> {
    const drawn = await Promise.all(draws.map((draw) => this.load(draw)));
    throwIfAborted(this.signal, 'Training');
    return this.workers.make(drawn);
  }

  /** A sample that cannot be read is told once and replaced by the next readable one of its dataset. */
  private async load(draw: Draw): Promise<Ingredient> {
    const { dataset, samples } = this.sets[draw.dataset]!;
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[(draw.sample + i) % samples.length]!;
      try {
        const { width, height, data, frameOf } = await this.store.get(sample, this.signal);
        const clip = { width, height, data, frameOf };
        return { dataset: draw.dataset, label: sample.label, seed: draw.seed, clip };
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        if (!this.told.has(sample.id)) {
          this.told.add(sample.id);
          this.onUnreadable(sample, error);
        }
      }
    }
    throw new UserError(
      'nothing-readable',
      `None of the training samples of "${dataset.name}" can be read. Check its files, or leave the dataset out.`,
    );
  }
}
