// What others published for the dataset, around this run's own result: with what each was trained on and how it was judged, as far as
// that is stated. Figures of other protocols are shown beside, never as if they were the same.
import { csvText } from '../../src/base/csv.ts';
import { percentNumber } from '../../src/base/format.ts';
import type { ShownEvaluation } from '../../src/protocol/evaluation.ts';
import { useSize } from '../base/hooks.ts';
import { ChartFrame } from '../charts/chartFrame.tsx';
import { linear } from '../charts/scale.ts';

const rowHeight = 22;

export function PublishedTable({ evaluation }: { evaluation: ShownEvaluation }) {
  const [ref, { width }] = useSize<HTMLDivElement>();
  const { published, run, head, top1, top1Interval, protocol } = evaluation;
  if (!published) return null;
  const rows = [
    ...published.figures.map((figure) => ({ ...figure, own: false })),
    ...(top1 === null
      ? []
      : [{ method: run, top1, pretraining: '', training: '', protocol, source: 'this evaluation', own: true }]),
  ].sort((a, b) => b.top1 - a.top1);
  const csv = () =>
    csvText([
      ['method', 'top1', 'pretraining', 'training', 'protocol', 'source'],
      ...rows.map((row) => [row.method, row.top1, row.pretraining, row.training, row.protocol, row.source]),
    ]);
  const stated = (text: string | null) => text ?? <span class="dim">not stated</span>;
  const label = 150;
  const x = linear([0, 1], [label, Math.max(label + 1, width - 46)]);
  const height = rows.length * rowHeight + 6;
  return (
    <ChartFrame
      title={`Published on ${published.name}`}
      subtitle="top-1 in %; protocols differ"
      name={`${run}-${head}-published`}
      csv={csv}
      testId="published"
    >
      <div ref={ref} class="chart-area">
        {width > 0 && (
          <svg width={width} height={height} aria-hidden="true">
            {rows.map((row, i) => (
              <g key={row.method} class={row.own ? 'reference own' : 'reference'}>
                <text x={label - 8} y={i * rowHeight + 15} text-anchor="end">
                  {row.method.length > 22 ? `${row.method.slice(0, 21)}…` : row.method}
                </text>
                <line class="rail" x1={x(0)} x2={x(1)} y1={i * rowHeight + 11} y2={i * rowHeight + 11} />
                {row.own && top1Interval && (
                  <line
                    class="interval"
                    x1={x(top1Interval[0])}
                    x2={x(top1Interval[1])}
                    y1={i * rowHeight + 11}
                    y2={i * rowHeight + 11}
                  />
                )}
                <circle cx={x(row.top1)} cy={i * rowHeight + 11} r={4} />
                <text x={width} y={i * rowHeight + 15} text-anchor="end">
                  {percentNumber(row.top1)}
                </text>
              </g>
            ))}
          </svg>
        )}
      </div>
      <div class="wide-table">
        <table>
          <thead>
            <tr>
              <th>method</th>
              <th class="number">top-1 %</th>
              <th>pre-training</th>
              <th>training</th>
              <th>protocol</th>
              <th>source</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.method} class={row.own ? 'own' : ''}>
                <td>{row.method}</td>
                <td class="number">{percentNumber(row.top1)}</td>
                <td>{stated(row.pretraining)}</td>
                <td>{stated(row.training)}</td>
                <td>{stated(row.protocol)}</td>
                <td>{row.source}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </ChartFrame>
  );
}
