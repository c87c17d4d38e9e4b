// Where the cells of a confusion matrix lie. Rows and columns here are places in the shown order, not classes; pixels
// are CSS pixels of the viewport, whose labels stay while the cells move under them. Cells may be of any size, also smaller than
// a pixel.

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

/** What a person moves: how large the cells are, and which pixel of the matrix lies in the upper left corner. */
export interface View {
  cell: number;
  x: number;
  y: number;
}

/** Largest side of a cell. */
export const largest = 64;
/** What one step of the keyboard or a button enlarges by. */
export const zoomStep = 1.4;

/** The side at which all cells fit beside the labels: whole pixels where there is room for them. */
export function fitSide(classes: number, width: number, height: number, left: number, top: number): number {
  const room = Math.max(1, Math.min(width - left, height - top)) / Math.max(1, classes);
  return Math.min(largest, room >= 1 ? Math.floor(room) : room);
}

/** The nearest view that exists: no smaller than all of the matrix, and no room beside it while it is larger than the viewport. */
export function settled(view: View, geometry: Omit<Geometry, 'cell' | 'scrollX' | 'scrollY'>): Geometry {
  const { classes, width, height, left, top } = geometry;
  const least = fitSide(classes, width, height, left, top);
  const cell = Math.min(Math.max(largest, least), Math.max(least, view.cell));
  const within = (value: number, room: number) => Math.max(0, Math.min(value, classes * cell - room));
  return { ...geometry, cell, scrollX: within(view.x, width - left), scrollY: within(view.y, height - top) };
}

/** The view enlarged by `factor` such that what lies under a point of the viewport stays there. */
export function zoomedAt(geometry: Geometry, factor: number, x: number, y: number): View {
  const least = fitSide(geometry.classes, geometry.width, geometry.height, geometry.left, geometry.top);
  const cell = Math.min(largest, Math.max(least, geometry.cell * factor));
  const ratio = cell / geometry.cell;
  const along = (at: number, scroll: number) => (scroll + at) * ratio - at;
  return {
    cell,
    x: along(Math.max(0, x - geometry.left), geometry.scrollX),
    y: along(Math.max(0, y - geometry.top), geometry.scrollY),
  };
}

/** The place under a point of the viewport, or undefined over labels and beyond the cells. */
export function placeAt(geometry: Geometry, x: number, y: number): Place | undefined {
  if (x < geometry.left || y < geometry.top || x >= geometry.width || y >= geometry.height) return undefined;
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
