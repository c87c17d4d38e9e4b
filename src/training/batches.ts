// Makes batches: draws samples from all datasets of a stage, gets their frames, augments them and routes each to its head.
import { UserError } from '../base/errors.ts';
import { Random } from '../base/random.ts';
import { type FrameStore, isUnreadable } from '../clips/frameStore.ts';
import { randomLook, writePixels } from '../clips/pixels.ts';
import type { ResolvedDataset, ResolvedExperiment, ResolvedStage } from '../config/resolved.ts';
import type { DecodedClip } from '../media/decoder.ts';
import type { Stream } from '../model/trainingGraph.ts';
import type { Sample } from '../protocol/runner.ts';
import { type Draw, MixedSampler } from './sampler.ts';
import type { StreamBatch } from './trainingStep.ts';

/** Candidate frames per frame of a clip: the random offset of training is one of so many places in each segment. */
export const offsetsPerFrame = 4;
/** Batches whose frames are asked for before they are needed. */
const ahead = 3;

/** A dataset with the samples it is trained on. */
export interface TrainingSet {
  readonly dataset: ResolvedDataset;
  readonly samples: readonly Sample[];
}

export interface Batch {
  readonly streams: readonly StreamBatch[];
  /** Samples of each dataset in this batch. */
  readonly counts: Readonly<Record<string, number>>;
}

interface Drawn {
  readonly draw: Draw;
  readonly clip: DecodedClip;
  readonly sample: Sample;
}

/** The streams of a stage: videos, and images, which are videos of one frame. Empty ones are left out. */
export function streamsOf(datasets: readonly ResolvedDataset[], frames: number): Stream[] {
  const heads = (kind: ResolvedDataset['kind']) =>
    datasets.filter((dataset) => dataset.kind === kind).map(({ name }) => name);
  const streams = [
    { name: 'videos', frames, heads: heads('video') },
    { name: 'images', frames: 1, heads: heads('image') },
  ];
  return streams.filter((stream) => stream.heads.length > 0);
}

export class BatchMaker {
  private readonly sampler: MixedSampler;
  private readonly queue: Promise<Drawn[]>[] = [];
  private readonly streams: readonly Stream[];
  private readonly told = new Set<string>();
  private readonly closing = new AbortController();
  private readonly signal: AbortSignal;

  constructor(
    private readonly sets: readonly TrainingSet[],
    private readonly stage: ResolvedStage,
    private readonly experiment: ResolvedExperiment,
    private readonly store: FrameStore,
    private readonly onUnreadable: (sample: Sample, error: UserError) => void,
    signal: AbortSignal | undefined,
    /** Tells stages apart, so that each draws its own sequence. */
    stream: number,
  ) {
    this.signal = signal ? AbortSignal.any([signal, this.closing.signal]) : this.closing.signal;
    this.sampler = new MixedSampler(
      sets.map(({ samples }) => samples.length),
      experiment.seed,
      stream,
    );
    this.streams = streamsOf(
      sets.map(({ dataset }) => dataset),
      experiment.model.frames,
    );
  }

  /** The next batch. Rejects with UserError where a dataset has no readable sample left. */
  async next(): Promise<Batch> {
    while (this.queue.length < ahead) {
      const drawn = Promise.all(this.sampler.draw(this.stage.batchSize).map((draw) => this.load(draw)));
      drawn.catch(() => undefined); // told where it is awaited
      this.queue.push(drawn);
    }
    return this.assemble(await this.queue.shift()!);
  }

  /** Stops asking for frames; settles when nothing is under way. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.allSettled(this.queue.splice(0));
  }

  /** A sample that cannot be read is told once and replaced by the next readable one of its dataset. */
  private async load(draw: Draw): Promise<Drawn> {
    const { dataset, samples } = this.sets[draw.dataset]!;
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[(draw.sample + i) % samples.length]!;
      try {
        return { draw, sample, clip: await this.store.get(sample, this.signal) };
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

  private assemble(drawn: readonly Drawn[]): Batch {
    const counts: Record<string, number> = Object.create(null); // a dataset may be called "constructor"
    for (const { draw } of drawn) {
      const { name } = this.sets[draw.dataset]!.dataset;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    const streams = this.streams.flatMap((stream) => {
      const members = drawn.filter(({ draw }) => stream.heads.includes(this.sets[draw.dataset]!.dataset.name));
      return members.length === 0 ? [] : [this.streamBatch(stream, members)];
    });
    return { streams, counts };
  }

  private streamBatch(stream: Stream, members: readonly Drawn[]): StreamBatch {
    const { model, augmentation } = this.experiment;
    const clipSize = stream.frames * 3 * model.imageSize ** 2;
    const pixels = new Float32Array(members.length * clipSize);
    const sets = new Map(this.sets.map((set) => [set.dataset.name, set.dataset]));
    const targets = Object.fromEntries(
      stream.heads.map((head) => [head, new Float32Array(members.length * sets.get(head)!.classes.length)]),
    );
    members.forEach(({ draw, clip, sample }, row) => {
      const { dataset } = this.sets[draw.dataset]!;
      const random = new Random(draw.seed);
      const offset = random.below(offsetsPerFrame);
      const frames = Array.from({ length: stream.frames }, (_, i) =>
        dataset.kind === 'image' ? 0 : i * offsetsPerFrame + offset,
      );
      writePixels(
        pixels,
        row * clipSize,
        clip,
        frames,
        randomLook(random, clip, augmentation, dataset.horizontalFlip),
        model,
      );
      this.writeTarget(targets[dataset.name]!, row, dataset, sample.label);
    });
    return { stream, samples: members.length, pixels, targets };
  }

  /** The smoothed label over the size of the whole batch. */
  private writeTarget(target: Float32Array, row: number, { classes }: ResolvedDataset, label: string): void {
    const { labelSmoothing, batchSize } = this.stage;
    const start = row * classes.length;
    target.fill(labelSmoothing / classes.length / batchSize, start, start + classes.length);
    target[start + classes.indexOf(label)]! += (1 - labelSmoothing) / batchSize;
  }
}
