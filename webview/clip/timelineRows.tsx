// The timeline's drawing: a row of cells for each head, and the time below. All that does not move with the film: it is drawn when
// windows arrive, not with every frame.
import { memo } from 'preact/compat';
import { clock } from '../../src/base/format.ts';
import type { HeadPredictions } from '../../src/protocol/events.ts';
import type { TimelinePlan } from '../../src/protocol/predictions.ts';
import { seriesColor } from '../base/theme.ts';
import { cellOf } from './timelineModel.ts';

/** Pixels. */
const gutter = 112;
export const rowHeight = 22;
export const axisHeight = 20;

/** From seconds to pixels and back; the rows begin behind their names. */
export class Scale {
  private readonly width: number;

  constructor(
    private readonly plan: TimelinePlan,
    width: number,
  ) {
    this.width = Math.max(1, width - gutter);
  }

  x(time: number): number {
    return gutter + ((time - this.plan.from) / (this.plan.to - this.plan.from)) * this.width;
  }

  time(x: number): number {
    const share = Math.min(1, Math.max(0, (x - gutter) / this.width));
    return this.plan.from + share * (this.plan.to - this.plan.from);
  }
}

interface RowsProps {
  plan: TimelinePlan;
  windows: readonly HeadPredictions[];
  /** Names, a line each. */
  heads: string;
  width: number;
  colours: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export const Rows = memo(({ plan, windows, heads, width, colours }: RowsProps) => {
  const scale = new Scale(plan, width);
  const names = heads.split('\n');
  return (
    <g>
      {names.map((head, row) => (
        <g key={head}>
          <text class="timeline-head" x={0} y={row * rowHeight + 15}>
            <title>{head}</title>
            {head.length > 16 ? `${head.slice(0, 15)}…` : head}
          </text>
          <rect
            class="timeline-empty"
            x={gutter}
            y={row * rowHeight + 2}
            width={scale.x(plan.to) - gutter}
            height={rowHeight - 4}
          />
          {windows.map((window, i) => {
            const best = window[head]?.[0];
            if (!best) return null;
            const { start, end } = cellOf(plan, i);
            const colour = colours.get(head)?.get(best.label);
            return (
              <rect
                key={i}
                class="timeline-cell"
                x={scale.x(start)}
                y={row * rowHeight + 2}
                width={Math.max(1, scale.x(end) - scale.x(start))}
                height={rowHeight - 4}
                style={{
                  fill: colour === undefined ? 'var(--vscode-descriptionForeground)' : seriesColor(colour),
                  fillOpacity: 0.3 + 0.7 * best.probability,
                }}
              />
            );
          })}
        </g>
      ))}
      {marks(plan, width).map((time) => (
        <g key={time}>
          <line class="timeline-mark" x1={scale.x(time)} x2={scale.x(time)} y1={0} y2={names.length * rowHeight + 4} />
          <text class="timeline-time" x={scale.x(time) + 3} y={names.length * rowHeight + 15}>
            {shortClock(time)}
          </text>
        </g>
      ))}
    </g>
  );
});

/** Round times, about one for every 90 pixels. */
function marks({ from, to }: TimelinePlan, width: number): number[] {
  const wanted = (to - from) / Math.max(1, (width - gutter) / 90);
  const step = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].find((each) => each >= wanted) ?? 7200;
  const first = Math.ceil(from / step);
  // The last one needs room for its text.
  const room = (60 * (to - from)) / Math.max(1, width - gutter);
  return Array.from({ length: Math.max(0, Math.floor((to - room) / step) - first + 1) }, (_, i) => (first + i) * step);
}

function shortClock(time: number): string {
  return Number.isInteger(time) ? clock(time).replace(/\.00$/, '') : clock(time).replace(/0$/, '');
}
