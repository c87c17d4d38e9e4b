// Shows every held-out sample to the model and writes down what each head says of it. All figures are made from these
// records alone.
import { throwIfAborted } from '../base/errors.ts';
import { type FrameStore, isUnreadable } from '../clips/frameStore.ts';
import type { ResolvedDataset, ResolvedExperiment } from '../config/resolved.ts';
import type { DecodedClip } from '../media/decoder.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { Opinion, PredictionRecord } from '../runs/predictionsFile.ts';
import { type Classifier, topClasses } from './classifier.ts';
import { classifyViews } from './classifyViews.ts';

/** Samples of one kind that are judged together. */
export const judgedTogether = 8;

/** Whose probabilities a record has of a sample's own head: of all classes, or of the best alone. */
export type KeptProbabilities = 'all' | 'top' | 'auto';

/** `auto` keeps those of all classes up to so many numbers a dataset: 16 MB. */
export const mostKept = 4_000_000;

/** As much of an experiment as judging needs. */
export type JudgedExperiment = Pick<ResolvedExperiment, 'model' | 'sampling' | 'views'> & {
  readonly datasets: readonly Pick<ResolvedDataset, 'name' | 'classes'>[];
};

export interface JudgeRequest {
  readonly classifier: Pick<Classifier, 'heads' | 'classify'>;
  readonly experiment: JudgedExperiment;
  /** Gives the frames of all views, as `centreStore` does. */
  readonly store: FrameStore;
  readonly samples: readonly Sample[];
  /** Of which classes probabilities are kept; default `auto`. */
  readonly keep?: KeptProbabilities | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** One record per sample, in order. A sample that cannot be read gives a record that says why; it is never left out. */
export async function judge(request: JudgeRequest): Promise<PredictionRecord[]> {
  const { samples, store, signal, onProgress } = request;
  const records = new Map<Sample, PredictionRecord>();
  const groups = (['video', 'image'] as const).map((kind) => samples.filter((sample) => sample.kind === kind));
  const parts = groups.flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / judgedTogether) }, (_, i) =>
      group.slice(i * judgedTogether, (i + 1) * judgedTogether),
    ),
  );
  const framesOf = (part: readonly Sample[]) => {
    const clips = Promise.all(part.map((sample) => store.get(sample, signal).catch(reasonOf)));
    clips.catch(() => undefined); // told where it is awaited
    return clips;
  };
  const whole = keptWhole(request);
  let next = parts[0] && framesOf(parts[0]);
  for (const [i, part] of parts.entries()) {
    throwIfAborted(signal, 'Evaluation');
    const clips = await next!;
    // Asked for before this thread is busy with the model.
    next = parts[i + 1] && framesOf(parts[i + 1]!);
    await judgePart(request, part, clips, whole, records);
    onProgress?.(records.size, samples.length);
  }
  return samples.map((sample) => records.get(sample)!);
}

/** The datasets of which the probabilities of all classes are kept. */
function keptWhole({ experiment, samples, keep = 'auto' }: JudgeRequest): ReadonlySet<string> {
  const small = ({ name, classes }: JudgedExperiment['datasets'][number]) =>
    samples.filter(({ dataset }) => dataset === name).length * classes.length <= mostKept;
  const kept = experiment.datasets.filter((dataset) => keep === 'all' || (keep === 'auto' && small(dataset)));
  return new Set(kept.map(({ name }) => name));
}

/** Why a sample could not be read; anything else is not about the sample and goes on. */
function reasonOf(error: unknown): string {
  if (isUnreadable(error)) return error.message;
  throw error;
}

async function judgePart(
  { classifier, experiment }: JudgeRequest,
  part: readonly Sample[],
  clips: readonly (DecodedClip | string)[],
  whole: ReadonlySet<string>,
  records: Map<Sample, PredictionRecord>,
): Promise<void> {
  const { datasets } = experiment;
  const truthOf = (sample: Sample) =>
    datasets.find(({ name }) => name === sample.dataset)!.classes.indexOf(sample.label);
  const read: { sample: Sample; clip: DecodedClip }[] = [];
  part.forEach((sample, i) => {
    const clip = clips[i]!;
    if (typeof clip === 'string') records.set(sample, { sample, truth: truthOf(sample), missing: clip });
    else read.push({ sample, clip });
  });
  if (read.length === 0) return;
  const probabilities = await classifyViews(
    classifier,
    experiment,
    part[0]!.kind,
    read.map(({ clip }) => clip),
  );
  read.forEach(({ sample }, row) => {
    const truth = truthOf(sample);
    const heads: Record<string, Opinion> = {};
    for (const { name, classes } of classifier.heads) {
      const start = row * classes.length;
      const top = topClasses(probabilities[name]!, start, classes.length, 5);
      heads[name] = { top, probabilities: top.map((index) => probabilities[name]![start + index]!) };
    }
    const classes = probabilities[sample.dataset]!.length / read.length;
    const own = probabilities[sample.dataset]!.subarray(row * classes, (row + 1) * classes);
    const all = whole.has(sample.dataset) && { probabilities: own.slice() };
    records.set(sample, { sample, truth, truthProbability: own[truth]!, ...all, heads });
  });
}
