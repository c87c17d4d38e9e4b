// A line chart on the page: the drawing as SVG, a readout under the pointer or the arrow keys, and the legend.
import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { useSize } from '../base/hooks.ts';
import { ChartFrame } from './chartFrame.tsx';
import { Legend } from './legend.tsx';
import { drawLines, type LineDrawing, type LineSpec, type Series } from './lineDrawing.ts';
import { lineTable } from './lineTable.ts';
import { nearest } from './points.ts';

interface LineChartProps extends LineSpec {
  title: string;
  /** The name of a file that the chart is saved to. */
  name: string;
  /** One line beside the title: what is drawn how. */
  subtitle?: string;
  /** Controls beside the title. */
  tools?: ComponentChildren;
  /** What the x axis counts, for the readout: "step". */
  xName: string;
  valueText: (value: number) => string;
  /** Shown in place of the lines while there are none. */
  empty: string;
  testId: string;
  /** Pixels; absent: 216. */
  height?: number;
  /** Where another chart of the same x axis is read, and who is told where this one is. */
  readAt?: number | undefined;
  onRead?: (x: number | undefined) => void;
}

export function LineChart(props: LineChartProps) {
  const { title, name, subtitle, tools, xName, valueText, empty, testId, height = 216, readAt, onRead } = props;
  const { series, xDomain, yDomain, dots, marks, pins, yText } = props;
  const [ref, { width }] = useSize<HTMLDivElement>();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [lifted, setLifted] = useState<string>();
  const [at, setOwnAt] = useState<number>();
  const setAt = (x: number | undefined) => {
    setOwnAt(x);
    onRead?.(x);
  };
  const shown = useMemo(() => series.filter((one) => !hidden.has(one.name)), [series, hidden]);
  // Not again while only the pointer moves.
  const drawing = useMemo(() => {
    const spec = { series: shown, xDomain, ...optional({ yDomain, dots, marks, pins, yText }) };
    return width > 0 ? drawLines(spec, width, height) : undefined;
  }, [shown, xDomain, yDomain, dots, marks, pins, yText, width, height]);
  const points = shown.reduce((sum, series) => sum + series.points.x.length, 0);
  const xs = useMemo(() => longest(shown), [shown]);

  const move = (index: number) => setAt(xs[Math.min(xs.length - 1, Math.max(0, index))]);
  const onKeyDown = (event: KeyboardEvent) => {
    const now = at === undefined ? xs.length - 1 : nearest(xs, at);
    const stride = event.shiftKey ? Math.max(1, Math.round(xs.length / 20)) : 1;
    if (event.key === 'ArrowLeft') move(now - stride);
    else if (event.key === 'ArrowRight') move(now + stride);
    else if (event.key === 'Home') move(0);
    else if (event.key === 'End') move(xs.length - 1);
    else if (event.key === 'Escape') setAt(undefined);
    else return;
    event.preventDefault();
  };
  const onPointerMove = (event: PointerEvent) => {
    if (!drawing || xs.length === 0) return;
    const x = event.clientX - (event.currentTarget as Element).getBoundingClientRect().left;
    setAt(xs[nearest(xs, drawing.valueAt(x))]);
  };

  return (
    <ChartFrame
      title={title}
      subtitle={subtitle}
      name={name}
      tools={tools}
      testId={testId}
      points={points}
      legend={shown}
      csv={() => lineTable(xName, shown)}
    >
      <Legend
        entries={series
          .filter(({ unlisted }) => !unlisted)
          .map(({ name, color, dash, points, figure }) => ({
            name,
            color,
            dash,
            value: figure ?? (points.y.length > 0 ? valueText(points.y.at(-1)!) : '–'),
          }))}
        hidden={hidden}
        onToggle={(name) => setHidden(toggled(hidden, name))}
        onLift={setLifted}
      />
      {/* biome-ignore lint/a11y/useSemanticElements: a chart with a moving readout is no native element. */}
      <div
        ref={ref}
        class="chart-area"
        style={{ height: `${height}px` }}
        role="group"
        aria-label={`${title}. Arrow keys read values out.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move the readout.
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerMove={onPointerMove}
        onPointerLeave={() => setAt(undefined)}
        onBlur={() => setAt(undefined)}
      >
        {drawing && <Drawing drawing={drawing} lifted={lifted} at={at ?? readAt} shown={shown} />}
        {points === 0 && <p class="chart-empty dim">{empty}</p>}
        {drawing && at !== undefined && (
          <Readout drawing={drawing} at={at} shown={shown} xName={xName} valueText={valueText} />
        )}
      </div>
    </ChartFrame>
  );
}

/** Without what is undefined. */
function optional(
  spec: { [K in keyof Omit<LineSpec, 'series' | 'xDomain'>]: LineSpec[K] | undefined },
): Partial<LineSpec> {
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined));
}

interface DrawingProps {
  drawing: LineDrawing;
  lifted: string | undefined;
  at: number | undefined;
  shown: readonly Series[];
}

function Drawing({ drawing, lifted, at, shown }: DrawingProps) {
  const { plot } = drawing;
  return (
    <svg width={drawing.width} height={drawing.height} aria-hidden="true">
      {drawing.yTicks.map((tick) => (
        <g key={tick.text}>
          <line class="grid" x1={plot.left} x2={plot.right} y1={tick.at} y2={tick.at} />
          <text class="tick" x={plot.left - 6} y={tick.at + 4} text-anchor="end">
            {tick.text}
          </text>
        </g>
      ))}
      <line class="axis" x1={plot.left} x2={plot.right} y1={plot.bottom} y2={plot.bottom} />
      {drawing.xTicks.map((tick) => (
        <text
          key={tick.text}
          class="tick"
          x={Math.min(tick.at, drawing.width - 3.4 * tick.text.length)}
          y={plot.bottom + 16}
          text-anchor="middle"
        >
          {tick.text}
        </text>
      ))}
      {drawing.marks.map((mark, i) => (
        <g key={mark.at}>
          {i > 0 && <line class="mark" x1={mark.at} x2={mark.at} y1={plot.top - 14} y2={plot.bottom} />}
          <text class="tick" x={mark.at + (i > 0 ? 4 : 0)} y={plot.top - 6}>
            {mark.text}
          </text>
        </g>
      ))}
      {drawing.pins.map((pin) => (
        <path key={pin.at} class="pin" d={`M${pin.at} ${plot.bottom - 4}l4 4l-4 4l-4 -4z`} data-testid="pin">
          <title>{pin.text}</title>
        </path>
      ))}
      {drawing.lines.map((line) => (
        <g key={line.name} class={lifted && lifted !== line.name ? 'line low' : 'line'} style={{ color: line.color }}>
          {line.faint && <path class="faint" d={line.faint} />}
          <path d={line.path} stroke-dasharray={line.dash} />
          {line.dots.map(([x, y]) => (
            <circle key={x} cx={x} cy={y} r={2.5} />
          ))}
        </g>
      ))}
      {at !== undefined && (
        <g data-transient>
          <line class="cursor" x1={drawing.xAt(at)} x2={drawing.xAt(at)} y1={plot.top} y2={plot.bottom} />
          {shown.map((series) => {
            const i = pointAt(series, at, drawing);
            if (i < 0) return null;
            const cx = drawing.xAt(series.points.x[i]!);
            return (
              <g key={series.name} class="line" style={{ color: series.color }}>
                <circle cx={cx} cy={drawing.yAt(series.points.y[i]!)} r={3.5} />
              </g>
            );
          })}
        </g>
      )}
    </svg>
  );
}

interface ReadoutProps {
  drawing: LineDrawing;
  at: number;
  shown: readonly Series[];
  xName: string;
  valueText: (value: number) => string;
}

function Readout({ drawing, at, shown, xName, valueText }: ReadoutProps) {
  const x = drawing.xAt(at);
  const leftHalf = x < (drawing.plot.left + drawing.plot.right) / 2;
  const place = leftHalf ? { left: `${x + 10}px` } : { right: `${drawing.width - x + 10}px` };
  return (
    <div class="readout" style={place} role="status">
      <div class="dim">
        {xName} {at.toLocaleString('en-US')}
      </div>
      {shown.map((series) => {
        const i = pointAt(series, at, drawing);
        return (
          <div class="row" key={series.name}>
            <span class="dot" style={{ color: series.color }} />
            <span class="clip-text spread">{series.name}</span>
            <span class="number">{i < 0 ? '–' : valueText(series.points.y[i]!)}</span>
          </div>
        );
      })}
    </div>
  );
}

/** The series' point at `at`, or within three pixels of it; −1 where it has none there. */
function pointAt(series: Series, at: number, drawing: LineDrawing): number {
  const i = nearest(series.points.x, at);
  return i >= 0 && Math.abs(drawing.xAt(series.points.x[i]!) - drawing.xAt(at)) <= 3 ? i : -1;
}

/** The x values of the series with the most points: what the readout steps over. */
function longest(series: readonly Series[]): readonly number[] {
  return series.reduce<readonly number[]>((best, one) => (one.points.x.length > best.length ? one.points.x : best), []);
}

function toggled(set: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(name)) next.add(name);
  return next;
}
