// Makes every choice that an experiment leaves open, once. What comes out is frozen in the run's folder.
import { UserError } from '../base/errors.ts';
import { type DatasetConfig, type ExperimentConfig, experimentSchema, type WorkspaceConfig } from './experiment.ts';
import { didYouMean } from './names.ts';
import { batchSizeDefault, type PresetName, presets } from './presets.ts';
import type { ResolvedDataset, ResolvedExperiment, ResolvedModel, ResolvedStage } from './resolved.ts';
import { type AugmentationConfig, type StageConfig, stageSchema } from './stage.ts';
import { epochsFor, lengthUnits, sharesOf } from './stages.ts';

/** What a person or a caller chooses for one run, over what cover.json says. */
export interface TrainChoice {
  /** An experiment of cover.json. Absent: the first one there, or all defaults. */
  readonly experiment?: string | undefined;
  /** An experiment that cover.json does not have, made from one it has: an arm of a study. */
  readonly given?:
    | {
        readonly name: string;
        readonly experiment: ExperimentConfig;
        /** Datasets whose held-out samples must not be trained on either, where leaks are dropped or told. */
        readonly beside: readonly string[];
      }
    | undefined;
  readonly datasets?: readonly string[] | undefined;
  readonly preset?: string | undefined;
  readonly device?: string | undefined;
  /** Of each stage. */
  readonly epochs?: number | undefined;
  /** Trained weights to start from: a path or a model on the Hub. */
  readonly weights?: string | undefined;
  /** horizontalFlip of datasets, in place of cover.json's. */
  readonly flips?: Readonly<Record<string, boolean>> | undefined;
}

/** A dataset's size and classes as the index has them. */
export type AvailableDataset = Omit<ResolvedDataset, 'horizontalFlip' | 'lossWeight'>;

// Ours: not published for CoVeR. Mean and deviation are those of TimeSformer's Kinetics configuration.
const normalisation = { mean: [0.45, 0.45, 0.45], std: [0.225, 0.225, 0.225] } satisfies Pick<
  ResolvedModel,
  'mean' | 'std'
>;
const augmentationDefaults = {
  scale: [0.65, 1],
  rotation: 10,
  brightness: 0.2,
  contrast: 0.2,
} satisfies Partial<ResolvedExperiment['augmentation']>;
/** Samples drawn in a stage whose epochs are not given; small datasets are repeated up to the cap. */
const drawnDefault = { imagePretraining: 8_000, coTraining: 40_000, fineTuning: 10_000 };
const epochsAtMost = { imagePretraining: 40, coTraining: 120, fineTuning: 40 };

/** The experiment a choice names, before anything is resolved. */
export function chosenExperiment(
  config: WorkspaceConfig,
  choice: TrainChoice,
): { name: string; experiment: ExperimentConfig } {
  if (choice.given) return choice.given;
  const experiments = config.experiments ?? {};
  const names = Object.keys(experiments);
  const name = choice.experiment ?? names[0];
  if (name === undefined) return { name: 'cover', experiment: experimentSchema.parse({}) };
  const experiment = Object.hasOwn(experiments, name) ? experiments[name] : undefined;
  if (experiment) return { name, experiment };
  throw new UserError(
    'no-experiment',
    `cover.json has no experiment "${name}"${didYouMean(name, names)}. It has: ${names.join(', ') || 'none'}.`,
  );
}

/** The names of the datasets a run uses: chosen, else the experiment's, else all. */
export function chosenDatasets(config: WorkspaceConfig, choice: TrainChoice): string[] {
  const names = choice.datasets ?? chosenExperiment(config, choice).experiment.datasets ?? Object.keys(config.datasets);
  const unknown = names.find((name) => !Object.hasOwn(config.datasets, name));
  if (unknown === undefined) return [...new Set(names)];
  const known = Object.keys(config.datasets);
  throw new UserError(
    'no-dataset',
    `cover.json has no dataset "${unknown}"${didYouMean(unknown, known)}. It has: ${known.join(', ') || 'none'}.`,
  );
}

