// Precision over recall: the mean of all classes, the class that is looked at, and those that were added. Curves of classes are asked
// for as they are needed.
import { percentNumber } from '../../src/base/format.ts';
import type { ClassCurve, ShownEvaluation } from '../../src/protocol/evaluation.ts';
import type { Answer } from '../base/hooks.ts';
import { seriesColor } from '../base/theme.ts';
import { LineChart } from '../charts/lineChart.tsx';
import type { Series } from '../charts/lineDrawing.ts';
import { ClassSearch } from './classSearch.tsx';

interface CurvesChartProps {
  evaluation: ShownEvaluation;
  /** Classes that are drawn, in the order of their colours. */
  wanted: readonly number[];
  curves: Answer<ClassCurve[]>;
  onAdd: (index: number) => void;
  onClear: () => void;
}

export function CurvesChart({ evaluation, wanted, curves, onAdd, onClear }: CurvesChartProps) {
  const { precisionRecall, classes, head, run } = evaluation;
  if (!precisionRecall) return null;
  const series: Series[] = [
    {
      name: 'mean of the classes',
      color: 'var(--vscode-foreground)',
      points: pointsOf(precisionRecall.mean),
      figure: `mAP ${percentNumber(precisionRecall.meanAveragePrecision)} %`,
    },
    ...wanted.flatMap((index, i): Series[] => {
      const found = curves.value?.find((each) => each.class === index);
      if (!found) return [];
      const figure = `AP ${percentNumber(found.averagePrecision)} %`;
      return [{ name: classes[index]!, color: seriesColor(i), points: pointsOf(found.curve), figure }];
    }),
  ];
  return (
    <LineChart
      title="Precision over recall"
      name={`${run}-${head}-precision-recall`}
      subtitle={`mAP ${percentNumber(precisionRecall.meanAveragePrecision)} %`}
      tools={
        <>
          {wanted.length > 1 && (
            <button type="button" class="plain link" onClick={onClear}>
              Mean only
            </button>
          )}
          <ClassSearch label="Add a class" labels={classes} onPick={onAdd} testId="curve-search" />
        </>
      }
      xName="recall %"
      series={series}
      xDomain={[0, 100]}
      yDomain={[0, 100]}
      yText={(value) => `${value} %`}
      valueText={(value) => `${value.toFixed(1)} %`}
      empty="No class has a curve."
      testId="curves"
      height={240}
    />
  );
}

function pointsOf(curve: readonly (readonly [number, number])[]): Series['points'] {
  return {
    x: curve.map(([recall]) => Math.round(recall * 1000) / 10),
    y: curve.map(([, precision]) => precision * 100),
  };
}
