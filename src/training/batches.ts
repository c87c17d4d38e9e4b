// Makes batches: draws samples from all datasets of a stage, gets their frames, augments and mixes them, and routes each to
// its head.
import { UserError } from '../base/errors.ts';
import { Random } from '../base/random.ts';
import { writeAugmented } from '../clips/augment.ts';
import { type FrameStore, isUnreadable } from '../clips/frameStore.ts';
import { framesAt, trainingPlaces } from '../clips/sampling.ts';
import type { ResolvedDataset, ResolvedExperiment, ResolvedStage } from '../config/resolved.ts';
import type { DecodedClip } from '../media/decoder.ts';
import type { Stream } from '../model/trainingGraph.ts';
import type { Sample } from '../protocol/runner.ts';
import { mixOf, mixPair, type Row } from './mixing.ts';
import { type Draw, MixedSampler, type SamplerState } from './sampler.ts';
import type { StreamBatch } from './trainingStep.ts';

/** Batches whose frames are asked for before they are needed. */
const ahead = 3;

/** A dataset with the samples it is trained on. */
export interface TrainingSet {
  readonly dataset: ResolvedDataset;
  readonly samples: readonly Sample[];
}

export interface Batch {
  /** The parts that are computed one after the other, each with its streams. */
  readonly micro: readonly (readonly StreamBatch[])[];
  /** Samples of each dataset in this batch. */
  readonly counts: Readonly<Record<string, number>>;
}

interface Queued {
  readonly drawn: Promise<Drawn[]>;
  /** The sampler after this batch was drawn. */
  readonly after: SamplerState;
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
  private readonly queue: Queued[] = [];
  private handedOut: SamplerState;
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
    /** Goes on where another maker of the same sets stood (`state`). */
    from?: SamplerState,
  ) {
    this.signal = signal ? AbortSignal.any([signal, this.closing.signal]) : this.closing.signal;
    this.sampler = new MixedSampler(
      sets.map(({ samples }) => samples.length),
      experiment.seed,
      stream,
      from,
    );
    this.handedOut = this.sampler.save();
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
      this.queue.push({ drawn, after: this.sampler.save() });
    }
    const { drawn, after } = this.queue.shift()!;
    const batch = this.assemble(await drawn);
    this.handedOut = after;
    return batch;
  }

  /** Where the drawing stands after the last batch handed out. What is only asked for ahead of time is drawn again from here. */
  state(): SamplerState {
    return this.handedOut;
  }

  /** Stops asking for frames; settles when nothing is under way. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.allSettled(this.queue.splice(0).map(({ drawn }) => drawn));
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
    const size = drawn.length / this.stage.accumulate;
    const rows: Row[] = new Array(drawn.length);
    const micro = Array.from({ length: this.stage.accumulate }, (_, part) => {
      const places = Array.from({ length: size }, (_, i) => part * size + i);
      return this.streams.flatMap((stream) => {
        const members = places.filter((at) => stream.heads.includes(this.datasetOf(drawn[at]!).name));
        return members.length === 0 ? [] : [this.streamBatch(stream, members, drawn, rows)];
      });
    });
    this.mix(drawn, rows);
    return { micro, counts };
  }

  private datasetOf({ draw }: Drawn): ResolvedDataset {
    return this.sets[draw.dataset]!.dataset;
  }

  /** The stream's part of a batch: the samples at `members` of `drawn`. Notes in `rows` where each lies. */
  private streamBatch(stream: Stream, members: readonly number[], drawn: readonly Drawn[], rows: Row[]): StreamBatch {
    const { model, sampling } = this.experiment;
    const places = trainingPlaces(sampling);
    const clipSize = stream.frames * 3 * model.imageSize ** 2;
    const pixels = new Float32Array(members.length * clipSize);
    const sets = new Map(this.sets.map((set) => [set.dataset.name, set.dataset]));
    const targets = Object.fromEntries(
      stream.heads.map((head) => [head, new Float32Array(members.length * sets.get(head)!.classes.length)]),
    );
    members.forEach((at, row) => {
      const { draw, clip, sample } = drawn[at]!;
      const { dataset } = this.sets[draw.dataset]!;
      const random = new Random(draw.seed);
      const place = random.below(places);
      const frames = dataset.kind === 'image' ? [0] : framesAt(sampling, stream.frames, places, place);
      writeAugmented(pixels, row * clipSize, clip, frames, this.experiment, dataset.horizontalFlip, random);
      const target = targets[dataset.name]!;
      this.writeTarget(target, row, dataset, sample.label);
      rows[at] = { pixels, pixelsAt: row * clipSize, target, targetAt: row * dataset.classes.length };
    });
    return { stream, samples: members.length, pixels, targets };
  }

  /** Mixes the samples of each dataset in pairs: the first with the last, the second with the last but one, … */
  private mix(drawn: readonly Drawn[], rows: readonly Row[]): void {
    const { imageSize: size, frames } = this.experiment.model;
    for (const [index, { dataset }] of this.sets.entries()) {
      const members = [...drawn.keys()].filter((at) => drawn[at]!.draw.dataset === index);
      const shape = { planes: (dataset.kind === 'image' ? 1 : frames) * 3, size, classes: dataset.classes.length };
      for (let i = 0; i < members.length - 1 - i; i++) {
        const [a, b] = [members[i]!, members[members.length - 1 - i]!];
        const mixes = [a, b].map((at) => mixOf(drawn[at]!.draw.seed, this.stage, size));
        mixPair(rows[a]!, rows[b]!, [mixes[0], mixes[1]], shape);
      }
    }
  }

  /** The smoothed label over the size of the whole batch. */
  private writeTarget(target: Float32Array, row: number, { classes }: ResolvedDataset, label: string): void {
    const { labelSmoothing, batchSize } = this.stage;
    const start = row * classes.length;
    target.fill(labelSmoothing / classes.length / batchSize, start, start + classes.length);
    target[start + classes.indexOf(label)]! += (1 - labelSmoothing) / batchSize;
  }
}