/** Every choice made. Throws UserError where something is named that does not exist or does not fit. */
export function resolveExperiment(
  config: WorkspaceConfig,
  available: readonly AvailableDataset[],
  choice: TrainChoice = {},
): ResolvedExperiment {
  const { name, experiment } = chosenExperiment(config, choice);
  const datasets = available.map((dataset) => ({
    ...dataset,
    horizontalFlip: mirrors(dataset.name, config.datasets[dataset.name], choice),
    lossWeight: Object.hasOwn(experiment.lossWeights, dataset.name) ? experiment.lossWeights[dataset.name]! : 1,
  }));
  const model = resolveModel(experiment, choice);
  const images = datasets.filter(({ kind }) => kind === 'image');
  const stages: ResolvedStage[] = [];
  const known = Object.keys(config.datasets);
  const add = (stage: ResolvedStage['name'], given: StageConfig | undefined, usual: readonly ResolvedDataset[]) =>
    stages.push(resolveStage(stage, given, { usual, all: datasets, known, experiment, model, choice }));
  // Stage 1 only prepares stage 2: with images alone there is nothing to prepare for.
  const pretrains = images.length > 0 && (images.length < datasets.length || experiment.coTraining === false);
  if (experiment.imagePretraining !== false && pretrains) {
    add('imagePretraining', experiment.imagePretraining, images);
  }
  if (experiment.coTraining !== false) add('coTraining', experiment.coTraining, datasets);
  if (experiment.fineTuning) add('fineTuning', experiment.fineTuning, datasets);
  if (stages.length === 0) {
    throw new UserError(
      'no-stage',
      `The experiment "${name}" has nothing to train: co-training is off, and there are no image datasets to pre-train on.`,
    );
  }
  checkHeldOut(stages, datasets);
  return {
    name,
    seed: experiment.seed,
    device: choice.device ?? experiment.device,
    leaks: experiment.leaks,
    datasets,
    model,
    ...resolveWeights(experiment, choice),
    stages,
    augmentation: resolveAugmentation(experiment.augmentation, model),
    sampling: experiment.sampling,
    views: resolveViews(experiment),
    precision: experiment.precision,
    checkpointing: experiment.checkpointing,
    checkpointMinutes: experiment.checkpointMinutes,
    checkpointSteps: experiment.checkpointSteps,
    frameCache: experiment.frameCache,
  };
}

/** Throws UserError `no-held-out` where a stage is to stop by samples that no dataset holds out. */
function checkHeldOut(stages: readonly ResolvedStage[], datasets: readonly ResolvedDataset[]): void {
  for (const stage of stages) {
    if (!stage.earlyStopping) continue;
    if (datasets.some(({ name, heldOut }) => stage.datasets.includes(name) && heldOut !== null)) continue;
    throw new UserError(
      'no-held-out',
      `${stage.name}.earlyStopping waits for the accuracy on held-out samples, and none of ${stage.datasets.join(', ')} holds any out. Give one a val split or holdOut, or leave earlyStopping out.`,
    );
  }
}

function resolveWeights({ model }: ExperimentConfig, choice: TrainChoice): Pick<ResolvedExperiment, 'weights'> {
  const { weights, temporalFromSpatial, timeResize } = model;
  const source = choice.weights ?? weights;
  return source === undefined ? {} : { weights: { source, temporalFromSpatial, timeResize } };
}

/** Formats of datasets whose classes differ by direction alone ("from left to right"), unless cover.json says otherwise. */
const directionSensitive: readonly string[] = ['somethingSomething', 'jester'];

/** Asked for, and never where direction is the label. */
function mirrors(name: string, dataset: DatasetConfig | undefined, { flips = {} }: TrainChoice): boolean {
  const asked = Object.hasOwn(flips, name) ? flips[name] : dataset?.horizontalFlip;
  return asked === true && !isDirectionSensitive(dataset);
}

