// Bars of what was drawn against what was planned: one row a dataset, a tick where the plan stands now.
import { csvText } from '../../src/base/csv.ts';
import { count } from '../../src/base/format.ts';
import { useSize } from '../base/hooks.ts';
import { ChartFrame } from './chartFrame.tsx';

export interface PlannedBar {
  name: string;
  color: string;
  drawn: number;
  /** Planned up to now; undefined where no plan is known. */
  planned: number | undefined;
  /** Planned by the end of the run. */
  total: number | undefined;
}

const rowHeight = 42;

export function PlannedBars({ bars, empty, name }: { bars: readonly PlannedBar[]; empty: string; name: string }) {
  const [ref, { width }] = useSize<HTMLDivElement>();
  const known = bars.some((bar) => bar.planned !== undefined);
  const full = Math.max(1, ...bars.map((bar) => Math.max(bar.drawn, bar.total ?? 0)));
  const at = (samples: number) => (width * Math.min(samples, full)) / full;
  return (
    <ChartFrame
      testId="chart-drawn"
      title="Samples drawn"
      subtitle={known ? 'of those planned by now, which the mark shows' : 'per dataset'}
      name={name}
      csv={() => barTable(bars)}
    >
      <div ref={ref} class="bars">
        {bars.length === 0 && <p class="chart-empty-block dim">{empty}</p>}
        {bars.length > 0 && width > 0 && (
          <svg width={width} height={rowHeight * bars.length} role="img" aria-label={bars.map(sentence).join(' ')}>
            {bars.map((bar, i) => (
              <g key={bar.name} transform={`translate(0 ${i * rowHeight})`}>
                <title>{sentence(bar)}</title>
                <rect width={width} height={rowHeight - 4} fill="transparent" />
                <circle cx={4} cy={13} r={4} style={{ fill: bar.color }} />
                <text class="bar-name" x={14} y={17}>
                  {shortened(bar.name, width)}
                </text>
                <text class="bar-count" x={width} y={17} text-anchor="end">
                  {count(bar.drawn)}
                  {bar.planned !== undefined && <tspan class="bar-plan"> / {count(bar.planned)}</tspan>}
                </text>
                {bar.total !== undefined && <rect class="bar-room" y={24} width={at(bar.total)} height={8} rx={2} />}
                <rect y={24} width={at(bar.drawn)} height={8} rx={2} style={{ fill: bar.color }} />
                {bar.planned !== undefined && (
                  <rect class="bar-tick" x={Math.max(0, at(bar.planned) - 1)} y={21} width={2} height={14} />
                )}
              </g>
            ))}
          </svg>
        )}
      </div>
    </ChartFrame>
  );
}

/** What fits beside the counts, at about seven pixels a letter. */
function shortened(name: string, width: number): string {
  const letters = Math.max(6, Math.floor((width - 130) / 7));
  return name.length > letters ? `${name.slice(0, letters - 1)}…` : name;
}

function barTable(bars: readonly PlannedBar[]): string {
  const rows = bars.map(({ name, drawn, planned, total }) => [name, drawn, planned, total]);
  return csvText([['dataset', 'drawn', 'planned by now', 'planned in all'], ...rows]);
}

function sentence(bar: PlannedBar): string {
  const drawn = `${count(bar.drawn)} samples of ${bar.name} drawn`;
  if (bar.planned === undefined || bar.total === undefined) return `${drawn}.`;
  return `${drawn}; about ${count(bar.planned)} planned by now, ${count(bar.total)} by the end.`;
}
