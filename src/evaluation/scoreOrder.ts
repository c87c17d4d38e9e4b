// In which order a file has the scores of all classes, which may be another than ours: as its columns are called, or as its rows
// tell, that have their best classes both by place and by name.
import { indexOfClass } from './classNames.ts';
import type { ImportedRow } from './importedRow.ts';

/**
 * For each class the place of its score in the rows that have `places`. Undefined where that is not known: they contradict one
 * another, or do not tell of every class that it is where ours is.
 */
export function scoreOrder(rows: readonly ImportedRow[], classes: readonly string[]): readonly number[] | undefined {
  const placeOf = new Map<number, number>();
  const classAt = new Map<number, number>();
  for (const { places = [], predicted = [] } of rows)
    for (const [rank, place] of places.entries()) {
      const index = indexOfClass(classes, predicted[rank]!);
      if (index === undefined) return undefined;
      if ((placeOf.get(index) ?? place) !== place || (classAt.get(place) ?? index) !== index) return undefined;
      placeOf.set(index, place);
      classAt.set(place, index);
    }
  const isOurs = [...placeOf].every(([index, place]) => index === place);
  const order = classes.map((_, index) => placeOf.get(index) ?? (isOurs ? index : undefined));
  return order.every((place) => place !== undefined) ? order : undefined;
}

/** The scores of a row in the order of the classes; none where that is not known and it has its best classes. */
export function scoresInOrder(
  { scores, places }: ImportedRow,
  order: readonly number[] | undefined,
): Float32Array | undefined {
  if (!order) return places ? undefined : scores;
  return scores?.length === order.length ? Float32Array.from(order, (place) => scores[place]!) : scores;
}
