// The confusion matrix on a canvas: dragged, zoomed at the pointer, walked by the keyboard, with a readout that says in words where
// one is. Moving draws by itself, once a frame; the page only hears of it when it has come to rest. Data attributes tell tests
// where which class lies.
import type { RefObject } from 'preact';
import { useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useSize, useThemeVersion } from '../base/hooks.ts';
import { canvasTheme } from '../base/theme.ts';
import type { Cell, Matrix as MatrixData } from './confusion.ts';
import { drawMatrix, labelRoom } from './matrixDraw.ts';
import {
  cornerOf,
  fitSide,
  type Geometry,
  moved,
  type Place,
  placeAt,
  scrollTo,
  settled,
  type View,
  zoomedAt,
  zoomStep,
} from './matrixGeometry.ts';
import { levelsOf, type Paint, paletteOf, Textures } from './matrixTexture.ts';

export interface MatrixControl {
  /** Enlarges around the chosen cell where it shows, else around the middle. */
  zoom(factor: number): void;
  fit(): void;
  /** Puts a class's own cell into the middle, its cells large enough to be seen. */
  show(index: number): void;
}

interface MatrixProps {
  matrix: MatrixData;
  /** Place → class. */
  order: readonly number[];
  paint: Paint;
  /** Where the person was; undefined: all of the matrix. */
  view: View | undefined;
  selected: Cell | undefined;
  describe: (cell: Cell) => string;
  onSelect: (cell: Cell) => void;
  onView: (view: View | undefined) => void;
  control: RefObject<MatrixControl | null>;
}

/** A press that moves less is a click. */
const slack = 4;
/** A cell that was searched for is at least so large. */
const findable = 14;
const restMs = 250;