/** Whether direction is the label, so that nothing may be mirrored. */
export function isDirectionSensitive(dataset: DatasetConfig | undefined): boolean {
  return dataset !== undefined && (dataset.directionSensitive ?? directionSensitive.includes(dataset.format));
}

function resolveAugmentation(
  given: AugmentationConfig,
  { imageSize }: ResolvedModel,
): ResolvedExperiment['augmentation'] {
  const { scale, shorterSide, erasing } = given;
  for (const [name, range] of Object.entries({ scale, shorterSide, 'erasing.scale': erasing.scale })) {
    if (range && range[0] > range[1])
      throw new UserError('bad-augmentation', `augmentation.${name} must name the smaller number first: ${range}.`);
  }
  if (shorterSide && shorterSide[0] < imageSize) {
    throw new UserError(
      'bad-augmentation',
      `augmentation.shorterSide begins at ${shorterSide[0]} pixels, but the model's input is ${imageSize} and must fit in. Change it, or model.imageSize.`,
    );
  }
  return {
    ...given,
    scale: given.scale ?? augmentationDefaults.scale,
    rotation: given.rotation ?? augmentationDefaults.rotation,
    brightness: given.brightness ?? augmentationDefaults.brightness,
    contrast: given.contrast ?? augmentationDefaults.contrast,
  };
}

function resolveViews({ sampling, views }: ExperimentConfig): ResolvedExperiment['views'] {
  if (sampling.name === 'whole' && views.clips > 1) {
    throw new UserError(
      'bad-views',
      `views.clips is ${views.clips}, but with whole-clip sampling every clip of a video would be the same. Set views.clips to 1, or sampling.name to uniform or dense.`,
    );
  }
  return views;
}

function resolveModel({ model }: ExperimentConfig, choice: TrainChoice): ResolvedModel {
  const name = choice.preset ?? model.preset;
  if (!Object.hasOwn(presets, name)) {
    throw new UserError(
      'no-preset',
      `There is no preset "${name}"${didYouMean(name, Object.keys(presets))}. There are: ${Object.keys(presets).join(', ')}.`,
    );
  }
  const preset = presets[name as PresetName];
  const resolved: ResolvedModel = {
    preset: name,
    imageSize: model.imageSize ?? preset.imageSize,
    patchSize: model.patchSize ?? preset.patchSize,
    hiddenSize: model.hiddenSize ?? preset.hiddenSize,
    depth: model.depth ?? preset.depth,
    attentionHeads: model.attentionHeads ?? preset.attentionHeads,
    frames: model.frames ?? preset.frames,
    mlpRatio: 4,
    layerNormEpsilon: 1e-6,
    attention: model.attention,
    imageTemporal: model.imageTemporal,
    ...normalisation,
  };
  const { imageSize, patchSize, hiddenSize, attentionHeads } = resolved;
  if (imageSize % patchSize !== 0) {
    throw new UserError(
      'bad-model',
      `The patch size ${patchSize} does not divide the image size ${imageSize}. Change model.patchSize or model.imageSize.`,
    );
  }
  if (hiddenSize % attentionHeads !== 0) {
    throw new UserError(
      'bad-model',
      `The hidden size ${hiddenSize} is not a multiple of the ${attentionHeads} attention heads. Change model.hiddenSize or model.attentionHeads.`,
    );
  }
  return resolved;
}

interface StageContext {
  /** What the stage draws from where it does not say. */
  readonly usual: readonly ResolvedDataset[];
  readonly all: readonly ResolvedDataset[];
  /** The datasets of cover.json, whether there is anything to train on in them or not. */
  readonly known: readonly string[];
  readonly experiment: ExperimentConfig;
  readonly model: ResolvedModel;
  readonly choice: TrainChoice;
}

