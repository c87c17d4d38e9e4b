// What a stage of an experiment may say: how long it is, and how it optimises and augments. Part of cover.json's schema
// (experiment.ts). Values marked "ours" are not given by the CoVeR paper where we could read it.
import { z } from 'zod';

/** A dataset's or experiment's name: it also names the head, the loss weight, the metrics and files of a run. */
export const nameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name of 1 to 64 letters, digits, ".", "_" or "-"')
  // Everything about a dataset is looked up by its name, and every object has these.
  .regex(
    /^(?!(?:constructor|hasOwnProperty|isPrototypeOf|propertyIsEnumerable|toLocaleString|toString|valueOf)$)/,
    'a name is none that every object in JavaScript has',
  )
  .describe('Names the dataset, its head, its metrics and its files everywhere.');

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
    headLearningRate: z
      .number()
      .positive()
      .max(1000)
      .default(1)
      .describe('Factor of the learning rate for the heads, for example 10 where the body starts from loaded weights.'),
    layerDecay: z
      .number()
      .positive()
      .max(1)
      .default(1)
      .describe(
        'Layer-wise learning-rate decay: each block below the top trains at this share of the rate of the block above it, the embeddings slowest, heads and last norm at the full rate. 1 switches it off.',
      ),
  })
  .describe('Not published for CoVeR where we could read it; the defaults are ours.');

export const scheduleSchema = z
  .strictObject({
    name: z
      .enum(['cosine', 'step'])
      .default('cosine')
      .describe('cosine: half a cosine down to the minimum. step: the rate falls at every milestone.'),
    milestones: z
      .array(z.number().positive())
      .max(100)
      .default([0.75, 0.93])
      .describe('step only. Below 1: a share of the stage’s steps; from 1 on: so many epochs.'),
    gamma: z.number().positive().max(1).default(0.1).describe('step only. The factor at each milestone.'),
    minimumRate: z.number().min(0).default(0).describe('The learning rate never falls below this after warm-up.'),
  })
  .describe('How the learning rate changes over the stage, after warm-up.');

export const augmentationSchema = z.strictObject({
  scale: z
    .tuple([z.number().positive(), z.number().positive()])
    .optional()
    .describe('Random resized crop: the share of the centre square’s area that it covers.'),
  aspect: z
    .number()
    .min(1)
    .max(10)
    .default(1.2)
    .describe('Random resized crop: width to height lies between 1 : this and this : 1, for example 1.333.'),
  shorterSide: z
    .tuple([z.number().int().min(8).max(4096), z.number().int().min(8).max(4096)])
    .optional()
    .describe(
      'Shorter-side jitter in place of the random resized crop: the frame is scaled until its shorter side is a random number of pixels between these, for example [256, 320], and the input is cut out of it.',
    ),
  rotation: z.number().min(0).max(180).optional().describe('Largest random rotation in degrees.'),
  brightness: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Largest change of brightness, as a share of half the range.'),
  contrast: z.number().min(0).max(1).optional().describe('Largest change of contrast, as a share.'),
  saturation: z.number().min(0).max(1).default(0).describe('Largest change of saturation, as a share.'),
  hue: z.number().min(0).max(0.5).default(0).describe('Largest turn of hue, as a share of the colour circle.'),
  randAugment: z
    .strictObject({
      operations: z.number().int().min(0).max(10).default(0).describe('N: operations a clip. 0 switches it off.'),
      magnitude: z.number().min(0).max(10).default(7).describe('M: their strength, 0 … 10.'),
    })
    .prefault({})
    .describe('RandAugment: N operations out of 14 at magnitude M, the same for all frames of a clip.'),
  erasing: z
    .strictObject({
      probability: z.number().min(0).max(1).default(0).describe('How often. 0 switches it off.'),
      scale: z
        .tuple([z.number().positive().max(1), z.number().positive().max(1)])
        .default([0.02, 0.33])
        .describe('Share of the area that becomes noise.'),
    })
    .prefault({})
    .describe('Random erasing: a rectangle of noise, the same in all frames of a clip.'),
});

