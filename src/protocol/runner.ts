// What the runner process answers (dist/runner.js over stdio, one JSON line a message). The extension host starts one
// runner for questions and one more per job, so that a question is answered while a model trains.
import { z } from 'zod';
import { duplicatesReportSchema } from './duplicates.ts';
import { headPredictionsSchema, headResultsSchema, jobEventSchema, problemSchema } from './events.ts';
import { notification, request } from './surface.ts';

const none = z.object({});
const workspace = z.object({ workspace: z.string() });

/** How a dataset's files and labels are found. All but the first two are known by the dataset's own annotation lists. */
export const datasetFormatSchema = z.enum([
  'classFolders',
  'manifest',
  'kinetics',
  'somethingSomething',
  'momentsInTime',
  'imageNet',
  'ucf101',
  'hmdb51',
  'jester',
  'diving48',
  'epicKitchens',
  'mmaction2',
  'fiftyOne',
]);
export type DatasetFormat = z.infer<typeof datasetFormatSchema>;

const newDataset = z.object({
  name: z.string(),
  kind: z.enum(['video', 'image']),
  path: z.string(),
  format: datasetFormatSchema,
  /** Which of several official splits, and which of several labels: see the configuration's schema. */
  fold: z.number().optional(),
  column: z.string().optional(),
});

/** What a media file says of itself. */
export const mediaFactsSchema = z.object({
  /** As ffmpeg calls it ("h264", "vp9"), or the kind of image ("jpeg"). */
  codec: z.string().nullable(),
  /** Pixels, upright. */
  width: z.number(),
  height: z.number(),
  /** Degrees that the coded picture is turned clockwise to stand upright. */
  rotation: z.number(),
  /** Seconds of the whole file; null for images and folders of them. */
  duration: z.number().nullable(),
  /** Frames a second. */
  rate: z.number().nullable(),
});
export type MediaFacts = z.infer<typeof mediaFactsSchema>;

const spread = z.object({ least: z.number(), median: z.number(), most: z.number() });

/** What the files of a dataset's samples say of themselves, as far as they were asked. */
export const mediaSummarySchema = z.object({
  /** Samples whose file was read. */
  samples: z.number(),
  /** Samples whose file could not be read. */
  unreadable: z.number(),
  /** The commonest first. */
  codecs: z.array(z.object({ codec: z.string(), samples: z.number() })),
  /** The commonest sizes first, eight at most, and how many there are. */
  sizes: z.array(z.object({ width: z.number(), height: z.number(), samples: z.number() })),
  differentSizes: z.number(),
  turned: z.number(),
  /** Seconds; null where no file has a length. */
  duration: spread.nullable(),
  /** Frames a second. */
  rate: spread.nullable(),
});
export type MediaSummary = z.infer<typeof mediaSummarySchema>;

export const datasetSummarySchema = z.object({
  name: z.string(),
  kind: z.enum(['video', 'image']),
  path: z.string(),
  samples: z.number(),
  classes: z.number(),
  problems: z.number(),
  splits: z.array(
    z.object({
      name: z.string(),
      samples: z.number(),
      classes: z.number(),
      /** How many samples the dataset's lists name for this split; absent where there is no list. */
      expected: z.number().optional(),
    }),
  ),
  /** Absent where no file was asked yet. */
  media: mediaSummarySchema.optional(),
});
export type DatasetSummary = z.infer<typeof datasetSummarySchema>;

export const sampleSchema = z.object({
  /** `<dataset>/<path inside it>`, unique in the workspace. */
  id: z.string(),
  dataset: z.string(),
  split: z.string(),
  label: z.string(),
  /** Absolute path. */
  file: z.string(),
  kind: z.enum(['video', 'image']),
  /** Seconds inside the file, where the sample is a part of it. */
  start: z.number().nullable(),
  end: z.number().nullable(),
  /**
   * Where the sample is a folder of frames, `file` is that folder: how the images in it are called, as in printf
   * ("img_%05d.jpg"), the first one's number and how many there are. Absent for a file.
   */
  frames: z.object({ pattern: z.string(), first: z.number(), count: z.number() }).optional(),
});
export type Sample = z.infer<typeof sampleSchema>;

/** A sample as the index lists it. */
export const indexedSampleSchema = sampleSchema.extend({
  /** What its file says of itself, where it was asked and is as it was then. */
  media: mediaFactsSchema.optional(),
});
export type IndexedSample = z.infer<typeof indexedSampleSchema>;

