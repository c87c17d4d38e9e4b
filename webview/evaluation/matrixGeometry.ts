// Where the cells of a confusion matrix lie. Rows and columns here are places in the shown order, not classes; pixels
// are those of the viewport, whose labels stay while the cells scroll under them.

export interface Geometry {
  classes: number;
  /** Side of a cell in pixels. */
  cell: number;
  /** Room for the labels. */
  left: number;
  top: number;
  scrollX: number;
  scrollY: number;
  /** The viewport. */
  width: number;
  height: number;
}

export interface Place {
  row: number;
  column: number;
}

/** Sides a cell may have; `fit` takes the largest that shows all of the matrix, `zoomed` steps through them. */
export const cellSides = [1, 2, 3, 4, 6, 8, 11, 14, 18, 22, 26, 32, 40, 52, 64] as const;

/** The largest side at which all cells fit beside the labels; 1 where none does. */
export function fitSide(classes: number, width: number, height: number, left: number, top: number): number {
  const room = Math.min(width - left, height - top) / Math.max(1, classes);
  return cellSides.findLast((side) => side <= room) ?? cellSides[0];
}

/** The side `steps` sizes above (or below) `side`. */
export function zoomed(side: number, steps: number): number {
  const index = cellSides.findIndex((one) => one >= side);
  return cellSides[Math.min(cellSides.length - 1, Math.max(0, index + steps))]!;
}

/** The place under a point of the viewport, or undefined over labels and beyond the cells. */
export function placeAt(geometry: Geometry, x: number, y: number): Place | undefined {
  if (x < geometry.left || y < geometry.top) return undefined;
  const column = Math.floor((x - geometry.left + geometry.scrollX) / geometry.cell);
  const row = Math.floor((y - geometry.top + geometry.scrollY) / geometry.cell);
  return row < geometry.classes && column < geometry.classes ? { row, column } : undefined;
}

/** The upper left corner of a place in the viewport. */
export function cornerOf(geometry: Geometry, place: Place): { x: number; y: number } {
  return {
    x: geometry.left + place.column * geometry.cell - geometry.scrollX,
    y: geometry.top + place.row * geometry.cell - geometry.scrollY,
  };
}

/** Half-open ranges of the rows and columns of which something shows. */
export function visibleRange(geometry: Geometry): { rows: [number, number]; columns: [number, number] } {
  const range = (scroll: number, room: number): [number, number] => [
    Math.max(0, Math.floor(scroll / geometry.cell)),
    Math.min(geometry.classes, Math.ceil((scroll + Math.max(0, room)) / geometry.cell)),
  ];
  return {
    rows: range(geometry.scrollY, geometry.height - geometry.top),
    columns: range(geometry.scrollX, geometry.width - geometry.left),
  };
}

/**
 * The scroll position nearest to the present one at which the whole of `place` shows; with `centred`, one that puts it
 * in the middle where it does not show yet.
 */
export function scrollTo(geometry: Geometry, place: Place, centred = false): { x: number; y: number } {
  const along = (at: number, scroll: number, room: number) => {
    const start = at * geometry.cell;
    const end = start + geometry.cell;
    if (start >= scroll && end <= scroll + room) return scroll;
    if (centred) return Math.max(0, Math.round((start + end - room) / 2));
    return start < scroll ? start : end - room;
  };
  return {
    x: along(place.column, geometry.scrollX, geometry.width - geometry.left),
    y: along(place.row, geometry.scrollY, geometry.height - geometry.top),
  };
}

/** Where a key moves a place: arrows one cell, Page keys ten, Home and End along the row; undefined: not a move. */
export function moved(place: Place, key: string, classes: number): Place | undefined {
  const clamp = (value: number) => Math.min(classes - 1, Math.max(0, value));
  const by = (rows: number, columns: number) => ({
    row: clamp(place.row + rows),
    column: clamp(place.column + columns),
  });
  switch (key) {
    case 'ArrowUp':
      return by(-1, 0);
    case 'ArrowDown':
      return by(1, 0);
    case 'ArrowLeft':
      return by(0, -1);
    case 'ArrowRight':
      return by(0, 1);
    case 'PageUp':
      return by(-10, 0);
    case 'PageDown':
      return by(10, 0);
    case 'Home':
      return { row: place.row, column: 0 };
    case 'End':
      return { row: place.row, column: classes - 1 };
    default:
      return undefined;
  }
}
