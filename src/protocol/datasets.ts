// Datasets as they cross process borders: what the index knows of them and their samples, and what a runner answers about them.
import { z } from 'zod';
import { duplicatesReportSchema } from './duplicates.ts';
import { problemSchema } from './events.ts';
import { request } from './surface.ts';

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
  /** Samples in no split, by edits or by cover.json's `exclude`; absent: none. */
  excluded: z.number().optional(),
  /** Samples that an edit gives another class; absent: none. */
  relabelled: z.number().optional(),
  /** Samples with tags; absent: none. */
  tagged: z.number().optional(),
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
   * ("img_%05d.jpg"), the first one's number, how many there are and, where cover.json says it, how many a second
   * (`rateOf`, base/frameNames.ts). Absent for a file.
   */
  frames: z
    .object({ pattern: z.string(), first: z.number(), count: z.number(), rate: z.number().positive().optional() })
    .optional(),
});
export type Sample = z.infer<typeof sampleSchema>;

/** What a page shows of a sample: the file, or of a folder of frames one of them. */
export const posterSchema = z.object({ file: z.string(), kind: z.enum(['video', 'image']) });
export type Poster = z.infer<typeof posterSchema>;

/** A sample as the index lists it. */
export const indexedSampleSchema = sampleSchema.extend({
  /** What its file says of itself, where it was asked and is as it was then. */
  media: mediaFactsSchema.optional(),
  /** The class that the dataset itself gives it, where an edit gives it `label`. */
  was: z.string().optional(),
  /** In no split; only where excluded samples are asked for. */
  excluded: z.boolean().optional(),
  /** By name; absent: none. */
  tags: z.array(z.string()).optional(),
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

export const datasetRequests = {
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
} as const;