export function Matrix(props: MatrixProps) {
  const { matrix, order, paint, selected, describe, onSelect, onView, control } = props;
  const [frame, { width }] = useSize<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const themeVersion = useThemeVersion();
  const [hoverAt, setHover] = useState<Place>();
  const [cursorAt, setCursor] = useState<Place>();
  const theme = useMemo(canvasTheme, [themeVersion]);
  const { left, top } = useMemo(() => {
    const context = document.createElement('canvas').getContext('2d')!;
    const room = (share: 1 | 0.9) => labelRoom(context, matrix.labels, theme.font, share);
    // Beside the rows a long label costs little; above the columns it takes height from the cells.
    return { left: room(1), top: room(0.9) };
  }, [matrix.labels, theme]);
  const { normalised, difference } = paint;
  const palette = useMemo(() => paletteOf(theme, difference), [theme, difference]);
  const textures = useMemo(
    () => new Textures(levelsOf(matrix, order, { normalised, difference }), order.length, palette),
    [matrix, order, normalised, difference, palette],
  );

  const classes = order.length;
  const tallest = Math.max(320, Math.min(900, window.innerHeight * 0.85));
  const height = Math.round(Math.min(tallest, top + classes * fitSide(classes, width, tallest, left, top)));
  const shape = { classes, left, top, width: Math.floor(width), height };
  const view = useRef(props.view);
  const geometry = (): Geometry => settled(view.current ?? { cell: 0, x: 0, y: 0 }, shape);
  // A matrix may come with fewer classes than the one that was pointed at.
  const within = (place: Place | undefined) =>
    place && place.row < classes && place.column < classes ? place : undefined;
  const [hover, cursor] = [within(hoverAt), within(cursorAt)];
  const pointed = hover ?? cursor;
  const chosen = useMemo(() => selected && placeOf(selected, order), [selected, order]);

  const draw = useRef(() => {});
  draw.current = () => {
    const element = canvas.current;
    if (!element || width === 0) return;
    const ratio = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(shape.width * ratio), Math.round(height * ratio)];
    if (element.width !== w) element.width = w;
    if (element.height !== h) element.height = h;
    const context = element.getContext('2d')!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const now = geometry();
    drawMatrix(context, { matrix, order, paint, textures, palette, pointed, chosen }, now, theme, ratio);
    const data = frame.current!.dataset;
    data.cell = String(now.cell);
    data.x = String(now.scrollX);
    data.y = String(now.scrollY);
  };
  useLayoutEffect(() => draw.current());

  const waiting = useRef(0);
  const resting = useRef<ReturnType<typeof setTimeout>>(undefined);
  /** Shows another part: on the canvas with the next frame, to the page once it rests. */
  const look = (next: View | undefined) => {
    view.current = next;
    setHover(undefined);
    waiting.current ||= requestAnimationFrame(() => {
      waiting.current = 0;
      draw.current();
    });
    clearTimeout(resting.current);
    resting.current = setTimeout(() => onView(view.current), restMs);
  };
  useEffect(
    () => () => {
      cancelAnimationFrame(waiting.current);
      clearTimeout(resting.current);
    },
    [],
  );
  // Another matrix (of another head, or of groups) has other places: all of it shows.
  const size = useRef(classes);
  if (size.current !== classes) {
    size.current = classes;
    view.current = undefined;
  }

  const zoom = (factor: number, at?: { x: number; y: number }) => {
    const now = geometry();
    const corner = cursor ?? chosen;
    const place = at ?? (corner && middleOf(now, corner));
    const { x, y } = place ?? { x: (now.left + now.width) / 2, y: (now.top + now.height) / 2 };
    const next = zoomedAt(now, factor, x, y);
    look(isAll(next.cell, shape) ? undefined : next);
  };
  const show = (index: number) => {
    const side = Math.max(geometry().cell, findable);
    const middle = (order.indexOf(index) + 0.5) * side;
    look({ cell: side, x: middle - (shape.width - left) / 2, y: middle - (height - top) / 2 });
  };
  useImperativeHandle(control, () => ({ zoom: (factor) => zoom(factor), fit: () => look(undefined), show }));

  const wheel = useRef((_: WheelEvent) => {});
  const scrolled = useRef(0);
  wheel.current = (event) => {
    const now = geometry();
    const out = event.deltaY > 0;
    // All of it shows already, or the page itself is being scrolled and the matrix only came under the pointer.
    if ((out && isAll(now.cell, shape)) || performance.now() - scrolled.current < restMs) return;
    event.preventDefault();
    const box = canvas.current!.getBoundingClientRect();
    const lines = event.deltaMode === 0 ? 1 : 33;
    const factor = Math.exp(-Math.max(-200, Math.min(200, event.deltaY * lines)) * 0.002);
    zoom(factor, { x: event.clientX - box.left, y: event.clientY - box.top });
  };
  useEffect(() => {
    const element = frame.current!;
    const onWheel = (event: WheelEvent) => wheel.current(event);
    const onScroll = () => {
      scrolled.current = performance.now();
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    window.addEventListener('scroll', onScroll, { passive: true, capture: true });
    return () => {
      element.removeEventListener('wheel', onWheel);
      window.removeEventListener('scroll', onScroll, { capture: true });
    };
  }, []);

  // A cell chosen elsewhere (in a list, by a search) comes into view.
  const chosenKey = chosen && `${chosen.row},${chosen.column}`;
  useEffect(() => {
    if (!chosen || width === 0) return;
    setCursor((old) => old && chosen);
    reveal(chosen, true);
  }, [chosenKey, width > 0]);

  function reveal(place: Place, centred = false): void {
    const now = geometry();
    const [x, y] = [now.scrollX, now.scrollY];
    const next = scrollTo(now, place, centred);
    if (next.x !== x || next.y !== y) look({ cell: now.cell, ...next });
  }

  const cellAt = (place: Place): Cell => ({ truth: order[place.row]!, predicted: order[place.column]! });

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const from = cursor ?? chosen ?? { row: 0, column: 0 };
    if (event.key === 'Enter' || event.key === ' ') onSelect(cellAt(from));
    else if (event.key === '+' || event.key === '=') zoom(zoomStep);
    else if (event.key === '-' || event.key === '_') zoom(1 / zoomStep);
    else if (event.key === '0') look(undefined);
    else {
      const next = moved(from, event.key, classes);
      if (!next) return;
      setHover(undefined);
      setCursor(next);
      reveal(next);
    }
    event.preventDefault();
  };

  const under = (event: PointerEvent | MouseEvent) => {
    const box = canvas.current!.getBoundingClientRect();
    return placeAt(geometry(), event.clientX - box.left, event.clientY - box.top);
  };
  const press = useRef<{ x: number; y: number; from: Geometry; moving: boolean }>(undefined);
  const onPointerMove = (event: PointerEvent) => {
    const held = press.current;
    if (!held) {
      const place = under(event);
      if (place?.row !== hover?.row || place?.column !== hover?.column) setHover(place);
      return;
    }
    const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
    held.moving ||= Math.hypot(dx, dy) >= slack;
    if (held.moving && !isAll(held.from.cell, shape))
      look({ cell: held.from.cell, x: held.from.scrollX - dx, y: held.from.scrollY - dy });
  };
  const now = geometry();
  return (
    <div class="matrix-frame">
      <div
        ref={frame}
        class="matrix"
        role="application"
        aria-label="Confusion matrix: rows are the truth, columns what was predicted. Arrow keys move, Enter selects, plus and minus zoom, 0 shows all."
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard moves over the cells; no native element does that.
        tabIndex={0}
        style={{ height: `${height}px` }}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          // A click focuses too, but the pointer says already where it is.
          if (event.currentTarget.matches(':focus-visible')) setCursor(chosen ?? { row: 0, column: 0 });
        }}
        onBlur={() => setCursor(undefined)}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          press.current = { x: event.clientX, y: event.clientY, from: geometry(), moving: false };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={onPointerMove}
        onPointerUp={(event) => {
          const held = press.current;
          press.current = undefined;
          const place = held && !held.moving ? under(event) : undefined;
          if (place) onSelect(cellAt(place));
        }}
        onPointerCancel={() => {
          press.current = undefined;
        }}
        onPointerLeave={() => setHover(undefined)}
        data-testid="confusion"
        data-left={left}
        data-top={top}
        data-classes={classes}
        data-order={JSON.stringify(order)}
      >
        <canvas ref={canvas} class="matrix-canvas" style={{ width: `${shape.width}px`, height: `${height}px` }} />
      </div>
      {pointed && <Words geometry={now} place={pointed} text={describe(cellAt(pointed))} />}
    </div>
  );
}