/** The stages of an experiment, in their order. */
export const stageNames = ['imagePretraining', 'coTraining', 'fineTuning'] as const;

export const stageSchema = z.strictObject({
  datasets: z
    .array(nameSchema)
    .min(1)
    .optional()
    .describe(
      'Which of the experiment’s datasets this stage draws from. Default: the images (imagePretraining), or all.',
    ),
  train: z
    .enum(['all', 'heads'])
    .default('all')
    .describe(
      'heads: the rest of the model stays as it is, a linear probe. Image pre-training never trains temporal weights.',
    ),
  epochs: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('One epoch draws as many samples as the datasets hold. Default: by the size of the datasets.'),
  steps: z.number().int().min(1).optional().describe('The length of the stage in steps, in place of epochs.'),
  samples: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('The length of the stage in samples drawn, in place of epochs: the last batch may be smaller.'),
  minutes: z
    .number()
    .positive()
    .max(1e6)
    .optional()
    .describe(
      'The length of the stage in minutes of training and judging, in place of epochs: how many steps that is here is measured on a few before the run starts, and fixed. Decoding before the first step comes on top.',
    ),
  augmentation: augmentationSchema.optional().describe('Of this stage, in place of the experiment’s.'),
  batchSize: z.number().int().min(1).max(4096).optional().describe('Samples a step, videos and images together.'),
  optimizer: optimizerSchema.prefault({}),
  warmUp: z
    .number()
    .min(0)
    .max(0.9)
    .default(0.1)
    .describe('Share of the steps over which the learning rate rises from 0.'),
  schedule: scheduleSchema.prefault({}),
  labelSmoothing: z.number().min(0).max(0.9).default(0.1),
  mixup: z
    .number()
    .min(0)
    .max(100)
    .default(0)
    .describe(
      'Mixup of pairs of samples of one dataset in a batch: the shape α of the Beta distribution of the shares, for example 0.8. 0 switches it off.',
    ),
  cutmix: z
    .number()
    .min(0)
    .max(100)
    .default(0)
    .describe(
      'CutMix of pairs of samples of one dataset in a batch, one box for all frames of a clip: the shape α of the Beta distribution, for example 1. With mixup on as well, each is used half of the time. 0 switches it off.',
    ),
  mixupProbability: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('How often a sample is mixed at all, where mixup or cutmix is on.'),
  dropPath: z
    .number()
    .min(0)
    .max(0.9)
    .default(0)
    .describe(
      'Stochastic depth: how often the residual branches of the last block are left out; rises linearly from 0 at the first block.',
    ),
  dropout: z.number().min(0).max(0.9).default(0).describe('Share of the activations left out in training.'),
  accumulate: z
    .number()
    .int()
    .min(1)
    .max(4096)
    .default(1)
    .describe(
      'Computes a batch in so many equal parts, one after the other, whose gradients are summed: the same step, in less memory on a GPU; the CPU cuts batches by itself. Divides the batch size.',
    ),
  earlyStopping: z
    .strictObject({
      patience: z
        .number()
        .int()
        .min(1)
        .max(10_000)
        .default(5)
        .describe('The stage ends after so many epochs without a gain.'),
      minimumGain: z
        .number()
        .min(0)
        .max(1)
        .default(0)
        .describe('A gain is more than this, as a share: 0.01 is one point of accuracy.'),
    })
    .optional()
    .describe(
      'Ends the stage when the mean held-out top-1 of its heads grows no more, with the weights of the best epoch. The held-out samples then also choose the weights, which every accuracy says. Default: off.',
    ),
  averageDecay: z
    .number()
    .min(0)
    .max(0.999999)
    .default(0)
    .describe(
      'Keeps an exponential moving average of the weights with this decay, for example 0.999; the averaged weights are then evaluated and exported. 0 switches it off.',
    ),
});

export type StageConfig = z.infer<typeof stageSchema>;
export type ScheduleConfig = z.infer<typeof scheduleSchema>;
export type OptimizerConfig = z.infer<typeof optimizerSchema>;
export type AugmentationConfig = z.infer<typeof augmentationSchema>;
