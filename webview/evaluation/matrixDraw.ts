// Paints the visible part of a confusion matrix. Right answers in the accent, mistakes in red, both the stronger the
// more there are; the square root keeps a single mistake visible beside hundreds of right answers.
import type { CanvasTheme } from '../base/theme.ts';
import type { FilledCell } from './confusion.ts';
import { cornerOf, type Geometry, type Place, visibleRange } from './matrixGeometry.ts';

export interface MatrixPicture {
  labels: readonly string[];
  /** The cells that are not empty; a matrix of 700 classes has half a million that are. */
  filled: readonly FilledCell[];
  /** Place → class, and back. */
  order: readonly number[];
  places: readonly number[];
  sums: readonly number[];
  /** Shares of each row instead of counts. */
  normalised: boolean;
  /** Row and column whose labels stand out. */
  pointed: Place | undefined;
}

/** Paints onto `context`, whose units are CSS pixels. */
export function drawMatrix(
  context: CanvasRenderingContext2D,
  picture: MatrixPicture,
  geometry: Geometry,
  theme: CanvasTheme,
): void {
  context.clearRect(0, 0, geometry.width, geometry.height);
  drawCells(context, picture, geometry, theme);
  drawLabels(context, picture, geometry, theme);
}

function drawCells(
  context: CanvasRenderingContext2D,
  picture: MatrixPicture,
  geometry: Geometry,
  theme: CanvasTheme,
): void {
  const { filled, sums, normalised } = picture;
  const { cell } = geometry;
  const { rows, columns } = visibleRange(geometry);
  const n = geometry.classes;
  const most = normalised ? 1 : filled.reduce((best, one) => Math.max(best, one.times), 1);
  const gap = cell >= 6 ? 1 : 0;
  // A cell of a pixel or two has to be stronger to be seen at all.
  const faintest = cell <= 4 ? 0.45 : 0.16;
  context.save();
  context.beginPath();
  context.rect(geometry.left, geometry.top, geometry.width - geometry.left, geometry.height - geometry.top);
  context.clip();
  const area = cornerOf(geometry, { row: 0, column: 0 });
  context.fillStyle = blend(theme.paper, channelsOf(theme), 0.05);
  context.fillRect(area.x, area.y, n * cell, n * cell);
  if (gap > 0) {
    context.fillStyle = theme.background;
    for (let i = columns[0]; i <= columns[1]; i++) context.fillRect(area.x + i * cell - 1, area.y, 1, n * cell);
    for (let i = rows[0]; i <= rows[1]; i++) context.fillRect(area.x, area.y + i * cell - 1, n * cell, 1);
  }
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.font = `${cell >= 22 ? 11 : 10}px ${theme.font}`;
  for (const { truth, predicted, times } of filled) {
    const row = picture.places[truth]!;
    const column = picture.places[predicted]!;
    if (row < rows[0] || row >= rows[1] || column < columns[0] || column >= columns[1]) continue;
    const value = normalised ? times / sums[truth]! : times;
    const strength = faintest + (1 - faintest) * Math.sqrt(value / most);
    const ink = truth === predicted ? theme.right : theme.wrong;
    const { x, y } = cornerOf(geometry, { row, column });
    context.fillStyle = blend(theme.paper, ink, strength);
    context.fillRect(x, y, cell - gap, cell - gap);
    if (cell < 18) continue;
    const text = normalised ? String(Math.round(value * 100)) : String(times);
    if (text.length * 6.5 > cell) continue;
    context.fillStyle = readable(theme.paper, ink, strength);
    context.fillText(text, x + (cell - gap) / 2, y + (cell - gap) / 2 + 0.5);
  }
  context.restore();
}

