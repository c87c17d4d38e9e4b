// The order of the per-class table. Pure.
import { z } from 'zod';
import type { Evaluation } from '../../src/protocol/evaluation.ts';

export const classSortSchema = z.object({
  by: z.enum(['label', 'support', 'precision', 'recall', 'f1', 'average']),
  down: z.boolean(),
});
export type ClassSort = z.infer<typeof classSortSchema>;

export type ClassFigures = Evaluation['perClass'][number] & {
  /** Average precision, where probabilities of all classes are known. */
  average?: number | null;
};

/** Indices of the classes in the wanted order. Unknown values come last either way; ties keep the given order. */
export function sortedClasses(perClass: readonly ClassFigures[], sort: ClassSort): number[] {
  const sign = sort.down ? -1 : 1;
  return perClass
    .map((_, i) => i)
    .sort((a, b) => {
      const [left, right] = [perClass[a]!, perClass[b]!];
      if (sort.by === 'label') return sign * left.label.localeCompare(right.label, 'en', { numeric: true });
      const [x, y] = [left[sort.by] ?? null, right[sort.by] ?? null];
      if (x === null || y === null) return Number(x === null) - Number(y === null);
      return sign * (x - y);
    });
}
