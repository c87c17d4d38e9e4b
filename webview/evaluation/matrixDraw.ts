// Paints the visible part of a confusion matrix: the cells as one stretched copy of its texture; lines and numbers only where
// cells are large enough for them; labels, and bands over the rows and columns that are pointed at or chosen.
import { percentNumber } from '../../src/base/format.ts';
import type { CanvasTheme } from '../base/theme.ts';
import type { Matrix } from './confusion.ts';
import { cornerOf, type Geometry, type Place, visibleRange } from './matrixGeometry.ts';
import type { Paint, Palette, Textures } from './matrixTexture.ts';
import { readableOn } from './ramp.ts';

export interface MatrixPicture {
  matrix: Matrix;
  /** Place → class. */
  order: readonly number[];
  paint: Paint;
  textures: Textures;
  palette: Palette;
  /** Row and column whose labels stand out. */
  pointed: Place | undefined;
  chosen: Place | undefined;
}

/** Paints onto `context`, whose units are CSS pixels of `ratio` device pixels. */
export function drawMatrix(
  context: CanvasRenderingContext2D,
  picture: MatrixPicture,
  geometry: Geometry,
  theme: CanvasTheme,
  ratio: number,
): void {
  const { left, top, width, height } = geometry;
  context.clearRect(0, 0, width, height);
  context.save();
  context.beginPath();
  context.rect(left, top, width - left, height - top);
  context.clip();
  drawCells(context, picture, geometry, ratio);
  if (geometry.cell >= 6) drawLines(context, geometry, theme);
  if (geometry.cell >= 18) drawNumbers(context, picture, geometry, theme);
  if (theme.highContrast) drawFrame(context, geometry, theme);
  drawMarks(context, picture, geometry, theme);
  drawThumbs(context, geometry, theme);
  context.restore();
  drawLabels(context, picture, geometry, theme);
}

function drawCells(
  context: CanvasRenderingContext2D,
  { textures }: MatrixPicture,
  geometry: Geometry,
  ratio: number,
): void {
  const { cell, left, top, width, height, classes } = geometry;
  const { canvas, cells } = textures.for(cell * ratio);
  const { x, y } = cornerOf(geometry, { row: 0, column: 0 });
  const side = cells * cell;
  // Only the pixels that show: stretching all of a large picture costs time even where it is clipped.
  const from = (corner: number, edge: number) => Math.max(0, Math.floor((edge - corner) / side));
  const to = (corner: number, edge: number, most: number) => Math.min(most, Math.ceil((edge - corner) / side));
  const [x0, y0] = [from(x, left), from(y, top)];
  const [x1, y1] = [to(x, width, canvas.width), to(y, height, canvas.height)];
  if (x1 <= x0 || y1 <= y0) return;
  context.imageSmoothingEnabled = false;
  // The last pixel of a smaller picture may stand for fewer cells: what lies beyond the matrix is clipped.
  const clip = cells > 1;
  if (clip) {
    context.save();
    context.beginPath();
    context.rect(x, y, classes * cell, classes * cell);
    context.clip();
  }
  context.drawImage(
    canvas,
    ...[x0, y0, x1 - x0, y1 - y0],
    ...([x + x0 * side, y + y0 * side, (x1 - x0) * side, (y1 - y0) * side] as const),
  );
  if (clip) context.restore();
}

function drawLines(context: CanvasRenderingContext2D, geometry: Geometry, theme: CanvasTheme): void {
  const { rows, columns } = visibleRange(geometry);
  const { cell, classes } = geometry;
  const { x, y } = cornerOf(geometry, { row: 0, column: 0 });
  context.fillStyle = theme.background;
  for (let i = Math.max(1, columns[0]); i < columns[1]; i++)
    context.fillRect(Math.round(x + i * cell) - 1, y, 1, classes * cell);
  for (let i = Math.max(1, rows[0]); i < rows[1]; i++)
    context.fillRect(x, Math.round(y + i * cell) - 1, classes * cell, 1);
}

/** Where empty cells look like the page, the matrix has a frame. */
function drawFrame(context: CanvasRenderingContext2D, geometry: Geometry, theme: CanvasTheme): void {
  const { x, y } = cornerOf(geometry, { row: 0, column: 0 });
  const side = geometry.classes * geometry.cell;
  context.lineWidth = 1;
  context.strokeStyle = theme.grid;
  context.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);
}

function drawNumbers(
  context: CanvasRenderingContext2D,
  { matrix, order, paint, textures, palette }: MatrixPicture,
  geometry: Geometry,
  theme: CanvasTheme,
): void {
  const { rows, columns } = visibleRange(geometry);
  const { cell } = geometry;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.font = `${cell >= 22 ? 11 : 10}px ${theme.font}`;
  for (let row = rows[0]; row < rows[1]; row++) {
    for (let column = columns[0]; column < columns[1]; column++) {
      const truth = order[row]!;
      const value = matrix.values[truth * order.length + order[column]!]!;
      if (value === 0) continue;
      const text = cellText(value, matrix.sums[truth]!, paint);
      if (text.length * 6.5 > cell) continue;
      const level = textures.levelAt(row, column);
      const color = level > 0 ? palette.strong[level]! : palette.other[-level]!;
      context.fillStyle = readableOn([color & 255, (color >> 8) & 255, (color >> 16) & 255]);
      const { x, y } = cornerOf(geometry, { row, column });
      context.fillText(text, x + (cell - 1) / 2, y + (cell - 1) / 2 + 0.5);
    }
  }
}

