// What `cover.json` may say, as one schema. The editor's completion, the checks and the types are all made from it.
// Values marked "ours" are not given by the CoVeR paper where we could read it.
import { z } from 'zod';
import { datasetFormatSchema } from '../protocol/datasets.ts';
import { augmentationSchema, nameSchema, stageSchema } from './stage.ts';

export const datasetSchema = z
  .strictObject({
    kind: z.enum(['video', 'image']).describe('What the files are. An image is a video of one frame.'),
    path: z
      .string()
      .min(1)
      .describe('The dataset folder (class folders, annotation lists) or manifest file, relative to this file.'),
    format: datasetFormatSchema.describe(
      'classFolders: [split/]class/file. manifest: CSV, JSONL or Parquet with path, label, split, start, end. The others: the annotation lists of that dataset, in its folder.',
    ),
    media: z
      .string()
      .min(1)
      .optional()
      .describe('The folder of the videos or images, relative to this file, where they do not lie with the lists.'),
    fold: z
      .number()
      .int()
      .min(1)
      .max(9)
      .optional()
      .describe('Which of the official splits, for UCF101, HMDB51 and mmaction2 lists that have several. Default 1.'),
    column: z
      .string()
      .min(1)
      .optional()
      .describe('Which label, where a line has several: "verb" or "noun" of EPIC-Kitchens, a column of a manifest.'),
    mapping: z
      .string()
      .min(1)
      .optional()
      .describe(
        'A file that renames, merges or drops classes, relative to this file: JSON {"old": "new", "unwanted": null}, or CSV with from,to.',
      ),
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
    frameRate: z
      .number()
      .positive()
      .max(1000)
      .optional()
      .describe(
        'Frames a second of clips that are folders of numbered images, which do not say it themselves: how fast they are played, and where their timeline says something happens. Default: as EPIC-Kitchens tells by its times and frames, else 12, as Something-Something and Jester.',
      ),
    directionSensitive: z
      .boolean()
      .optional()
      .describe(
        'Direction is the label here (left to right, clockwise): never mirrored, whatever horizontalFlip says. Default: true for Something-Something and Jester.',
      ),
  })
  .describe('A dataset on disk. Its name is also the name of its classification head.');

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
  frames: z.number().int().min(1).max(128).optional().describe('Frames a clip; `sampling` says which.'),
  imageSize: z.number().int().min(8).max(1024).optional().describe('Side of the square input in pixels.'),
  patchSize: z.number().int().min(2).max(64).optional().describe('Side of a patch in pixels; divides the image size.'),
  attention: z
    .enum(['divided', 'joint', 'space'])
    .default('divided')
    .describe(
      'divided: over time, then over space (the paper’s). joint: over both at once. space: over space only, every frame by itself.',
    ),
  imageTemporal: z
    .enum(['keep', 'skip'])
    .default('keep')
    .describe(
      'Whether the temporal branch runs for images. Not published; keep is the arithmetic of the original with one frame.',
    ),
  weights: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe(
      'Trained weights to start from: a .safetensors file or folder, relative to this file; a run here as run:name; or a model on the Hugging Face Hub as hf:owner/name or hf:owner/name@revision.',
    ),
  temporalFromSpatial: z
    .boolean()
    .default(false)
    .describe('Starts temporal attention as a copy of the spatial one where the weights have none.'),
  timeResize: z
    .enum(['nearest', 'linear'])
    .default('nearest')
    .describe('How the time embeddings of the weights are fitted to another number of frames.'),
});

export const samplingSchema = z
  .strictObject({
    name: z
      .enum(['uniform', 'dense', 'whole'])
      .default('uniform')
      .describe(
        'uniform: one frame of each of as many equal segments as the model has frames. dense: that many frames, every stride-th one of a stretch of the clip. whole: evenly spaced frames from the first to the last of the clip.',
      ),
    stride: z
      .number()
      .int()
      .min(1)
      .max(1024)
      .default(4)
      .describe('dense only. Frames of the file from one frame of the clip to the next.'),
    places: z
      .number()
      .int()
      .min(1)
      .max(32)
      .default(4)
      .describe(
        'Training takes one of so many places at random: in each segment (uniform), or for the start of the stretch (dense). All are decoded and kept, so memory grows with it. whole has one place.',
      ),
  })
  .describe('Which frames of a video make a clip: a random place in training, the centre in evaluation.');

export const viewsSchema = z
  .strictObject({
    clips: z
      .number()
      .int()
      .min(1)
      .max(64)
      .default(1)
      .describe('Clips of each video, spread evenly over it. Images have one.'),
    crops: z
      .number()
      .int()
      .min(1)
      .max(16)
      .default(1)
      .describe('Square crops of each frame, spread evenly along its longer side; 1 is the centre.'),
  })
  .describe('Evaluation looks at clips × crops of every sample and averages the probabilities.');

