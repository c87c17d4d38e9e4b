// What the dataset page asks of the index: pages of samples under filters, what each filter would leave, and ids.
import { z } from 'zod';
import { sampleSchema } from './datasets.ts';
import { request } from './surface.ts';

/** Ids that one question may ask for. */
export const mostIds = 10_000;

/** All that is given must hold; of a list one suffices. What asks about predictions or media holds of no sample without them. */
export const sampleFiltersSchema = z.object({
  splits: z.array(z.string()).optional(),
  labels: z.array(z.string()).optional(),
  /** In the path inside the dataset, in any case. */
  text: z.string().optional(),
  /** The first guess of the chosen head. */
  predicted: z.array(z.string()).optional(),
  /** `none`: the chosen run did not judge it. */
  correctness: z.enum(['correct', 'wrong', 'none']).optional(),
  /** Of the first guess, 0 … 1: from … to, without `to` unless it is 1. */
  confidence: z.tuple([z.number(), z.number()]).optional(),
  /** Only excluded ones, or only others. */
  excluded: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
  /** Kinds of what is wrong with them, as `findings` of the facets names them. */
  findings: z.array(z.string()).optional(),
  /** Pixels, [width, height]. */
  sizes: z.array(z.tuple([z.number(), z.number()])).optional(),
  /** Length in seconds: from … to, without `to`; null: no end. */
  seconds: z.tuple([z.number(), z.number().nullable()]).optional(),
});
export type SampleFilters = z.infer<typeof sampleFiltersSchema>;

/** Whose predictions are shown: of a stored evaluation one head's. */
export const predictionsOfSchema = z.object({ run: z.string(), head: z.string() });
export type PredictionsOf = z.infer<typeof predictionsOfSchema>;

export const datasetQuerySchema = z.object({
  dataset: z.string(),
  filters: sampleFiltersSchema,
  predictions: predictionsOfSchema.optional(),
});
export type DatasetQuery = z.infer<typeof datasetQuerySchema>;

export const listedSampleSchema = sampleSchema.extend({
  excluded: z.boolean(),
  /** The dataset's own class, where an edit gives another. */
  was: z.string().optional(),
  /** What its file says, where it was probed: pixels and, of a video, seconds. */
  media: z.object({ width: z.number(), height: z.number(), seconds: z.number().nullable() }).optional(),
  /** The first guess of the chosen head, where it judged the sample. */
  prediction: z.object({ label: z.string(), probability: z.number().nullable(), correct: z.boolean() }).optional(),
  /** By name. */
  tags: z.array(z.string()),
  /** Kinds of what is wrong with it. */
  findings: z.array(z.string()),
});
export type ListedSample = z.infer<typeof listedSampleSchema>;

export const samplesPageSchema = z.object({
  /** Samples under these filters, of which this is a page. */
  total: z.number(),
  samples: z.array(listedSampleSchema),
});
export type SamplesPage = z.infer<typeof samplesPageSchema>;

/** How many samples there would be. Each part leaves out of account the filter that a click on it sets. */
export const facetsSchema = z.object({
  /** Under all filters. */
  total: z.number(),
  /** Of the whole dataset, excluded ones too. */
  all: z.number(),
  /** Every class of the dataset by name, with its samples by the position of the split in `splits`. */
  classes: z.array(z.object({ label: z.string(), samples: z.array(z.number()) })),
  /** train, val, test. */
  splits: z.array(z.object({ name: z.string(), samples: z.number() })),
  excluded: z.object({ excluded: z.number(), others: z.number() }),
  /** Every tag of the dataset by name. */
  tags: z.array(z.object({ tag: z.string(), samples: z.number() })),
  /** Null where no file was probed. */
  media: z
    .object({
      /** Samples under all other filters whose file was not probed, or could not be read. */
      unknown: z.number(),
      /** The commonest first, 200 at most. */
      sizes: z.array(z.object({ width: z.number(), height: z.number(), samples: z.number() })),
      /** Counts by length: bin i begins at `from` + i × `step` seconds; the last has no end. Null for images. */
      seconds: z.object({ from: z.number(), step: z.number(), counts: z.array(z.number()) }).nullable(),
    })
    .nullable(),
  findings: z.array(
    z.object({
      kind: z.string(),
      /** Leaks and copies come from comparing samples; the rest are problems of indexing and decoding. */
      source: z.enum(['problem', 'copy']),
      severity: z.enum(['error', 'warning']),
      /** Under the other filters. */
      samples: z.number(),
      /** Problems of this kind, also of files that are no samples. */
      total: z.number(),
    }),
  ),
  /** Whether samples were ever compared to find leaks and copies. */
  compared: z.boolean(),
  /** Null where none are chosen. */
  predictions: z
    .object({
      correct: z.number(),
      wrong: z.number(),
      none: z.number(),
      /** Counts by confidence in bins of equal width over 0 … 1. */
      confidence: z.object({ correct: z.array(z.number()), wrong: z.array(z.number()) }),
      /** The commonest first guesses first. */
      predicted: z.array(z.object({ label: z.string(), samples: z.number(), correct: z.number() })),
    })
    .nullable(),
});
export type Facets = z.infer<typeof facetsSchema>;

const inWorkspace = datasetQuerySchema.extend({ workspace: z.string() });

export const datasetQueryRequests = {
  /** In the order train, val, test; classes by name; excluded samples at the end of their class. */
  'dataset/samples': request(inWorkspace.extend({ offset: z.number(), limit: z.number() }), samplesPageSchema),
  'dataset/facets': request(inWorkspace, facetsSchema),
  /** Ids in the order of `dataset/samples`, `mostIds` at most. */
  'dataset/ids': request(inWorkspace.extend({ offset: z.number(), limit: z.number() }), z.array(z.string())),
  /** The folders that the dataset's files lie in, absolute. */
  'dataset/folders': request(z.object({ workspace: z.string(), dataset: z.string() }), z.array(z.string())),
} as const;