function drawLabels(
  context: CanvasRenderingContext2D,
  picture: MatrixPicture,
  geometry: Geometry,
  theme: CanvasTheme,
): void {
  const { labels, order, pointed } = picture;
  const { cell, left, top } = geometry;
  const { rows, columns } = visibleRange(geometry);
  const every = Math.max(1, Math.ceil(13 / cell));
  const shown = (index: number, at: number | undefined) =>
    // Next to the pointed one, the thinned labels give way.
    index === at || (index % every === 0 && (at === undefined || Math.abs(index - at) >= every));
  const style = (isPointed: boolean) => {
    context.fillStyle = isPointed ? theme.foreground : theme.dim;
    context.font = `${isPointed ? '600 ' : ''}11px ${theme.font}`;
  };
  context.textBaseline = 'middle';
  context.save();
  context.beginPath();
  context.rect(0, top, left, geometry.height - top);
  context.clip();
  context.textAlign = 'right';
  for (let row = rows[0]; row < rows[1]; row++) {
    if (!shown(row, pointed?.row)) continue;
    style(row === pointed?.row);
    const { y } = cornerOf(geometry, { row, column: 0 });
    context.fillText(shortened(context, labels[order[row]!]!, left - 12), left - 6, Math.max(top + 6, y + cell / 2));
  }
  context.restore();
  context.save();
  context.beginPath();
  context.rect(left, 0, geometry.width - left, top);
  context.clip();
  context.textAlign = 'left';
  for (let column = columns[0]; column < columns[1]; column++) {
    if (!shown(column, pointed?.column)) continue;
    style(column === pointed?.column);
    const { x } = cornerOf(geometry, { row: 0, column });
    context.save();
    context.translate(Math.max(left + 6, x + cell / 2), top - 6);
    context.rotate(-Math.PI / 2);
    context.fillText(shortened(context, labels[order[column]!]!, top - 12), 0, 0);
    context.restore();
  }
  context.restore();
  context.fillStyle = theme.dim;
  context.font = `italic 11px ${theme.font}`;
  context.textAlign = 'right';
  context.fillText('predicted →', left - 6, top - 22);
  context.fillText('truth ↓', left - 6, top - 8);
}

/** Room the longest label needs, within reason. */
export function labelRoom(context: CanvasRenderingContext2D, classes: readonly string[], font: string): number {
  context.font = `600 11px ${font}`;
  // Measuring thousands of labels for a few pixels is not worth it: the longest by letters is close enough.
  const longest = classes.reduce((best, label) => (label.length > best.length ? label : best), '');
  return Math.min(150, Math.max(76, Math.ceil(context.measureText(longest).width) + 14));
}

const shortenedLabels = new Map<string, string>();

function shortened(context: CanvasRenderingContext2D, label: string, room: number): string {
  const key = `${room} ${label}`;
  const known = shortenedLabels.get(key);
  if (known !== undefined) return known;
  let text = label;
  while (text.length > 1 && context.measureText(text).width > room) text = `${text.slice(0, -2).trimEnd()}…`;
  if (shortenedLabels.size > 10_000) shortenedLabels.clear();
  shortenedLabels.set(key, text);
  return text;
}

type Channels = readonly [number, number, number];

function channelsOf(theme: CanvasTheme): Channels {
  return luminance(theme.paper) < 0.4 ? [255, 255, 255] : [0, 0, 0];
}

function mix(paper: Channels, ink: Channels, strength: number): Channels {
  const one = (i: 0 | 1 | 2) => Math.round(paper[i] + (ink[i] - paper[i]) * strength);
  return [one(0), one(1), one(2)];
}

function blend(paper: Channels, ink: Channels, strength: number): string {
  return `rgb(${mix(paper, ink, strength).join(' ')})`;
}

/** Black or white, whichever is easier to read on the blended colour. */
function readable(paper: Channels, ink: Channels, strength: number): string {
  return luminance(mix(paper, ink, strength)) > 0.36 ? '#000000' : '#ffffff';
}

/** Relative luminance (WCAG), 0 … 1. */
function luminance(color: Channels): number {
  const [r, g, b] = color.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
