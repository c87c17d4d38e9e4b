// Where the person is on the evaluation page: the only thing the page itself remembers.
import { z } from 'zod';
import { changeKinds } from '../../src/protocol/comparisons.ts';
import type { EvaluationSnapshot } from '../../src/protocol/evaluationView.ts';
import { classSortSchema } from './classSort.ts';
import { orders } from './confusion.ts';

const index = z.number().int().min(0);

/** Whose samples are listed: a cell of the matrix, a whole class, or what changed between two evaluations. */
const listedSchema = z.discriminatedUnion('what', [
  z.object({ what: z.literal('cell'), truth: index, predicted: index }),
  z.object({ what: z.literal('class'), truth: index }),
  z.object({ what: z.literal('changed'), kind: z.enum(changeKinds), label: z.string().optional() }),
]);
export type Listed = z.infer<typeof listedSchema>;

export const navigationSchema = z.object({
  run: z.string(),
  head: z.string().optional(),
  order: z.enum(orders),
  normalised: z.boolean(),
  /** What part of the matrix shows; absent: all of it. */
  view: z.object({ cell: z.number().positive(), x: z.number(), y: z.number() }).optional(),
  /** Classes put together: by their first word, or by a file. Indices of `listed` are then of groups. */
  groups: z.union([z.literal('word'), z.object({ name: z.string(), of: z.record(z.string(), z.string()) })]).optional(),
  listed: listedSchema.optional(),
  /** Page of the listed samples, from 0. */
  page: index,
  sort: classSortSchema,
  /** The run or evaluation that this one is compared with. */
  other: z.string().optional(),
  /** Whether the matrix shows what changed; else this run's own counts. */
  difference: z.boolean().default(true),
  /** Classes whose precision-recall curves are drawn, beside the mean. */
  curves: z.array(index).default([]),
});
export type Navigation = z.infer<typeof navigationSchema>;

/**
 * Where to begin: where the person was, unless the host asks for another head or it was another run. How things are
 * sorted stays either way.
 */
export function startAt(snapshot: EvaluationSnapshot, before: Navigation | undefined): Navigation {
  const { summary, heads } = snapshot;
  const other = snapshot.other ?? (before?.run === summary.run ? before.other : undefined);
  const fresh: Navigation = {
    run: summary.run,
    head: snapshot.head !== undefined && heads.includes(snapshot.head) ? snapshot.head : heads[0],
    order: before?.order ?? 'given',
    normalised: before?.normalised ?? false,
    page: 0,
    sort: before?.sort ?? { by: 'recall', down: false },
    difference: before?.difference ?? true,
    curves: [],
    ...(other !== undefined && { other }),
  };
  if (!before || before.run !== summary.run) return fresh;
  const stays = before.head !== undefined && heads.includes(before.head);
  if (!stays || (snapshot.head !== undefined && snapshot.head !== before.head)) return fresh;
  return { ...before, ...(other !== undefined && { other }) };
}
