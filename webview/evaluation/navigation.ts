// Where the person is on the evaluation page: the only thing the page itself remembers.
import { z } from 'zod';
import type { EvaluationSnapshot } from '../../src/protocol/evaluationView.ts';
import { classSortSchema } from './classSort.ts';
import { orders } from './confusion.ts';

export const navigationSchema = z.object({
  run: z.string(),
  head: z.string().optional(),
  order: z.enum(orders),
  normalised: z.boolean(),
  /** Side of a matrix cell; absent: as large as fits. */
  side: z.number().optional(),
  cell: z.object({ truth: z.number().int().min(0), predicted: z.number().int().min(0) }).optional(),
  /** Page of the cell's samples, from 0. */
  page: z.number().int().min(0),
  sort: classSortSchema,
});
export type Navigation = z.infer<typeof navigationSchema>;

/**
 * Where to begin: where the person was, unless the host asks for another head or it was another run. How things are
 * sorted stays either way.
 */
export function startAt(snapshot: EvaluationSnapshot, before: Navigation | undefined): Navigation {
  const { summary, heads } = snapshot;
  const fresh: Navigation = {
    run: summary.run,
    head: snapshot.head !== undefined && heads.includes(snapshot.head) ? snapshot.head : heads[0],
    order: before?.order ?? 'given',
    normalised: before?.normalised ?? false,
    page: 0,
    sort: before?.sort ?? { by: 'recall', down: false },
  };
  if (!before || before.run !== summary.run) return fresh;
  const stays = before.head !== undefined && heads.includes(before.head);
  if (!stays || (snapshot.head !== undefined && snapshot.head !== before.head)) return fresh;
  return before;
}
