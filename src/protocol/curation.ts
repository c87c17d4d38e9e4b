// Edits of single samples: left out of training and judging, given another class, or tagged. They are kept in cover.edits.jsonl beside
// cover.json and count when the index is brought up to date; annotation files are never touched.
import { z } from 'zod';
import { indexedSampleSchema, sampleSchema } from './datasets.ts';
import { request } from './surface.ts';

const workspace = z.object({ workspace: z.string() });

/** What to change of one sample. What is absent stays as it is. */
export const sampleEditSchema = z.object({
  /** `<dataset>/<path inside it>`. */
  id: z.string(),
  excluded: z.boolean().optional(),
  /** Its class; null: as the dataset says. */
  label: z.string().nullable().optional(),
  /** Tags to put on it and to take off: words to find it by, which change nothing of a training. What it has else stays. */
  tag: z.array(z.string()).optional(),
  untag: z.array(z.string()).optional(),
});
export type SampleEdit = z.infer<typeof sampleEditSchema>;

export const curationRequests = {
  /**
   * Writes edits, all or none. `before` undoes what was changed: the same request with it. The index follows at once
   * for the samples concerned (`indexed`), for what follows from it, such as problems, with the next `index/update`. Rejects with `unknown-sample` where the index has no such sample, with `unknown-class` where `label`
   * is no class of the dataset and `newClass` is not set, with `excluded-in-config` where cover.json excludes what is to be included,
   * with `bad-tag` and `too-many-tags` where `base/tags.ts` says so.
   */
  'curation/edit': request(
    workspace.extend({ edits: z.array(sampleEditSchema), newClass: z.boolean().optional() }),
    z.object({ changed: z.number(), before: z.array(sampleEditSchema), indexed: z.boolean() }),
  ),
  /** The classes that a dataset's samples may be given, by name. */
  'curation/classes': request(workspace.extend({ dataset: z.string() }), z.array(z.string())),
  /** The tags in use by name, with how many samples have them; with `ids` those of these samples. */
  'curation/tags': request(
    workspace.extend({ ids: z.array(z.string()).optional() }),
    z.array(z.object({ tag: z.string(), samples: z.number() })),
  ),
  /** The tags of these samples, of those that have some. */
  'curation/tagsOf': request(
    workspace.extend({ ids: z.array(z.string()) }),
    z.array(z.object({ id: z.string(), tags: z.array(z.string()) })),
  ),
  /** Excluded samples of a dataset, by split, class and path. `label` of each is the class that it would count in. */
  'curation/excluded': request(
    workspace.extend({
      dataset: z.string(),
      /** Only those whose path has this text in it, in any case. */
      filter: z.string().optional(),
      offset: z.number(),
      limit: z.number(),
    }),
    z.array(indexedSampleSchema),
  ),
  /** The classes of a split that have samples whose path has this text in it, in any case, with how many. */
  'curation/matches': request(
    workspace.extend({ dataset: z.string(), split: z.string(), filter: z.string() }),
    z.array(z.object({ label: z.string(), samples: z.number() })),
  ),
  /** How many samples of each dataset and split have the text in their path; `split` null: of those that are excluded. */
  'curation/matchCounts': request(
    workspace.extend({ filter: z.string() }),
    z.array(z.object({ dataset: z.string(), split: z.string().nullable(), samples: z.number(), classes: z.number() })),
  ),
  /** Samples whose file could not be decoded or probed, with why; the first 2,000. */
  'curation/marks': request(
    workspace,
    z.array(
      z.object({ dataset: z.string(), split: z.string(), label: z.string(), file: z.string(), message: z.string() }),
    ),
  ),
  /** Samples of all datasets and splits whose file has a name like this one's, but for the sample itself; the nearest first. */
  'curation/similar': request(
    workspace.extend({ id: z.string(), file: z.string(), limit: z.number() }),
    z.array(
      z.object({
        sample: sampleSchema,
        /** Of the names without folders and endings: 1 where they are the same. */
        similarity: z.number(),
      }),
    ),
  ),
} as const;
