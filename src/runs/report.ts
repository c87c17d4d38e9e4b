// report.json of a run: everything that is said of each head, computed from the stored predictions. README.md documents it; the
// fields of a head stand in the protocol's evaluationSchema. Files from before a figure was made lack it (`cover report` adds it).
import { z } from 'zod';
import { UserError } from '../base/errors.ts';
import { type Evaluation, evaluationSchema } from '../protocol/evaluation.ts';
import type { HeadResult } from '../protocol/events.ts';

export const reportSchema = z.object({
  /** How clips were taken, for example "1 clip × 1 crop, 8 frames uniform, 64 × 64". */
  protocol: z.string(),
  /** One per head, by its name; a head has the name of its dataset. Confusion matrices are row-major, truth × predicted. */
  heads: z.record(z.string(), evaluationSchema),
});
export type Report = z.infer<typeof reportSchema>;

/** What a table or a progress line tells of one head. */
export function headResultOf(evaluation: Evaluation): HeadResult {
  const { top1, top5, samples, missing, classes } = evaluation;
  return { top1, top5, samples, missing, classes: classes.length };
}

export function headResultsOf(report: Report): Record<string, HeadResult> {
  return Object.fromEntries(Object.entries(report.heads).map(([name, head]) => [name, headResultOf(head)]));
}

export function notEvaluated(folder: string): UserError {
  return new UserError('no-report', `The run in ${folder} has no evaluation yet. Evaluate it, or wait for it.`, folder);
}