/** Whether cells of a side show all of the matrix at once. */
function isAll(
  cell: number,
  { classes, width, height, left, top }: Omit<Geometry, 'cell' | 'scrollX' | 'scrollY'>,
): boolean {
  return cell <= fitSide(classes, width, height, left, top) * 1.001;
}

function middleOf(geometry: Geometry, place: Place): { x: number; y: number } | undefined {
  const { x, y } = cornerOf(geometry, place);
  const middle = { x: x + geometry.cell / 2, y: y + geometry.cell / 2 };
  return placeAt(geometry, middle.x, middle.y) ? middle : undefined;
}

/** The cell under the pointer or the keyboard, in words, beside it. */
function Words({ geometry, place, text }: { geometry: Geometry; place: Place; text: string }) {
  const { x, y } = cornerOf(geometry, place);
  const right = x > geometry.width * 0.55;
  const below = y < geometry.height * 0.6;
  const style = {
    [right ? 'right' : 'left']: `${right ? geometry.width - x + 6 : x + geometry.cell + 6}px`,
    [below ? 'top' : 'bottom']: `${below ? y + geometry.cell + 6 : geometry.height - y + 6}px`,
  };
  return (
    <div class="readout matrix-words" style={style} role="status" data-testid="cell-words">
      {text}
    </div>
  );
}

function placeOf(cell: Cell, order: readonly number[]): Place | undefined {
  const row = order.indexOf(cell.truth);
  const column = order.indexOf(cell.predicted);
  return row < 0 || column < 0 ? undefined : { row, column };
}
