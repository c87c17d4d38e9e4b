// The cells of a matrix as pixels: one each, in the shown order, and smaller pictures of the same in which a pixel stands for
// several cells and shows the strongest. Drawing is then one copy, whatever the number of classes.
import type { CanvasTheme } from '../base/theme.ts';
import type { Matrix } from './confusion.ts';
import { type Channels, cssOf, luminance, mixed, rampOf, strengthOf } from './ramp.ts';

export interface Palette {
  empty: number;
  /** 256 colours each: right answers and mistakes; of a difference what became more and what became fewer. */
  strong: Uint32Array;
  other: Uint32Array;
}

export interface Paint {
  /** Shares of each row instead of counts. */
  normalised: boolean;
  /** Values are differences, with a sign. */
  difference: boolean;
}

/** The theme's colours for the cells. */
export function paletteOf(theme: CanvasTheme, difference: boolean): Palette {
  const contrast: Channels = luminance(theme.paper) < 0.4 ? [255, 255, 255] : [0, 0, 0];
  const empty = mixed(theme.paper, contrast, theme.highContrast ? 0 : 0.05);
  return {
    empty: rampOf(empty, empty)[0]!,
    strong: rampOf(theme.paper, theme.right),
    other: rampOf(theme.paper, difference ? theme.fewer : theme.wrong),
  };
}

/** The value that is drawn strongest: the largest count or change, or the whole of a row. */
export function mostOf({ values, sums, labels }: Matrix, { normalised, difference }: Paint): number {
  if (normalised && !difference) return 1;
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const value = Math.abs(values[i]!);
    const shown = normalised ? value / (sums[Math.floor(i / labels.length)]! || 1) : value;
    if (shown > most) most = shown;
  }
  return most || 1;
}

/** What of a cell is drawn: its colour's place in the ramp (0 … 255), negative for the other ramp; 0 for an empty cell. */
export function levelsOf(matrix: Matrix, order: readonly number[], paint: Paint): Int16Array {
  const n = order.length;
  const most = mostOf(matrix, paint);
  const levels = new Int16Array(n * n);
  for (let row = 0; row < n; row++) {
    const truth = order[row]!;
    const scale = paint.normalised ? 1 / (matrix.sums[truth]! || 1) : 1;
    for (let column = 0; column < n; column++) {
      const predicted = order[column]!;
      const value = matrix.values[truth * n + predicted]!;
      if (value === 0) continue;
      const level = Math.round(255 * strengthOf(value * scale, most));
      const isStrong = paint.difference ? value > 0 : truth === predicted;
      levels[row * n + column] = isStrong ? level : -level;
    }
  }
  return levels;
}

/** The same with half the side: of four cells the strongest. */
export function halved(levels: Int16Array, side: number): { levels: Int16Array; side: number } {
  const half = Math.ceil(side / 2);
  const smaller = new Int16Array(half * half);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const level = levels[row * side + column]!;
      const at = (row >> 1) * half + (column >> 1);
      if (Math.abs(level) > Math.abs(smaller[at]!)) smaller[at] = level;
    }
  }
  return { levels: smaller, side: half };
}

/** What a cell of a pixel or two adds to its strength, of 255: so small, it has to be stronger to be seen at all. */
const boost = 110;
/** Cells of fewer device pixels are so small. */
const smallest = 4;

export function pixelsOf(
  levels: Int16Array,
  { empty, strong, other }: Palette,
  small: boolean,
): Uint32Array<ArrayBuffer> {
  const pixels = new Uint32Array(levels.length);
  for (let i = 0; i < levels.length; i++) {
    const level = levels[i]!;
    if (level === 0) {
      pixels[i] = empty;
      continue;
    }
    const size = Math.abs(level);
    const shown = small ? Math.round(boost + (size * (255 - boost)) / 255) : size;
    pixels[i] = level > 0 ? strong[shown]! : other[shown]!;
  }
  return pixels;
}

/** Pictures of the matrix, each half as large as the one before; made as they are needed. */
export class Textures {
  private readonly made: { levels: Int16Array; side: number; canvas?: HTMLCanvasElement }[];
  /** Of cells large enough to be seen without help. */
  private large: HTMLCanvasElement | undefined;

  constructor(
    levels: Int16Array,
    side: number,
    private readonly palette: Palette,
  ) {
    this.made = [{ levels, side }];
  }

  /** The colour of an empty cell. */
  get empty(): string {
    return cssOf(this.palette.empty);
  }

  /** The picture for cells of `pixels` device pixels, and how many cells a pixel of it stands for. */
  for(pixels: number): { canvas: HTMLCanvasElement; cells: number } {
    // A pixel of the picture is never smaller than one of the screen, or some would be lost.
    const halvings = pixels > 0.999 ? 0 : Math.min(8, Math.ceil(Math.log2(1 / pixels)));
    while (this.made.length <= halvings) {
      const last = this.made.at(-1)!;
      this.made.push(halved(last.levels, last.side));
    }
    const one = this.made[halvings]!;
    if (pixels >= smallest) {
      this.large ??= painted(one.levels, one.side, this.palette, false);
      return { canvas: this.large, cells: 1 };
    }
    one.canvas ??= painted(one.levels, one.side, this.palette, true);
    return { canvas: one.canvas, cells: 2 ** halvings };
  }

  /** The level of a place, for its text's colour. */
  levelAt(row: number, column: number): number {
    const { levels, side } = this.made[0]!;
    return levels[row * side + column] ?? 0;
  }
}

function painted(levels: Int16Array, side: number, palette: Palette, small: boolean): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  const bytes = new Uint8ClampedArray(pixelsOf(levels, palette, small).buffer);
  canvas.getContext('2d')!.putImageData(new ImageData(bytes, side, side), 0, 0);
  return canvas;
}