/** The number in a cell: a count, or a share in percent; of a difference with its sign. */
export function cellText(value: number, sum: number, { normalised, difference }: Paint): string {
  const number = normalised ? percentNumber(Math.abs(value) / (sum || 1), 0) : String(Math.abs(value));
  return `${difference ? (value < 0 ? '−' : '+') : ''}${number}`;
}

function drawMarks(
  context: CanvasRenderingContext2D,
  { pointed, chosen }: MatrixPicture,
  geometry: Geometry,
  theme: CanvasTheme,
): void {
  const { cell, classes } = geometry;
  const whole = cornerOf(geometry, { row: 0, column: 0 });
  for (const place of [chosen, pointed]) {
    if (!place) continue;
    const { x, y } = cornerOf(geometry, place);
    const band = Math.max(1, cell);
    if (cell < 10) {
      context.globalAlpha = 0.16;
      context.fillStyle = theme.foreground;
      context.fillRect(whole.x, y, classes * cell, band);
      context.fillRect(x, whole.y, band, classes * cell);
    } else {
      // Large cells keep their colours: their row and column are only framed.
      context.globalAlpha = 0.5;
      context.lineWidth = 1;
      context.strokeStyle = theme.foreground;
      context.strokeRect(whole.x - 0.5, y - 0.5, classes * cell, band);
      context.strokeRect(x - 0.5, whole.y - 0.5, band, classes * cell);
    }
    context.globalAlpha = 1;
    const side = Math.max(4, cell - 1);
    context.lineWidth = place === chosen ? 2 : 1;
    context.strokeStyle = place === chosen ? theme.foreground : theme.accent;
    context.strokeRect(x - 0.5, y - 0.5, side + 1, side + 1);
  }
}

/** Where in the whole the part that shows lies, where that is not all: a bar along the lower and the right edge. */
function drawThumbs(context: CanvasRenderingContext2D, geometry: Geometry, theme: CanvasTheme): void {
  const { classes, cell, left, top, width, height, scrollX, scrollY } = geometry;
  const all = classes * cell;
  const thumb = (room: number, scroll: number) => [(scroll / all) * room, Math.max(16, (room / all) * room)] as const;
  context.globalAlpha = 0.4;
  context.fillStyle = theme.foreground;
  if (all > width - left + 1) {
    const [at, size] = thumb(width - left, scrollX);
    context.fillRect(left + at, height - 4, size, 3);
  }
  if (all > height - top + 1) {
    const [at, size] = thumb(height - top, scrollY);
    context.fillRect(width - 4, top + at, 3, size);
  }
  context.globalAlpha = 1;
}

function drawLabels(
  context: CanvasRenderingContext2D,
  { matrix, order, pointed, chosen }: MatrixPicture,
  geometry: Geometry,
  theme: CanvasTheme,
): void {
  const { labels } = matrix;
  const { cell, left, top } = geometry;
  const { rows, columns } = visibleRange(geometry);
  const every = Math.max(1, Math.ceil(13 / cell));
  const first = Math.floor(every / 2);
  /** Next to those that stand out, the thinned labels give way; a pointed one goes before a chosen one. */
  const shown = (index: number, at: number | undefined, also: number | undefined) => {
    if (index === at) return true;
    const isFree = (other: number | undefined) => other === undefined || Math.abs(index - other) >= every;
    return isFree(at) && (index === also || (index % every === first && isFree(also)));
  };
  const style = (stands: boolean) => {
    context.fillStyle = stands ? theme.foreground : theme.dim;
    context.font = `${stands ? '600 ' : ''}11px ${theme.font}`;
  };
  context.textBaseline = 'middle';
  context.save();
  context.beginPath();
  context.rect(0, top, left, geometry.height - top);
  context.clip();
  context.textAlign = 'right';
  for (let row = rows[0]; row < rows[1]; row++) {
    if (!shown(row, pointed?.row, chosen?.row)) continue;
    style(row === pointed?.row || row === chosen?.row);
    const { y } = cornerOf(geometry, { row, column: 0 });
    context.fillText(shortened(context, labels[order[row]!]!, left - 12), left - 6, Math.max(top + 6, y + cell / 2));
  }
  context.restore();
  context.save();
  context.beginPath();
  context.rect(left, 0, geometry.width - left, top);
  context.clip();
  context.textAlign = 'left';
  context.rotate(-Math.PI / 2);
  for (let column = columns[0]; column < columns[1]; column++) {
    if (!shown(column, pointed?.column, chosen?.column)) continue;
    style(column === pointed?.column || column === chosen?.column);
    const { x } = cornerOf(geometry, { row: 0, column });
    context.fillText(shortened(context, labels[order[column]!]!, top - 12), 6 - top, Math.max(left + 6, x + cell / 2));
  }
  context.restore();
  context.fillStyle = theme.dim;
  context.font = `italic 11px ${theme.font}`;
  context.textAlign = 'right';
  context.fillText('predicted →', left - 6, top - 22);
  context.fillText('truth ↓', left - 6, top - 8);
}

/** Room the labels need, within reason: all of them, or without the longest of ten, which is cut. */
export function labelRoom(
  context: CanvasRenderingContext2D,
  labels: readonly string[],
  font: string,
  share: 1 | 0.9,
): number {
  context.font = `600 11px ${font}`;
  // Measuring thousands of labels for a few pixels is not worth it: the longest by letters is close enough.
  const byLength = [...labels].sort((a, b) => a.length - b.length);
  const longest = byLength[Math.ceil(share * labels.length) - 1] ?? '';
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
