// Where the cards of the grid stand: as many columns as fit, posters of 4:3, lines of text below.
import type { Box } from './card.tsx';

const leastWidth = 148;
const gap = 10;
const margin = 4;
const line = 17;
const padding = 6;
/** Room below the last row for the actions, which stand over it; in several lines, where it is narrow, they tell how much. */
export const leastFoot = 48;

export interface Grid {
  columns: number;
  /** Pixels from one row to the next. */
  rowHeight: number;
  heightOf(total: number): number;
  /** Of the row of a place, from the top of all. */
  topOf(place: number): number;
  /** Places whose cards are at least partly in view, `top` being that of the first whole row. */
  placesAt(top: number, height: number, total: number): { first: number; last: number; top: number };
  /** A card's box in the view. */
  boxOf(place: number, top: number): Box;
}

/** For a frame so many pixels wide, with `foot` pixels free at its end; cards have a third line where predictions are shown. */
export function gridOf(frameWidth: number, isJudged: boolean, foot: number): Grid {
  const inside = Math.max(leastWidth, frameWidth - 2 * margin);
  const columns = Math.max(1, Math.floor((inside + gap) / (leastWidth + gap)));
  const width = Math.floor((inside - gap * (columns - 1)) / columns);
  const picture = Math.round((width - 2 * padding) * 0.75);
  const height = picture + (isJudged ? 3 : 2) * line + 2 * padding + 4;
  const rowHeight = height + gap;
  const rowOf = (place: number) => Math.floor(place / columns);
  return {
    columns,
    rowHeight,
    heightOf: (total) => Math.ceil(total / columns) * rowHeight + margin + foot,
    topOf: (place) => rowOf(place) * rowHeight,
    placesAt: (top, view, total) => {
      const row = Math.floor(top / rowHeight);
      const last = Math.floor((top + Math.max(0, view - 1)) / rowHeight);
      return {
        first: Math.min(row * columns, Math.max(0, total - 1)),
        last: Math.min(total, (last + 1) * columns) - 1,
        top: Math.min(Math.ceil((top - margin) / rowHeight) * columns, Math.max(0, total - 1)),
      };
    },
    boxOf: (place, top) => ({
      x: margin + (place % columns) * (width + gap),
      y: margin + rowOf(place) * rowHeight - top,
      ...{ width, height, picture },
    }),
  };
}