export const experimentSchema = z
  .strictObject({
    datasets: z.array(nameSchema).min(1).optional().describe('Which datasets are co-trained. Default: all.'),
    datasetSampling: z
      .union([
        z.enum(['proportional', 'uniform', 'sqrt']),
        z.strictObject({ temperature: z.number().min(1).max(1e6) }),
        z.strictObject({ weights: z.record(nameSchema, z.number().min(0)) }),
      ])
      .default('proportional')
      .describe(
        'How often each dataset is drawn from. proportional: in proportion to its size (the paper’s). uniform: all alike. sqrt: in proportion to the root of its size. temperature T: to its size to the power 1/T. weights: as given here, by dataset.',
      ),
    lossWeights: z
      .record(nameSchema, z.number().min(0).max(1000))
      .default({})
      .describe('Factor of each dataset’s loss. Default: 1 (not published for CoVeR; ours).'),
    leaks: z
      .enum(['keep', 'drop'])
      .default('keep')
      .describe(
        'Training samples that are also held out in one of the experiment’s datasets: the same bytes, the same part of one YouTube video, or frames that look the same. keep: trained on, with a warning where they are known ("cover duplicates"). drop: left out; all files are compared first, which takes a while the first time.',
      ),
    model: modelSchema.prefault({}),
    imagePretraining: z
      .union([stageSchema, z.literal(false)])
      .optional()
      .describe('Stage 1: the non-temporal weights, on the image datasets. false skips it.'),
    coTraining: z
      .union([stageSchema, z.literal(false)])
      .optional()
      .describe('Stage 2: all weights, on batches mixed from every dataset. false skips it.'),
    fineTuning: stageSchema
      .optional()
      .describe('A last stage, for example on one dataset, or of the heads alone. Default: none.'),
    augmentation: augmentationSchema.prefault({}),
    sampling: samplingSchema.prefault({}),
    views: viewsSchema.prefault({}),
    device: z
      .enum(['auto', 'cpu', 'webgpu'])
      .default('auto')
      .describe('What to compute on. auto: a graphics adapter where there is a real one, else the processor.'),
    precision: z
      .enum(['auto', 'float32', 'float16'])
      .default('auto')
      .describe(
        'What a training step computes in. Weights and optimizer stay float32; the CPU always computes in float32.',
      ),
    checkpointing: z
      .boolean()
      .default(false)
      .describe('Activation checkpointing: recomputes activations in the backward pass; less memory, longer steps.'),
    checkpointMinutes: z
      .number()
      .positive()
      .default(10)
      .describe(
        'A checkpoint is written at every epoch, when training is stopped, and after so many minutes without one.',
      ),
    checkpointSteps: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('Writes a checkpoint after so many steps as well. Default: not.'),
    frameCache: z
      .number()
      .min(0)
      .max(1_000_000)
      .default(0)
      .describe(
        'Keeps decoded frames on disk, in .cover/cache, up to so many gigabytes: later runs, and datasets larger than memory, need not decode again. 0 switches it off.',
      ),
    seed: z.number().int().min(0).default(1),
  })
  .describe('One training experiment.');

export const studySchema = z
  .strictObject({
    experiment: nameSchema.optional().describe('The experiment that is studied. Default: the first one.'),
    compare: z
      .array(z.enum(['coTraining', 'transfer', 'images']))
      .min(1)
      .default(['coTraining'])
      .describe(
        'coTraining: all datasets together against each alone, with as many samples of it. transfer: fine-tuned on each dataset, from a model co-trained on the others, from each other one alone, and from scratch. images: the videos with and without the images.',
      ),
    seeds: z
      .array(z.number().int().min(0))
      .min(1)
      .max(100)
      .default([1, 2, 3])
      .describe('Everything is trained once with each; results are means and deviations over them.'),
    fineTuning: stageSchema
      .optional()
      .describe(
        'How transfer fine-tunes. Default: as coTraining trains, on a quarter of the samples of the target that the co-trained model drew.',
      ),
  })
  .describe('A comparison of strategies, as one job that can be stopped and resumed.');

export const workspaceSchema = z
  .strictObject({
    $schema: z.string().optional(),
    datasets: z.record(nameSchema, datasetSchema),
    probe: z
      .boolean()
      .optional()
      .describe(
        'Indexing also reads length, size, rate and codec of files that are new or changed. Default false: it takes a while.',
      ),
    experiments: z.record(nameSchema, experimentSchema).optional(),
    studies: z.record(nameSchema, studySchema).optional(),
  })
  .describe('CoVeR Studio workspace: the datasets and the experiments on them.');

/** A file beside cover.json, for experiments that are shared or many. */
export const experimentsFileSchema = workspaceSchema
  .pick({ $schema: true, experiments: true, studies: true })
  .describe('CoVeR Studio: experiments and studies on the datasets of cover.json in the same folder.');

export type DatasetConfig = z.infer<typeof datasetSchema>;
export type ExperimentConfig = z.infer<typeof experimentSchema>;
export type ExperimentInput = z.input<typeof experimentSchema>;
export type StudyConfig = z.infer<typeof studySchema>;
export type StudyInput = z.input<typeof studySchema>;
export type ModelConfig = z.infer<typeof modelSchema>;
export type SamplingConfig = z.infer<typeof samplingSchema>;
export type ExperimentsFile = z.infer<typeof experimentsFileSchema>;
export type WorkspaceConfig = z.infer<typeof workspaceSchema> & {
  /** Datasets that are written there too, but not so that they could be read: they are in none of the above. */
  readonly unreadable?: readonly string[];
};
