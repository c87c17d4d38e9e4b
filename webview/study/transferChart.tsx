// Who helps whom: sources down, targets across; each cell has the target's accuracy and, in the same size, what that is above training
// from scratch. Blue is above, orange below, both the stronger the more.
import { csvText } from '../../src/base/csv.ts';
import type { TransferMatrix } from '../../src/protocol/studies.ts';
import { useSize } from '../base/hooks.ts';
import { ChartFrame } from '../charts/chartFrame.tsx';
import { accuracyText, differenceText, seedsText } from './texts.ts';

const [rowHeight, top, left] = [44, 26, 150];

interface TransferChartProps {
  name: string;
  matrix: TransferMatrix;
  seeds: readonly number[];
}

export function TransferChart({ name, matrix, seeds }: TransferChartProps) {
  const [ref, { width }] = useSize<HTMLDivElement>();
  const { sources, targets, accuracies, gains } = matrix;
  const csv = () =>
    csvText([
      ['source', 'target', 'top1_mean', 'top1_deviation', 'above_scratch_mean', 'above_scratch_deviation'],
      ...sources.flatMap((source, i) =>
        targets.map((target, j) => {
          const [value, gain] = [accuracies[i]?.[j], gains[i]?.[j]];
          return [source, target, value?.mean, value?.deviation, gain?.mean, gain?.deviation];
        }),
      ),
    ]);
  const side = targets.length === 0 ? 0 : Math.max(96, Math.min(190, (width - left) / targets.length));
  const most = Math.max(0.001, ...gains.flat().map((gain) => Math.abs(gain?.mean ?? 0)));
  return (
    <ChartFrame
      title="Transfer"
      subtitle="source ↓ target →; top-1 in % on held-out samples, and the points above scratch"
      name={`${name}-transfer`}
      csv={csv}
      testId="transfer"
    >
      <div ref={ref} class="chart-area transfer">
        {width > 0 && (
          <svg
            width={left + side * targets.length}
            height={top + rowHeight * sources.length}
            role="img"
            aria-label="Transfer from each source to each target"
          >
            {targets.map((target, j) => (
              <text key={target} class="tick" x={left + side * (j + 0.5)} y={16} text-anchor="middle">
                {short(target, side - 12)}
              </text>
            ))}
            {sources.map((source, i) => (
              <g key={source}>
                <text class="tick" x={left - 8} y={top + rowHeight * (i + 0.5) + 4} text-anchor="end">
                  {short(source, left - 12)}
                </text>
                {targets.map((target, j) => {
                  const [value, gain] = [accuracies[i]?.[j], gains[i]?.[j]];
                  const middle = left + side * (j + 0.5);
                  const strength = gain ? 0.1 + 0.34 * Math.sqrt(Math.abs(gain.mean) / most) : 0;
                  return (
                    <g key={target} class={gain && gain.mean < 0 ? 'below' : 'above'}>
                      <title>
                        {`${source} → ${target}\n${seedsText(value, seeds)}${gain ? `\nabove scratch: ${differenceText(gain)}` : ''}`}
                      </title>
                      <rect
                        class="cell"
                        x={left + side * j + 1}
                        y={top + rowHeight * i + 1}
                        width={side - 2}
                        height={rowHeight - 2}
                        fill-opacity={strength}
                      />
                      <text x={middle} y={top + rowHeight * i + (gain ? 18 : 26)} text-anchor="middle">
                        {accuracyText(value)}
                      </text>
                      {gain && (
                        <text x={middle} y={top + rowHeight * i + 35} text-anchor="middle">
                          {differenceText(gain)}
                        </text>
                      )}
                    </g>
                  );
                })}
              </g>
            ))}
          </svg>
        )}
      </div>
    </ChartFrame>
  );
}

function short(text: string, width: number): string {
  const most = Math.max(4, Math.floor(width / 7));
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
