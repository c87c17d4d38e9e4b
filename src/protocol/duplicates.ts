// What is told of samples that are copies of one another, and above all of those that are trained on and judged with.
import { z } from 'zod';

/**
 * Why samples count as one: the same bytes; the same part of one YouTube video, by the file names; frames that look the same;
 * `source`: other parts of one video or file, which is weaker.
 */
export const evidenceSchema = z.enum(['bytes', 'video', 'look', 'source']);
export type Evidence = z.infer<typeof evidenceSchema>;

const member = z.object({
  id: z.string(),
  dataset: z.string(),
  split: z.string(),
  label: z.string(),
  /** Absolute path. */
  file: z.string(),
});

export const findingSchema = z.object({
  evidence: evidenceSchema,
  /** Of `look`: 0 for equal frames. */
  distance: z.number().nullable(),
  /** For example "YouTube video 0wR5jVB-WPk", "mirrored". */
  detail: z.string(),
  /** Some are trained on and some are held out. */
  leak: z.boolean(),
  /** Copies with different labels in one dataset. */
  conflict: z.boolean(),
  /** How many samples; `samples` has the first. */
  size: z.number(),
  samples: z.array(member),
});
export type Finding = z.infer<typeof findingSchema>;

export const duplicatesReportSchema = z.object({
  /** Samples compared. */
  compared: z.number(),
  /** Files whose frames could not be compared, because they cannot be read. */
  unreadable: z.number(),
  /** Training samples by dataset that are also held out somewhere, by their strongest evidence. */
  leaking: z.record(z.string(), z.partialRecord(evidenceSchema, z.number())),
  /** How many findings there are between two splits by evidence; a finding may be in several rows. */
  pairs: z.array(
    z.object({
      leak: z.boolean(),
      evidence: evidenceSchema,
      /** "dataset split" of both sides. */
      from: z.string(),
      to: z.string(),
      findings: z.number(),
    }),
  ),
  /** How many findings in all; `findings` has the first, leaks before others. */
  total: z.number(),
  conflicts: z.number(),
  findings: z.array(findingSchema),
});
export type DuplicatesReport = z.infer<typeof duplicatesReportSchema>;
