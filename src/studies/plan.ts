// What a study trains: its arms as experiments derived from one. Pure: who trains them, and when, study.ts decides.
import { CancelledError, UserError } from '../base/errors.ts';
import type { ExperimentConfig, StudyConfig } from '../config/experiment.ts';
import type { ResolvedDataset } from '../config/resolved.ts';
import { type StageConfig, stageNames, stageSchema } from '../config/stage.ts';

/** A dataset as a plan must know it. */
export type StudyDataset = Pick<ResolvedDataset, 'name' | 'kind'>;

/** What is compared. `coTraining`: with each dataset alone; `transfer`: as a source; `images`: with and without images. */
export type Comparison = StudyConfig['compare'][number];

/** One run of a study. */
export interface Arm {
  /** Names the run in the study: its role and its seed. */
  readonly key: string;
  /** For a person. */
  readonly title: string;
  readonly seed: number;
  readonly datasets: readonly string[];
  readonly role: Role;
}

export type Role =
  /** The experiment itself. */
  | { readonly kind: 'coTrained' }
  /** One dataset, as many samples of it as the run `equals` drew. */
  | { readonly kind: 'alone'; readonly dataset: string; readonly equals: string }
  /** The videos without the images, as many samples of them as the run `equals` drew. */
  | { readonly kind: 'withoutImages'; readonly equals: string }
  /** The experiment without one dataset, for transfer to it: as many samples of the others as the run `equals` drew. */
  | { readonly kind: 'sourceWithout'; readonly equals: string; readonly imagesOnly: boolean }
  /** One dataset, from the weights of the run `source`, or from nothing; `equals` is the co-trained run. */
  | { readonly kind: 'fineTuned'; readonly source: string | null; readonly equals: string };

/** Transfer fine-tunes on so large a share of the target's samples that the co-trained run drew (ours). */
const fineTunedShare = 0.25;

export const armKey = {
  coTrained: (seed: number) => `co-trained, seed ${seed}`,
  alone: (dataset: string, seed: number) => `${dataset} alone, seed ${seed}`,
  withoutImages: (seed: number) => `without images, seed ${seed}`,
  sourceWithout: (dataset: string, seed: number) => `co-trained without ${dataset}, seed ${seed}`,
  fineTuned: (dataset: string, source: string | null, seed: number) =>
    source === null ? `${dataset} from scratch, seed ${seed}` : `${dataset} after ${source}`,
};

/** Every arm, each after those it depends on, seed by seed: a study that is stopped early has whole seeds to compare. */
export function armsOf({ seeds, compare }: StudyConfig, datasets: readonly StudyDataset[]): Arm[] {
  const arms = new Map<string, Arm>();
  const names = datasets.map(({ name }) => name);
  const add = (key: string, seed: number, of: readonly string[], role: Role): string => {
    const title = key.replace(/, seed \d+$/, '');
    if (!arms.has(key)) arms.set(key, { key, title, seed, datasets: of, role });
    return key;
  };
  for (const seed of seeds) {
    const coTrained = add(armKey.coTrained(seed), seed, names, { kind: 'coTrained' });
    const alone = (dataset: string) =>
      add(armKey.alone(dataset, seed), seed, [dataset], { kind: 'alone', dataset, equals: coTrained });
    if (compare.includes('coTraining')) for (const name of names) alone(name);
    if (compare.includes('images')) {
      const videos = datasets.flatMap(({ name, kind }) => (kind === 'video' ? [name] : []));
      add(armKey.withoutImages(seed), seed, videos, { kind: 'withoutImages', equals: coTrained });
    }
    if (!compare.includes('transfer')) continue;
    for (const dataset of names) {
      const others = names.filter((name) => name !== dataset);
      const without = add(armKey.sourceWithout(dataset, seed), seed, others, {
        kind: 'sourceWithout',
        equals: coTrained,
        imagesOnly: datasets.every(({ name, kind }) => name === dataset || kind === 'image'),
      });
      for (const source of [null, ...others.map(alone), without])
        add(armKey.fineTuned(dataset, source, seed), seed, [dataset], { kind: 'fineTuned', source, equals: coTrained });
    }
  }
  return [...arms.values()];
}

/** What is wrong with one arm, for a person who sees the whole study; a request to stop, or a defect, as it is. */
export function ofArm({ title, seed }: Arm, error: unknown): unknown {
  if (!(error instanceof UserError) || error instanceof CancelledError) return error;
  const { code, message, file } = error;
  return new UserError(code, `${title}, seed ${seed}: ${message}`, file);
}