function resolveStage(
  name: ResolvedStage['name'],
  given: StageConfig | undefined,
  context: StageContext,
): ResolvedStage {
  const { experiment, model, choice } = context;
  const {
    datasets: named,
    epochs: epochsGiven,
    steps,
    samples: samplesGiven,
    minutes,
    batchSize: batchSizeGiven,
    augmentation,
    ...settings
  } = given ?? stageSchema.parse({});
  const datasets = named ? stageDatasets(name, named, context) : context.usual;
  const size = datasets.reduce((sum, { trainSamples }) => sum + trainSamples, 0);
  const batchSize = batchSizeGiven ?? batchSizeDefault;
  const stepsPerEpoch = Math.max(1, Math.round(size / batchSize));
  const lengths = lengthUnits.filter((unit) => given?.[unit] !== undefined);
  if (lengths.length > 1) {
    throw new UserError('bad-budget', `${name} says how long it is in ${lengths.join(' and in ')}. Keep one of them.`);
  }
  // What fits in a time is measured where the run starts (training/timeBudget.ts); until then it is one step.
  const stepsGiven = steps ?? (minutes === undefined ? undefined : 1);
  const samples =
    choice.epochs === undefined
      ? (samplesGiven ?? (stepsGiven === undefined ? undefined : stepsGiven * batchSize))
      : undefined;
  const epochs =
    samples === undefined
      ? (choice.epochs ??
        epochsGiven ??
        Math.min(epochsAtMost[name], Math.max(1, Math.round(drawnDefault[name] / size))))
      : epochsFor(samples, { batchSize, stepsPerEpoch });
  if (batchSize % settings.accumulate !== 0) {
    throw new UserError(
      'bad-batch',
      `A batch of ${batchSize} samples cannot be computed in ${settings.accumulate} equal parts. Change ${name}.accumulate or ${name}.batchSize.`,
    );
  }
  return {
    name,
    datasets: datasets.map((dataset) => dataset.name),
    shares: stageShares(name, datasets, experiment),
    epochs,
    stepsPerEpoch,
    batchSize,
    ...(samples !== undefined && { samples }),
    ...(samples !== undefined && minutes !== undefined && { minutes }),
    ...(augmentation && { augmentation: resolveAugmentation(augmentation, model) }),
    ...settings,
  };
}

function stageDatasets(
  stage: string,
  named: readonly string[],
  { usual, all, experiment, known, choice }: StageContext,
): readonly ResolvedDataset[] {
  const found = usual.filter(({ name }) => named.includes(name));
  const wrong = named.find((name) => !found.some((dataset) => dataset.name === name));
  if (wrong === undefined) return found;
  const names = all.map(({ name }) => name);
  const chosen = choice.datasets ?? experiment.datasets ?? known;
  const why = names.includes(wrong)
    ? `trains on images only, and "${wrong}" has videos. Leave it out of ${stage}.datasets.`
    : known.includes(wrong) && chosen.includes(wrong)
      ? `cannot train on "${wrong}": it has no training samples of at least two classes. "cover index" says why; else leave it out of ${stage}.datasets.`
      : `names a dataset "${wrong}" that is not one of the experiment's${didYouMean(wrong, names)}.`;
  throw new UserError('no-dataset', `${stage} ${why}`);
}

/** Throws UserError where the given weights leave nothing to draw. */
function stageShares(
  stage: string,
  datasets: readonly ResolvedDataset[],
  { datasetSampling }: ExperimentConfig,
): Record<string, number> {
  const shares = sharesOf(datasets, datasetSampling);
  const nothing = Object.values(shares).some((share) => !Number.isFinite(share));
  if (!nothing) return shares;
  throw new UserError(
    'bad-sampling',
    `datasetSampling.weights gives no weight to any dataset of ${stage} (${datasets.map(({ name }) => name).join(', ')}). Name one of them there.`,
  );
}
