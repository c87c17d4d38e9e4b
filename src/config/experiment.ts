// What `cover.json` may say, as one schema. The editor's completion, the checks and the types are all made from it.
// Values marked "ours" are not given by the CoVeR paper where we could read it.
import { z } from 'zod';

/** A dataset's or experiment's name: it also names the head, the loss weight, the metrics and files of a run. */
export const nameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name has 1 to 64 letters, digits, ".", "_" or "-"')
  .describe('Names the dataset, its head, its metrics and its files everywhere.');

export const datasetSchema = z
  .strictObject({
    kind: z.enum(['video', 'image']).describe('What the files are. An image is a video of one frame.'),
    path: z.string().min(1).describe('The dataset folder (class folders) or manifest file, relative to this file.'),
    format: z
      .enum(['classFolders', 'manifest'])
      .describe('classFolders: [split/]class/file. manifest: CSV or JSONL with path, label, split, start, end.'),
    exclude: z.array(z.string()).optional().describe('Sample paths left out of training and evaluation.'),
    holdOut: z
      .number()
      .min(0)
      .max(0.9)
      .optional()
      .describe('Share of the samples held out for evaluation where the dataset names no splits. Default 0.2 (ours).'),
    horizontalFlip: z
      .boolean()
      .optional()
      .describe('Mirror half of the training samples. Leave off where direction is the label. Default false.'),
  })
  .describe('A dataset on disk. Its name is also the name of its classification head.');

export const optimizerSchema = z
  .strictObject({
    name: z.enum(['adamw', 'sgd']).default('adamw'),
    learningRate: z.number().positive().default(1e-3).describe('Peak learning rate, after warm-up.'),
    weightDecay: z.number().min(0).default(0.05),
    momentum: z.number().min(0).max(1).default(0.9).describe('SGD only (Nesterov).'),
    betas: z
      .tuple([z.number().min(0).max(0.9999), z.number().min(0).max(0.999999)])
      .default([0.9, 0.999])
      .describe('AdamW only.'),
    epsilon: z.number().positive().default(1e-8).describe('AdamW only.'),
    clipNorm: z.number().min(0).default(1).describe('Clip gradients to this global norm; 0 switches it off.'),
  })
  .describe('Not published for CoVeR where we could read it; the defaults are ours.');

export const stageSchema = z.strictObject({
  epochs: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('One epoch draws as many samples as the datasets hold. Default: by the size of the datasets.'),
  batchSize: z.number().int().min(1).max(4096).optional().describe('Samples a step, videos and images together.'),
  optimizer: optimizerSchema.prefault({}),
  warmUp: z
    .number()
    .min(0)
    .max(0.9)
    .default(0.1)
    .describe('Share of the steps over which the learning rate rises from 0.'),
  labelSmoothing: z.number().min(0).max(0.9).default(0.1),
});

export const modelSchema = z.strictObject({
  preset: z
    .enum(['nano', 'tiny', 'small', 'base', 'large'])
    .default('nano')
    .describe(
      'nano 96/3/3, tiny 192/12/3, small 384/12/6, base 768/12/12, large 1024/24/16 (the paper): hidden size / blocks / attention heads.',
    ),
  hiddenSize: z.number().int().min(8).optional(),
  depth: z.number().int().min(1).max(48).optional(),
  attentionHeads: z.number().int().min(1).optional(),
  frames: z.number().int().min(1).max(128).optional().describe('Frames a clip, sampled uniformly over the whole clip.'),
  imageSize: z.number().int().min(8).max(1024).optional().describe('Side of the square input in pixels.'),
  patchSize: z.number().int().min(2).max(64).optional().describe('Side of a patch in pixels; divides the image size.'),
  imageTemporal: z
    .enum(['keep', 'skip'])
    .default('keep')
    .describe(
      'Whether the temporal branch runs for images. Not published; keep is the arithmetic of the original with one frame.',
    ),
});

export const augmentationSchema = z.strictObject({
  scale: z
    .tuple([z.number().positive(), z.number().positive()])
    .optional()
    .describe('Share of the frame’s area a random crop covers.'),
  rotation: z.number().min(0).max(180).optional().describe('Largest random rotation in degrees.'),
  brightness: z.number().min(0).max(1).optional(),
  contrast: z.number().min(0).max(1).optional(),
});

export const experimentSchema = z
  .strictObject({
    datasets: z
      .array(nameSchema)
      .min(1)
      .optional()
      .describe('Which datasets are co-trained. Default: all. Each is drawn in proportion to its size.'),
    model: modelSchema.prefault({}),
    imagePretraining: z
      .union([stageSchema, z.literal(false)])
      .optional()
      .describe('Stage 1: the non-temporal weights, on the image datasets. false skips it.'),
    coTraining: z
      .union([stageSchema, z.literal(false)])
      .optional()
      .describe('Stage 2: all weights, on batches mixed from every dataset. false skips it.'),
    augmentation: augmentationSchema.prefault({}),
    device: z.enum(['auto', 'cpu']).default('auto'),
    seed: z.number().int().min(0).default(1),
  })
  .describe('One training experiment.');

export const workspaceSchema = z
  .strictObject({
    $schema: z.string().optional(),
    datasets: z.record(nameSchema, datasetSchema),
    experiments: z.record(nameSchema, experimentSchema).optional(),
  })
  .describe('CoVeR Studio workspace: the datasets and the experiments on them.');

export type DatasetConfig = z.infer<typeof datasetSchema>;
export type ExperimentConfig = z.infer<typeof experimentSchema>;
export type ExperimentInput = z.input<typeof experimentSchema>;
export type StageConfig = z.infer<typeof stageSchema>;
export type OptimizerConfig = z.infer<typeof optimizerSchema>;
export type ModelConfig = z.infer<typeof modelSchema>;
export type AugmentationConfig = z.infer<typeof augmentationSchema>;
export type WorkspaceConfig = z.infer<typeof workspaceSchema>;
