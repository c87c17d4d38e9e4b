// Whether the head is right as often as it says: for each range of confidence the share that was right, against the diagonal, and
// below how many samples fell there.

import { csvText } from '../../src/base/csv.ts';
import { count, percentNumber } from '../../src/base/format.ts';
import type { ShownEvaluation } from '../../src/protocol/evaluation.ts';
import { useSize } from '../base/hooks.ts';
import { ChartFrame } from '../charts/chartFrame.tsx';
import { linear } from '../charts/scale.ts';

type Calibration = NonNullable<ShownEvaluation['calibration']>;

const height = 262;
/** Of the strip that shows how many samples there are. */
const strip = 32;

export function ReliabilityChart({ evaluation }: { evaluation: ShownEvaluation }) {
  const [ref, { width }] = useSize<HTMLDivElement>();
  const { calibration, run, head } = evaluation;
  if (!calibration) return null;
  const { ece, nll, brier, bins } = calibration;
  const figures = [
    `ECE ${percentNumber(ece)} %`,
    ...(nll === null ? [] : [`NLL ${nll.toFixed(3)}`]),
    ...(brier === null ? [] : [`Brier ${brier.toFixed(3)}`]),
  ];
  const csv = () =>
    csvText([
      ['from', 'to', 'samples', 'mean_confidence', 'accuracy'],
      ...bins.map((bin, i) => [i / bins.length, (i + 1) / bins.length, bin.samples, bin.confidence, bin.accuracy]),
    ]);
  return (
    <ChartFrame
      title="Reliability"
      name={`${run}-${head}-reliability`}
      subtitle={figures.join(' · ')}
      csv={csv}
      testId="reliability"
    >
      <div ref={ref} class="chart-area">
        {width > 0 && <Drawing bins={bins} width={width} />}
      </div>
    </ChartFrame>
  );
}

function Drawing({ bins, width }: { bins: Calibration['bins']; width: number }) {
  const plot = { left: 40, right: Math.max(41, width - 10), top: 12, bottom: height - 30 - strip };
  const x = linear([0, 1], [plot.left, plot.right]);
  const y = linear([0, 1], [plot.bottom, plot.top]);
  const most = Math.max(1, ...bins.map(({ samples }) => samples));
  const marks = [0, 0.25, 0.5, 0.75, 1];
  const step = x(1 / bins.length) - x(0);
  return (
    <svg width={width} height={height} role="img" aria-label="Share of right answers over confidence">
      {marks.map((mark) => (
        <g key={mark}>
          <line class="grid" x1={plot.left} x2={plot.right} y1={y(mark)} y2={y(mark)} />
          <text class="tick" x={plot.left - 6} y={y(mark) + 4} text-anchor="end">
            {mark * 100} %
          </text>
          <text class="tick" x={Math.min(x(mark), width - 16)} y={height - 4} text-anchor="middle">
            {mark * 100}
          </text>
        </g>
      ))}
      {bins.map((bin, i) => {
        if (bin.accuracy === null || bin.confidence === null) return null;
        const [low, high] = [`${percentNumber(i / bins.length, 0)}`, `${percentNumber((i + 1) / bins.length, 0)} %`];
        return (
          <g key={low}>
            <title>
              {`Confidence ${low}–${high}: ${count(bin.samples)} samples, ${percentNumber(bin.accuracy)} % right, said ${percentNumber(bin.confidence)} %`}
            </title>
            <rect
              class="reliable"
              x={x(i / bins.length) + 1}
              width={Math.max(1, step - 2)}
              y={y(bin.accuracy)}
              height={plot.bottom - y(bin.accuracy)}
            />
            <rect
              class="said"
              x={x(i / bins.length) + 1}
              width={Math.max(1, step - 2)}
              y={y(bin.confidence) - 1}
              height={2}
            />
            <rect
              class="amount"
              x={x(i / bins.length) + 1}
              width={Math.max(1, step - 2)}
              y={plot.bottom + 8 + strip * (1 - bin.samples / most)}
              height={(strip * bin.samples) / most}
            />
          </g>
        );
      })}
      <line class="diagonal" x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} />
      <line class="axis" x1={plot.left} x2={plot.right} y1={plot.bottom} y2={plot.bottom} />
      <text class="tick" x={plot.left + 6} y={plot.top + 10}>
        right, of those with a confidence; lines: what was said
      </text>
    </svg>
  );
}
