// An evaluation in the form that a page shows: what is large and seldom looked at stays behind until it is asked for.
import type { ClassCurve, Evaluation, ShownEvaluation } from '../protocol/evaluation.ts';
import { packCells } from '../protocol/matrixCells.ts';

export function shownEvaluation({ confusion, precisionRecall, ...evaluation }: Evaluation): ShownEvaluation {
  return {
    ...evaluation,
    cells: confusion && packCells(confusion),
    ...(precisionRecall !== undefined && {
      precisionRecall: precisionRecall && {
        ...precisionRecall,
        classes: precisionRecall.classes.map(({ averagePrecision }) => averagePrecision),
      },
    }),
  };
}

/** The curves of the classes asked for; of a class without one, nothing. */
export function curvesOf({ precisionRecall }: Evaluation, classes: readonly number[]): ClassCurve[] {
  return classes.flatMap((index) => {
    const found = precisionRecall?.classes[index];
    return found ? [{ class: index, ...found }] : [];
  });
}
