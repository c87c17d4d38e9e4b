// Bars of what was drawn against what was planned: one row a dataset, a tick where the plan stands now.
import { count } from '../../src/base/format.ts';

export interface PlannedBar {
  name: string;
  color: string;
  drawn: number;
  /** Planned up to now; undefined where no plan is known. */
  planned: number | undefined;
  /** Planned by the end of the run. */
  total: number | undefined;
}

export function PlannedBars({ bars, empty }: { bars: readonly PlannedBar[]; empty: string }) {
  const known = bars.some((bar) => bar.planned !== undefined);
  const full = Math.max(1, ...bars.map((bar) => Math.max(bar.drawn, bar.total ?? 0)));
  return (
    <section class="panel chart" data-testid="chart-drawn">
      <div class="chart-head">
        <h2>Samples drawn</h2>
        <span class="dim clip-text">{known ? 'mark: planned by now' : 'per dataset'}</span>
      </div>
      {bars.length === 0 && <p class="chart-empty-block dim">{empty}</p>}
      <div class="bars">
        {bars.map((bar) => (
          <div class="bar-row" key={bar.name} title={sentence(bar)}>
            <span class="row clip-text">
              <span class="dot" style={{ color: bar.color }} />
              <span class="clip-text">{bar.name}</span>
            </span>
            <span class="number">
              {count(bar.drawn)}
              {bar.planned !== undefined && <span class="dim"> / {count(bar.planned)}</span>}
            </span>
            <div class="bar" aria-hidden="true">
              {bar.total !== undefined && <div class="bar-room" style={{ width: `${(100 * bar.total) / full}%` }} />}
              <div class="bar-fill" style={{ width: `${(100 * bar.drawn) / full}%`, color: bar.color }} />
              {bar.planned !== undefined && (
                <div class="bar-tick" style={{ left: `${(100 * Math.min(bar.planned, full)) / full}%` }} />
              )}
            </div>
          </div>
        ))}
      </div>
    </section>
  );
}

function sentence(bar: PlannedBar): string {
  const drawn = `${count(bar.drawn)} samples of ${bar.name} drawn`;
  if (bar.planned === undefined || bar.total === undefined) return `${drawn}.`;
  return `${drawn}; about ${count(bar.planned)} planned by now, ${count(bar.total)} by the end.`;
}
