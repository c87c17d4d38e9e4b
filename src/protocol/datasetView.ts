// The dataset page and its host. The page asks `datasetView/ready`, then samples and facets under its filters; of these
// only the newest question counts, and earlier ones are aborted. When the index or the predictions changed the host tells
// `changed`, and the page asks again where it stands.
import { z } from 'zod';
import {
  datasetQuerySchema,
  facetsSchema,
  listedSampleSchema,
  predictionsOfSchema,
  sampleFiltersSchema,
} from './datasetQueries.ts';
import { datasetSummarySchema, posterSchema, sampleSchema } from './datasets.ts';
import { pageRequests } from './page.ts';
import { notification, request } from './surface.ts';

const none = z.object({});

export const datasetSnapshotSchema = z.object({
  dataset: datasetSummarySchema,
  /** Evaluations with predictions for its samples, newest first; heads with the dataset's own first. */
  choices: z.array(
    z.object({
      run: z.string(),
      heads: z.array(z.string()),
      /** How its held-out samples were looked at, where that is known. */
      protocol: z.string().optional(),
    }),
  ),
  /** Filters to begin with; absent: where the page was. */
  filters: sampleFiltersSchema.optional(),
  predictions: predictionsOfSchema.optional(),
});
export type DatasetSnapshot = z.infer<typeof datasetSnapshotSchema>;

/** A sample and where the page finds its picture. */
export const shownListedSchema = listedSampleSchema.extend({
  poster: posterSchema,
  /** The poster's file as an address that the page may load (`asWebviewUri`). */
  url: z.string(),
});
export type ShownListed = z.infer<typeof shownListedSchema>;

const query = datasetQuerySchema.omit({ dataset: true });
const part = query.extend({ offset: z.number(), limit: z.number() });

/** What the extension host answers and tells. */
export const datasetHostSurface = {
  requests: {
    'datasetView/ready': request(none, datasetSnapshotSchema),
    'datasetView/samples': request(part, z.object({ total: z.number(), samples: z.array(shownListedSchema) })),
    'datasetView/facets': request(query, facetsSchema),
    'datasetView/ids': request(part, z.array(z.string())),
    /** Opens the clip view on a sample, with the predictions of `run` where one is given. */
    'datasetView/open': request(z.object({ sample: sampleSchema, run: z.string().optional() }), none),
    /** Answers when the index has followed, or the person thought better of it. */
    'datasetView/edit': request(
      z.object({ action: z.enum(['exclude', 'include', 'relabel', 'tag', 'untag']), ids: z.array(z.string()) }),
      none,
    ),
    /** Commands that the page offers where something is missing. `copy…`: as a command line, to the clipboard. */
    'datasetView/run': request(
      z.object({ command: z.enum(['probe', 'findDuplicates', 'problems', 'copyProbe', 'copyDuplicates']) }),
      none,
    ),
    ...pageRequests,
  },
  notifications: {
    'datasetView/changed': notification(none),
    /** The page was asked for again, with other filters or predictions. */
    'datasetView/show': notification(
      z.object({ filters: sampleFiltersSchema.optional(), predictions: predictionsOfSchema.optional() }),
    ),
  },
} as const;

/** What the page answers and tells: nothing; it only asks. */
export const datasetViewSurface = { requests: {}, notifications: {} } as const;

export type DatasetHostSurface = typeof datasetHostSurface;
export type DatasetViewSurface = typeof datasetViewSurface;
