// A line chart as a pure function: from series and a size to everything that is drawn. No DOM, no colours resolved.
import { count } from '../../src/base/format.ts';
import { decimate, extent, type Points } from './points.ts';
import { type Domain, linear, ticks, tickText, widen } from './scale.ts';

export interface Series {
  name: string;
  color: string;
  /** As `stroke-dasharray`; absent: a whole line. */
  dash?: string | undefined;
  points: Points;
  /** Beside its name in the legend; absent: its last value. */
  figure?: string;
  /** Left out of the legend, where something else on the page says what it is. */
  unlisted?: boolean;
  /** The same line before smoothing, drawn faintly behind. */
  faint?: Points;
}

export interface LineSpec {
  series: readonly Series[];
  /** Fixed ends of the x axis. */
  xDomain: Domain;
  /** Fixed ends of the y axis; absent: from the data, with 0. */
  yDomain?: Domain;
  /** Points are marked where there are few of them. */
  dots?: boolean;
  /** Places on the x axis worth a line, for example where a stage begins. */
  marks?: readonly { x: number; text: string }[];
  /** Single places on the x axis, marked on it: a checkpoint. */
  pins?: readonly { x: number; text: string }[];
  yText?: (value: number) => string;
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface LineDrawing {
  width: number;
  height: number;
  plot: Box;
  xTicks: { at: number; text: string }[];
  yTicks: { at: number; text: string }[];
  lines: {
    name: string;
    color: string;
    dash: string | undefined;
    path: string;
    faint: string;
    dots: [number, number][];
  }[];
  marks: { at: number; text: string }[];
  pins: { at: number; text: string }[];
  xAt: (value: number) => number;
  yAt: (value: number) => number;
  /** The data's x under a pixel. */
  valueAt: (pixel: number) => number;
}

/** A letter's width at the size of the axes' texts, in pixels. */
const textWidth = 6.2;

/** Lays a line chart out on `width` × `height` CSS pixels. */
export function drawLines(spec: LineSpec, width: number, height: number): LineDrawing {
  const yDomain = spec.yDomain ?? dataDomain(spec.series);
  const yValues = ticks(yDomain, Math.max(2, height / 44));
  const yTexts = spec.yText ? yValues.map(spec.yText) : tickText(yValues);
  const gutter = 10 + textWidth * Math.max(1, ...yTexts.map((text) => text.length));
  const plot = { left: gutter, top: 18, right: Math.max(gutter + 1, width - 10), bottom: Math.max(19, height - 22) };
  const xAt = linear(spec.xDomain, [plot.left, plot.right]);
  const yAt = linear(yDomain, [plot.bottom, plot.top]);
  const xValues = ticks(spec.xDomain, Math.max(2, (plot.right - plot.left) / 80), true);
  const xTexts = tickText(xValues);
  const most = Math.max(64, Math.round((plot.right - plot.left) * 2));
  const path = (points: Points) => linePath(decimate(points, most), xAt, yAt);
  return {
    width,
    height,
    plot,
    xTicks: xValues.map((value, i) => ({ at: xAt(value), text: xTexts[i]! })),
    yTicks: yValues.map((value, i) => ({ at: yAt(value), text: yTexts[i]! })),
    lines: spec.series.map((series) => ({
      name: series.name,
      color: series.color,
      dash: series.dash,
      path: path(series.points),
      faint: series.faint ? path(series.faint) : '',
      dots:
        spec.dots && series.points.x.length <= 60
          ? series.points.x.map((x, i) => [xAt(x), yAt(series.points.y[i]!)])
          : [],
    })),
    marks: placed(
      (spec.marks ?? []).map((mark) => ({ at: xAt(mark.x), text: mark.text })),
      plot.right,
    ),
    pins: (spec.pins ?? []).map((pin) => ({ at: xAt(pin.x), text: `step ${count(pin.x)}: ${pin.text}` })),
    xAt,
    yAt,
    valueAt: linear([plot.left, plot.right], spec.xDomain),
  };
}

/** Marks keep their line, but lose a text that would run into the next one or off the plot. */
function placed(marks: { at: number; text: string }[], right: number): { at: number; text: string }[] {
  return marks.map(({ at, text }, i) => {
    const room = (marks[i + 1]?.at ?? right) - at;
    return { at, text: text.length * textWidth + 8 <= room ? text : '' };
  });
}

/** From 0 (or the lowest value, if below) to a round value above the highest. */
function dataDomain(series: readonly Series[]): Domain {
  const [low, high] = extent(series.flatMap((one) => [one.points.y, one.faint?.y ?? []])) ?? [0, 1];
  const ends: Domain = [Math.min(0, low), Math.max(high, low + 1e-9)];
  return ends[0] === ends[1] ? [ends[0], ends[0] + 1] : widen(ends, 4);
}

function linePath(points: Points, xAt: (x: number) => number, yAt: (y: number) => number): string {
  let path = '';
  for (let i = 0; i < points.x.length; i++) {
    path += `${i === 0 ? 'M' : 'L'}${xAt(points.x[i]!).toFixed(1)} ${yAt(points.y[i]!).toFixed(1)}`;
  }
  return path;
}
