// An experiment with every choice made: what a run is started from, frozen in its folder, and read back to judge it.
import { z } from 'zod';
import { experimentSchema, modelSchema } from './experiment.ts';
import { augmentationSchema, nameSchema, optimizerSchema, stageNames, stageSchema } from './stage.ts';

// Settings with defaults of their own: a run frozen before there was such a setting reads back as what it did.
const stageSettings = stageSchema.shape;
const experimentSettings = experimentSchema.shape;

const channels = z.tuple([z.number(), z.number(), z.number()]);

export const resolvedDatasetSchema = z.object({
  name: nameSchema,
  kind: z.enum(['video', 'image']),
  horizontalFlip: z.boolean(),
  /** The split that is evaluated. */
  heldOut: z.enum(['val', 'test']).nullable(),
  /** Training samples left out because they are also held out somewhere, by evidence; absent where leaks are kept. */
  leaksDropped: z.object({ bytes: z.number(), video: z.number(), look: z.number() }).optional(),
  /** Samples excluded from the dataset, and samples that count in another class than its own; absent where there are none. */
  edited: z.object({ excluded: z.number(), relabelled: z.number() }).optional(),
  /** N_d. */
  trainSamples: z.number(),
  /** Absent in old runs. */
  heldOutSamples: z.number().optional(),
  /** Factor of its loss. */
  lossWeight: z.number().default(1),
  /** Class names in the order of the head's logits. */
  classes: z.array(z.string()).min(1),
});
export type ResolvedDataset = z.infer<typeof resolvedDatasetSchema>;

const resolvedAugmentationSchema = augmentationSchema.required({
  scale: true,
  rotation: true,
  brightness: true,
  contrast: true,
});

export const resolvedStageSchema = z.object({
  name: z.enum(stageNames),
  datasets: z.array(nameSchema),
  /** The share of the draws that each dataset has; absent in old runs: N_d / ΣN. */
  shares: z.record(nameSchema, z.number()).optional(),
  train: stageSettings.train,
  /** Samples drawn in all, where the stage is not a number of whole epochs. */
  samples: z.number().optional(),
  /** Asked for as so much time: `samples` is what was measured to fit in it. */
  minutes: stageSettings.minutes,
  epochs: z.number(),
  stepsPerEpoch: z.number(),
  batchSize: z.number(),
  optimizer: optimizerSchema,
  warmUp: z.number(),
  schedule: stageSettings.schedule,
  labelSmoothing: z.number(),
  mixup: stageSettings.mixup,
  cutmix: stageSettings.cutmix,
  mixupProbability: stageSettings.mixupProbability,
  dropPath: stageSettings.dropPath,
  dropout: stageSettings.dropout,
  accumulate: stageSettings.accumulate,
  averageDecay: stageSettings.averageDecay,
  earlyStopping: stageSettings.earlyStopping,
  /** In place of the experiment's. */
  augmentation: resolvedAugmentationSchema.optional(),
});
export type ResolvedStage = z.infer<typeof resolvedStageSchema>;

export const resolvedModelSchema = z.object({
  preset: z.string(),
  imageSize: z.number().int().min(1).max(8192),
  patchSize: z.number().int().min(1).max(8192),
  hiddenSize: z.number().int().min(1).max(8192),
  depth: z.number().int().min(1).max(8192),
  attentionHeads: z.number().int().min(1).max(8192),
  mlpRatio: z.number(),
  frames: z.number().int().min(1).max(8192),
  layerNormEpsilon: z.number(),
  attention: modelSchema.shape.attention,
  imageTemporal: z.enum(['keep', 'skip']),
  /** Pixels are scaled to 0 … 1, then (x − mean) / std per channel. */
  mean: channels,
  std: channels,
});
export type ResolvedModel = z.infer<typeof resolvedModelSchema>;

export const resolvedWeightsSchema = z.object({
  /** As named in cover.json or on the command line. */
  source: z.string(),
  temporalFromSpatial: z.boolean(),
  timeResize: z.enum(['nearest', 'linear']),
});
export type ResolvedWeights = z.infer<typeof resolvedWeightsSchema>;

export const resolvedExperimentSchema = z.object({
  name: nameSchema,
  seed: z.number(),
  /** As asked for; the run's state tells the one really used. */
  device: z.string(),
  leaks: experimentSettings.leaks,
  datasets: z.array(resolvedDatasetSchema),
  model: resolvedModelSchema,
  /** What the model started from; absent: nothing. Normalisation and layer-norm eps of `model` are then theirs. */
  weights: resolvedWeightsSchema.optional(),
  stages: z.array(resolvedStageSchema),
  augmentation: resolvedAugmentationSchema,
  sampling: experimentSettings.sampling,
  views: experimentSettings.views,
  precision: experimentSettings.precision,
  checkpointing: experimentSettings.checkpointing,
  checkpointMinutes: experimentSettings.checkpointMinutes,
  checkpointSteps: experimentSettings.checkpointSteps,
  frameCache: experimentSettings.frameCache,
});
export type ResolvedExperiment = z.infer<typeof resolvedExperimentSchema>;

/** How clips are taken for evaluation, as stated beside every accuracy. */
export function protocolOf(
  { model, sampling, views }: Pick<ResolvedExperiment, 'model' | 'sampling' | 'views'>,
  kind: 'video' | 'image',
): string {
  const { frames, imageSize } = model;
  const crops = views.crops === 1 ? '1 centre crop' : `${views.crops} crops`;
  const size = `${imageSize} × ${imageSize}`;
  if (kind === 'image') return `${crops}${views.crops > 1 ? ' averaged' : ''}, ${size}`;
  const clips = views.clips === 1 ? '1 clip' : `${views.clips} clips`;
  const averaged = views.clips * views.crops > 1 ? ' averaged' : '';
  const taken = { uniform: 'uniform', dense: `dense, stride ${sampling.stride}`, whole: 'over the whole clip' };
  return `${clips} × ${crops}${averaged}, ${frames} frames ${taken[sampling.name]}, ${size}`;
}
