// From drawn samples with their decoded frames to what a training step takes: crops, augmentation, mixing and targets.
// Pure: the same recipe gives the same batch to the bit, in whichever thread it is made.
import { evenRanges } from '../base/evenRanges.ts';
import { Random } from '../base/random.ts';
import { writeAugmented } from '../clips/augment.ts';
import type { Frames } from '../clips/pixels.ts';
import { framesAt, trainingPlaces } from '../clips/sampling.ts';
import type { ResolvedDataset, ResolvedExperiment, ResolvedStage } from '../config/resolved.ts';
import type { Stream } from '../model/trainingGraph.ts';
import { mixOf, mixPair, type Row } from './mixing.ts';
import type { StreamBatch } from './trainingStep.ts';

/** What all batches of a stage have in common. */
export interface BatchPlan {
  readonly experiment: Pick<ResolvedExperiment, 'model' | 'sampling' | 'augmentation'>;
  readonly stage: Pick<ResolvedStage, 'accumulate' | 'labelSmoothing' | 'mixup' | 'cutmix' | 'mixupProbability'>;
  /** In the order of the sampler. */
  readonly datasets: readonly ResolvedDataset[];
}

/** One sample of a batch. */
export interface Ingredient {
  /** Its place among the plan's datasets. */
  readonly dataset: number;
  readonly label: string;
  /** Of everything random done to it. */
  readonly seed: number;
  readonly clip: Frames;
}

export interface Batch {
  /** The parts that are computed one after the other, each with its streams. */
  readonly micro: readonly (readonly StreamBatch[])[];
  /** Samples of each dataset in this batch. */
  readonly counts: Readonly<Record<string, number>>;
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

export function makeBatch(plan: BatchPlan, drawn: readonly Ingredient[]): Batch {
  const { datasets, stage, experiment } = plan;
  const counts: Record<string, number> = Object.create(null); // a dataset may be called "constructor"
  for (const { dataset } of drawn) {
    const { name } = datasets[dataset]!;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  const rows: Row[] = new Array(drawn.length);
  const streams = streamsOf(datasets, experiment.model.frames);
  const parts = evenRanges(drawn.length, stage.accumulate).map(({ start, end }) => {
    const places = Array.from({ length: end - start }, (_, i) => start + i);
    return streams.flatMap((stream) => {
      const members = places.filter((at) => stream.heads.includes(datasets[drawn[at]!.dataset]!.name));
      return members.length === 0 ? [] : [streamBatch(plan, stream, members, drawn, rows)];
    });
  });
  mix(plan, drawn, rows);
  return { micro: parts.filter((part) => part.length > 0), counts };
}

/** The stream's part of a batch: the samples at `members` of `drawn`. Notes in `rows` where each lies. */
function streamBatch(
  { experiment, datasets, stage }: BatchPlan,
  stream: Stream,
  members: readonly number[],
  drawn: readonly Ingredient[],
  rows: Row[],
): StreamBatch {
  const { model, sampling } = experiment;
  const places = trainingPlaces(sampling);
  const clipSize = stream.frames * 3 * model.imageSize ** 2;
  const pixels = new Float32Array(members.length * clipSize);
  const classes = new Map(datasets.map((dataset) => [dataset.name, dataset.classes.length]));
  const targets = Object.fromEntries(
    stream.heads.map((head) => [head, new Float32Array(members.length * classes.get(head)!)]),
  );
  members.forEach((at, row) => {
    const { seed, clip, label, dataset: index } = drawn[at]!;
    const dataset = datasets[index]!;
    const random = new Random(seed);
    const place = random.below(places);
    const frames = dataset.kind === 'image' ? [0] : framesAt(sampling, stream.frames, places, place);
    writeAugmented(pixels, row * clipSize, clip, frames, experiment, dataset.horizontalFlip, random);
    const target = targets[dataset.name]!;
    writeTarget(target, row, dataset, label, stage.labelSmoothing, dataset.lossWeight / drawn.length);
    rows[at] = { pixels, pixelsAt: row * clipSize, target, targetAt: row * dataset.classes.length };
  });
  return { stream, samples: members.length, pixels, targets };
}

/** Mixes the samples of each dataset in pairs: the first with the last, the second with the last but one, … */
function mix({ experiment, datasets, stage }: BatchPlan, drawn: readonly Ingredient[], rows: readonly Row[]): void {
  const { imageSize: size, frames } = experiment.model;
  for (const [index, dataset] of datasets.entries()) {
    const members = [...drawn.keys()].filter((at) => drawn[at]!.dataset === index);
    const shape = { planes: (dataset.kind === 'image' ? 1 : frames) * 3, size, classes: dataset.classes.length };
    for (let i = 0; i < members.length - 1 - i; i++) {
      const [a, b] = [members[i]!, members[members.length - 1 - i]!];
      const mixes = [a, b].map((at) => mixOf(drawn[at]!.seed, stage, size));
      mixPair(rows[a]!, rows[b]!, [mixes[0], mixes[1]], shape);
    }
  }
}

/** The smoothed label times `factor`: the weight of the dataset's loss over the size of the whole batch. */
function writeTarget(
  target: Float32Array,
  row: number,
  { classes }: ResolvedDataset,
  label: string,
  smoothing: number,
  factor: number,
): void {
  const start = row * classes.length;
  target.fill((smoothing / classes.length) * factor, start, start + classes.length);
  target[start + classes.indexOf(label)]! += (1 - smoothing) * factor;
}