/** What runs that an arm depends on came to. */
export interface Finished {
  /** The run's name. */
  readonly run: string;
  /** By stage, the samples drawn of each dataset. */
  readonly stages: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Samples drawn of one dataset in all stages. */
export function drawnOf({ stages }: Pick<Finished, 'stages'>, dataset: string): number {
  return Object.values(stages).reduce((sum, drawn) => sum + (drawn[dataset] ?? 0), 0);
}

/**
 * The experiment that an arm trains; `finished` has the arms before it, by key. Throws UserError `bad-study` where the co-trained
 * run drew nothing that an arm could be given as much of.
 */
export function experimentOf(
  { title, seed, datasets, role }: Arm,
  given: ExperimentConfig,
  study: Pick<StudyConfig, 'fineTuning'>,
  finished: ReadonlyMap<string, Finished>,
): ExperimentConfig {
  const base = wholeLength(given);
  const { fineTuning: _, ...plain } = base;
  const experiment: ExperimentConfig = {
    ...plain,
    datasets: [...datasets],
    seed,
    // A share of one dataset is all there is, whatever it was beside others.
    ...(datasets.length === 1 && { datasetSampling: 'proportional' }),
  };
  const only = { ...experiment, imagePretraining: false, coTraining: false } as const;
  /** Samples of this arm's datasets that the co-trained run drew in one of its stages, or in all. */
  const drawn = (key: string, stage?: StageName) => {
    const run = finished.get(key)!;
    const stages = stage === undefined ? run.stages : { [stage]: run.stages[stage] ?? {} };
    return datasets.reduce((sum, name) => sum + drawnOf({ stages }, name), 0);
  };
  const some = (samples: number) => {
    if (samples > 0) return Math.max(1, Math.round(samples));
    const message = `The co-trained run drew no sample of ${datasets.join(', ')}, so "${title}" would train on nothing. Give them a share, and leave them in the stages of the experiment.`;
    throw new UserError('bad-study', message);
  };
  /** Co-training of all that this arm has. */
  const coTrainedOn = (samples: number): StageConfig => {
    const { datasets: _, ...settings } = lengthless(base.coTraining);
    return { ...settings, samples: some(samples) };
  };
  switch (role.kind) {
    case 'coTrained':
      return { ...base, datasets: [...datasets], seed };
    case 'sourceWithout': {
      const stages = stageNames.flatMap((stage) => {
        const samples = drawn(role.equals, stage);
        return samples > 0 ? [[stage, { ...among(datasets, lengthless(base[stage])), samples }] as const] : [];
      });
      some(stages.reduce((sum, [, { samples }]) => sum + samples, 0));
      const made: ExperimentConfig = { ...only, ...Object.fromEntries(stages) };
      // Images alone are not pre-trained before they are co-trained (config/resolve.ts): those samples come there too.
      if (!role.imagesOnly || !made.imagePretraining || !made.coTraining) return made;
      const samples = drawn(role.equals, 'imagePretraining') + drawn(role.equals, 'coTraining');
      return { ...made, imagePretraining: false, coTraining: coTrainedOn(samples) };
    }
    case 'alone':
    case 'withoutImages':
      return { ...only, coTraining: coTrainedOn(drawn(role.equals)) };
    case 'fineTuned': {
      const weights = role.source === null ? undefined : `run:${finished.get(role.source)!.run}`;
      const { weights: _, ...model } = base.model;
      const { datasets: __, ...settings } = lengthless(base.coTraining);
      const written = wholeStage(study.fineTuning) ?? {
        ...settings,
        samples: some(fineTunedShare * drawn(role.equals)),
      };
      // How many samples fit in minutes is measured for each run: the first one of a target says it for those after it.
      const scratch = armKey.fineTuned(datasets[0]!, null, seed);
      const isTimed = written.minutes !== undefined && finished.has(scratch);
      const fineTuning = isTimed ? { ...lengthless(written), samples: some(drawn(scratch)) } : written;
      return { ...only, fineTuning, model: weights === undefined ? model : { ...model, weights } };
    }
  }
}

type StageName = (typeof stageNames)[number];

/** Arms are compared at equal samples, so none of them stops early. */
function wholeLength(experiment: ExperimentConfig): ExperimentConfig {
  const stages = stageNames.flatMap((name) =>
    experiment[name] ? [[name, wholeStage(experiment[name])] as const] : [],
  );
  return { ...experiment, ...Object.fromEntries(stages) };
}

function wholeStage<T extends StageConfig | undefined>(stage: T): T {
  if (!stage?.earlyStopping) return stage;
  const { earlyStopping: _, ...settings } = stage;
  return settings as T;
}

/** A stage's settings, without how long it is. */
function lengthless(stage: StageConfig | false | undefined): StageConfig {
  const { epochs: _, steps: __, samples: ___, minutes: ____, ...settings } = stage || stageSchema.parse({});
  return settings;
}

/** The stage, drawing from what is left of its datasets. */
function among(datasets: readonly string[], { datasets: own, ...settings }: StageConfig): StageConfig {
  return own === undefined ? settings : { ...settings, datasets: own.filter((name) => datasets.includes(name)) };
}