/** Something on the disk that the index follows from. */
export const watchedPathSchema = z.object({
  dataset: z.string(),
  /** Absolute. */
  folder: z.string(),
  /** One file in the folder; absent: everything below it. */
  name: z.string().optional(),
  /** How many folders the dataset's files lie in. */
  folders: z.number(),
});
export type WatchedPath = z.infer<typeof watchedPathSchema>;

export const deviceSchema = z.object({ id: z.string(), name: z.string(), available: z.boolean(), detail: z.string() });

export const runStateSchema = z.enum(['running', 'done', 'cancelled', 'failed', 'interrupted']);
export const runSummarySchema = z.object({
  run: z.string(),
  /** Absolute folder. */
  folder: z.string(),
  experiment: z.string(),
  state: runStateSchema,
  /** One sentence where the run failed. */
  error: z.string().nullable(),
  started: z.string(),
  step: z.number(),
  steps: z.number(),
  device: z.string(),
  heads: headResultsSchema,
});
export type RunSummary = z.infer<typeof runSummarySchema>;

const share = z.number().nullable();
const interval = z.tuple([z.number(), z.number()]);
const averagesSchema = z.object({ precision: share, recall: share, f1: share });

/** Whether a head is right as often as it says; see evaluation/calibration.ts. */
export const calibrationSchema = z.object({
  /** Expected calibration error of top-1. */
  ece: z.number(),
  /** Mean negative log-likelihood. */
  nll: share,
  /** Brier score summed over the classes, 0 … 2. */
  brier: share,
  bins: z.array(z.object({ samples: z.number(), confidence: share, accuracy: share })),
});

const curve = z.array(z.tuple([z.number(), z.number()]));
/** Points of curves are [recall, precision]; see evaluation/precisionRecall.ts. */
export const precisionRecallSchema = z.object({
  meanAveragePrecision: share,
  /** Mean of the classes' interpolated curves. */
  mean: curve,
  /** By the class's index: at most 41 points of the curve. */
  classes: z.array(z.object({ averagePrecision: share, curve })),
});

/** A figure that others published for the dataset, with what is known of how it was reached. */
export const publishedFigureSchema = z.object({
  method: z.string(),
  top1: z.number(),
  /** What the weights were trained on before; null where not known here. */
  pretraining: z.string().nullable(),
  /** What was trained or fine-tuned on; null where not known here. */
  training: z.string().nullable(),
  /** How clips were taken; null where not known here. */
  protocol: z.string().nullable(),
  source: z.string(),
});
export type PublishedFigure = z.infer<typeof publishedFigureSchema>;

/** The figures after `perClass` are absent in reports from before they were made, and null where the records cannot tell. */
export const evaluationSchema = z.object({
  run: z.string(),
  head: z.string(),
  dataset: z.string(),
  split: z.string(),
  /** For example "1 clip × 1 crop, 8 frames uniform, 64 × 64". Stated beside every accuracy. */
  protocol: z.string(),
  classes: z.array(z.string()),
  samples: z.number(),
  missing: z.number(),
  top1: z.number().nullable(),
  /** 95 % bootstrap interval of top-1. */
  top1Interval: interval.nullable(),
  top5: z.number().nullable(),
  meanClass: z.number().nullable(),
  /** Row-major counts: truth × predicted. */
  confusion: z.array(z.number()),
  perClass: z.array(
    z.object({
      label: z.string(),
      support: z.number(),
      precision: z.number().nullable(),
      recall: z.number().nullable(),
      f1: z.number().nullable(),
    }),
  ),
  /** 95 % bootstrap interval of meanClass. */
  meanClassInterval: interval.nullable().optional(),
  /** Over the classes where the figure is defined: each alike, and by support. */
  macro: averagesSchema.optional(),
  weighted: averagesSchema.optional(),
  calibration: calibrationSchema.nullable().optional(),
  precisionRecall: precisionRecallSchema.nullable().optional(),
  /** Sentences: which figures are not there, and why. */
  unavailable: z.array(z.string()).optional(),
  /** What others published, where the dataset is a known one; `name` is how the field calls it. */
  published: z.object({ name: z.string(), figures: z.array(publishedFigureSchema) }).optional(),
});
export type Evaluation = z.infer<typeof evaluationSchema>;

/** One judged sample: what every head says of it. */
export const judgedSampleSchema = z.object({
  sample: sampleSchema,
  predicted: z.string(),
  probability: z.number(),
  heads: headPredictionsSchema,
});
export type JudgedSample = z.infer<typeof judgedSampleSchema>;

