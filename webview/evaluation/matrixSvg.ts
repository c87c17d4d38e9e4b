// A confusion matrix as outlines and texts, for a file: all of it, whatever part the page shows. Only for a hundred classes or so:
// beyond that a picture is smaller and reads as well.
import type { CanvasTheme } from '../base/theme.ts';
import { namespace, put, text } from '../charts/svg.ts';
import type { Matrix } from './confusion.ts';
import { cellText } from './matrixDraw.ts';
import { levelsOf, type Paint, type Palette } from './matrixTexture.ts';
import { cssOf, readableOn } from './ramp.ts';

export const mostInSvg = 100;

const letter = 6.2;

/** Laid out outside of what the page shows, so that its looks can be computed; gone with the next task. */
export function matrixSvg(
  matrix: Matrix,
  order: readonly number[],
  paint: Paint,
  palette: Palette,
  theme: CanvasTheme,
): SVGSVGElement {
  const n = order.length;
  const cell = n <= 24 ? 28 : 14;
  const longest = Math.max(0, ...matrix.labels.map((label) => label.length));
  const room = Math.min(320, Math.max(76, longest * letter + 16));
  const side = room + n * cell + 1;
  const svg = put(document.createElementNS(namespace, 'svg'), { width: side, height: side });
  svg.style.position = 'absolute';
  svg.style.left = '-20000px';
  svg.style.fontFamily = theme.font;
  svg.style.fontSize = '11px';
  const levels = levelsOf(matrix, order, paint);
  svg.append(rect(room, room, n * cell, n * cell, cssOf(palette.empty)));
  order.forEach((index, place) => {
    const label = matrix.labels[index]!;
    const middle = room + (place + 0.5) * cell;
    const looks = { fill: theme.foreground, 'font-size': 11 };
    svg.append(text(label, { ...looks, x: room - 6, y: middle + 4, 'text-anchor': 'end' }));
    svg.append(text(label, { ...looks, x: 0, y: 0, transform: `translate(${middle + 4} ${room - 6}) rotate(-90)` }));
  });
  levels.forEach((level, at) => {
    if (level === 0) return;
    const [row, column] = [Math.floor(at / n), at % n];
    const color = level > 0 ? palette.strong[level]! : palette.other[-level]!;
    const [x, y] = [room + column * cell, room + row * cell];
    svg.append(rect(x, y, cell - 1, cell - 1, cssOf(color)));
    const truth = order[row]!;
    const number = cellText(matrix.values[truth * n + order[column]!]!, matrix.sums[truth]!, paint);
    if (number.length * letter > cell) return;
    const fill = readableOn([color & 255, (color >> 8) & 255, (color >> 16) & 255]);
    svg.append(
      text(number, { fill, 'font-size': 10, x: x + (cell - 1) / 2, y: y + cell / 2 + 3.5, 'text-anchor': 'middle' }),
    );
  });
  document.body.append(svg);
  setTimeout(() => svg.remove());
  return svg;
}

function rect(x: number, y: number, width: number, height: number, fill: string): SVGElement {
  return put(document.createElementNS(namespace, 'rect'), { x, y, width, height, fill });
}