export const runnerSurface = {
  requests: {
    'runner/hello': request(none, z.object({ version: z.string(), pid: z.number(), node: z.string() })),
    'devices/list': request(none, z.array(deviceSchema)),

    /** Problems of cover.json; with `text`, of the text as it stands in an unsaved editor. */
    'config/check': request(workspace.extend({ text: z.string().optional() }), z.array(problemSchema)),
    /** Finds the datasets below a folder, without changing anything. */
    'config/discover': request(
      workspace.extend({ folder: z.string() }),
      z.array(
        newDataset.extend({
          /** Why it was taken for a dataset of this format, and what else could be chosen. */
          reason: z.string(),
          samples: z.number(),
          classes: z.number(),
        }),
      ),
    ),
    /** Writes datasets into cover.json (made if missing), keeping what stands there, comments included. */
    'config/addDatasets': request(workspace.extend({ datasets: z.array(newDataset) }), z.array(z.string())),

    /** `probe`: also reads length, size, rate and codec of the files; absent: as cover.json says. */
    'index/update': request(workspace.extend({ probe: z.boolean().optional() }), z.array(datasetSummarySchema)),
    /** What of the disk the index follows from: what to watch to know when it is old. */
    'index/watchPlan': request(workspace, z.array(watchedPathSchema)),
    'index/datasets': request(workspace, z.array(datasetSummarySchema)),
    'index/classes': request(
      workspace.extend({ dataset: z.string(), split: z.string() }),
      z.array(z.object({ label: z.string(), samples: z.number() })),
    ),
    'index/samples': request(
      workspace.extend({
        dataset: z.string(),
        split: z.string(),
        /** One class; absent: all of the split, class after class. */
        label: z.string().optional(),
        /** Only samples whose path has this text in it, in any case. */
        filter: z.string().optional(),
        offset: z.number(),
        limit: z.number(),
      }),
      z.array(indexedSampleSchema),
    ),
    'index/problems': request(workspace, z.array(problemSchema)),
    /** Brings the index up to date and compares all samples. Progress arrives as `job/event`; what was read is kept when it is aborted. */
    'duplicates/find': request(workspace, duplicatesReportSchema),

    /**
     * Trains until done. Job events arrive as `job/event`; aborting the request stops after the current step. Of a resumed run
     * the events that it kept come first, so that whoever listens knows the whole story.
     */
    'train/run': request(
      workspace.extend({
        /** A stopped run to go on with, by its name or folder. It is frozen: of the choices below only the device may differ. */
        resume: z.string().optional(),
        /** An experiment of cover.json; absent: the default one. */
        experiment: z.string().optional(),
        datasets: z.array(z.string()).optional(),
        preset: z.string().optional(),
        device: z.string().optional(),
      }),
      z.object({ run: z.string(), heads: headResultsSchema }),
    ),
    'runs/list': request(workspace, z.array(runSummarySchema)),
    /** A run's summary and every event it recorded, in order: the complete snapshot a run view starts from. */
    'runs/get': request(
      workspace.extend({ run: z.string() }),
      z.object({ summary: runSummarySchema, events: z.array(jobEventSchema) }),
    ),

    'evaluate/run': request(workspace.extend({ run: z.string(), device: z.string().optional() }), headResultsSchema),
    'evaluation/get': request(workspace.extend({ run: z.string(), head: z.string() }), evaluationSchema),
    /** The samples of one cell of a head's confusion matrix (indices into its classes). */
    'evaluation/cell': request(
      workspace.extend({
        run: z.string(),
        head: z.string(),
        truth: z.number(),
        predicted: z.number(),
        offset: z.number(),
        limit: z.number(),
      }),
      z.array(judgedSampleSchema),
    ),

    /** Every head's top classes for one file, or for the sample that is a part of it. `run` absent: the newest finished run. */
    'predict/file': request(
      workspace.extend({
        run: z.string().optional(),
        file: z.string(),
        sample: sampleSchema.pick({ kind: true, start: true, end: true, frames: true }).optional(),
        topK: z.number(),
      }),
      z.object({ run: z.string(), protocol: z.string(), heads: headPredictionsSchema }),
    ),
  },
  notifications: {
    'job/event': notification(jobEventSchema),
  },
} as const;

/** What the runner may ask of whoever started it: nothing. */
export const noSurface = { requests: {}, notifications: {} } as const;
export type RunnerSurface = typeof runnerSurface;
export type NoSurface = typeof noSurface;
