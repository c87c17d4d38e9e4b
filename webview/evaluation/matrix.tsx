// The confusion matrix: a canvas for the cells, a scroller around it, and a readout that says in words where
// the keyboard or the pointer is. Its data attributes tell tests where which class lies.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Evaluation } from '../../src/protocol/evaluation.ts';
import { useSize, useThemeVersion } from '../base/hooks.ts';
import { canvasTheme } from '../base/theme.ts';
import { type Cell, cellSentence, filledCells } from './confusion.ts';
import { drawMatrix, labelRoom } from './matrixDraw.ts';
import { cornerOf, fitSide, type Geometry, moved, type Place, placeAt, scrollTo } from './matrixGeometry.ts';

interface MatrixProps {
  evaluation: Evaluation;
  /** Place → class. */
  order: readonly number[];
  sums: readonly number[];
  normalised: boolean;
  /** Side of a cell; undefined: as large as fits. */
  side: number | undefined;
  selected: Cell | undefined;
  onSelect: (cell: Cell) => void;
  /** The side that is shown, for the zoom buttons. */
  onSide: (side: number) => void;
}

const scrollBar = 12;

export function Matrix({ evaluation, order, sums, normalised, side, selected, onSelect, onSide }: MatrixProps) {
  const [scroller, { width }] = useSize<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const themeVersion = useThemeVersion();
  const [scroll, setScroll] = useState({ x: 0, y: 0 });
  const [hover, setHover] = useState<Place>();
  const [cursor, setCursor] = useState<Place>();
  const classes = order.length;
  const theme = useMemo(canvasTheme, [themeVersion]);
  const room = useMemo(() => {
    const context = document.createElement('canvas').getContext('2d')!;
    return labelRoom(context, evaluation.classes, theme.font);
  }, [evaluation, theme]);

  const filled = useMemo(() => filledCells(evaluation), [evaluation]);
  const places = useMemo(() => {
    const list = new Array<number>(order.length).fill(0);
    order.forEach((one, place) => {
      list[one] = place;
    });
    return list;
  }, [order]);

  const tallest = Math.max(300, Math.min(680, window.innerHeight * 0.5));
  const cell = side ?? fitSide(classes, width, tallest, room, room);
  const full = { width: room + classes * cell, height: room + classes * cell };
  const wide = full.width > width;
  const height = Math.min(tallest, full.height) + (wide ? scrollBar : 0);
  const geometry: Geometry = {
    classes,
    cell,
    left: room,
    top: room,
    scrollX: scroll.x,
    scrollY: scroll.y,
    width: Math.max(0, Math.floor(width) - (full.height > tallest ? scrollBar : 0)),
    height: height - (wide ? scrollBar : 0),
  };
  const pointed = hover ?? cursor;
  const chosen = selected && placeOf(selected, order);

  useEffect(() => onSide(cell), [cell, onSide]);

  useLayoutEffect(() => {
    const element = canvas.current;
    if (!element || geometry.width === 0) return;
    const ratio = window.devicePixelRatio || 1;
    const size = [Math.round(geometry.width * ratio), Math.round(geometry.height * ratio)] as const;
    if (element.width !== size[0]) element.width = size[0];
    if (element.height !== size[1]) element.height = size[1];
    const context = element.getContext('2d')!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const labels = evaluation.classes;
    drawMatrix(context, { labels, filled, order, places, sums, normalised, pointed }, geometry, theme);
  });

  // A cell chosen elsewhere (in a list) comes into view.
  const chosenKey = chosen && `${chosen.row},${chosen.column},${cell}`;
  useEffect(() => {
    if (!chosen || !scroller.current) return;
    setCursor((old) => old && chosen);
    reveal(chosen, true);
  }, [chosenKey]);

  function reveal(place: Place, centred = false): void {
    const { x, y } = scrollTo(geometry, place, centred);
    scroller.current?.scrollTo(x, y);
  }

  function cellAt(place: Place): Cell {
    return { truth: order[place.row]!, predicted: order[place.column]! };
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const from = cursor ?? chosen ?? { row: 0, column: 0 };
    if (event.key === 'Enter' || event.key === ' ') onSelect(cellAt(from));
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
    return placeAt(geometry, event.clientX - box.left, event.clientY - box.top);
  };

  return (
    <div class="matrix-frame">
      <div
        ref={scroller}
        class="matrix"
        role="application"
        aria-label="Confusion matrix: rows are the truth, columns what was predicted. Arrow keys move, Enter selects."
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard moves over the cells; no native element does that.
        tabIndex={0}
        style={{ height: `${height}px` }}
        onScroll={(event) => setScroll({ x: event.currentTarget.scrollLeft, y: event.currentTarget.scrollTop })}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          // A click focuses too, but the pointer says already where it is.
          if (event.currentTarget.matches(':focus-visible')) setCursor(chosen ?? { row: 0, column: 0 });
        }}
        onBlur={() => setCursor(undefined)}
        onPointerMove={(event) => {
          const place = under(event);
          if (place?.row !== hover?.row || place?.column !== hover?.column) setHover(place);
        }}
        onPointerLeave={() => setHover(undefined)}
        onClick={(event) => {
          const place = under(event);
          if (place) onSelect(cellAt(place));
        }}
        data-testid="confusion"
        data-cell={cell}
        data-left={room}
        data-top={room}
        data-order={JSON.stringify(order)}
      >
        <div class="matrix-room" style={{ width: `${full.width}px`, height: `${full.height}px` }}>
          <canvas
            ref={canvas}
            class="matrix-canvas"
            style={{ width: `${geometry.width}px`, height: `${geometry.height}px` }}
          />
        </div>
      </div>
      {chosen && <Mark geometry={geometry} place={chosen} kind="chosen" />}
      {pointed && (
        <>
          <Mark geometry={geometry} place={pointed} kind="pointed" />
          <Words geometry={geometry} place={pointed} text={cellSentence(evaluation, cellAt(pointed), sums)} />
        </>
      )}
    </div>
  );
}

/** A frame around a cell, where it is in view. */
function Mark({ geometry, place, kind }: { geometry: Geometry; place: Place; kind: 'chosen' | 'pointed' }) {
  const { x, y } = cornerOf(geometry, place);
  if (x < geometry.left - 1 || y < geometry.top - 1 || x >= geometry.width || y >= geometry.height) return null;
  const side = `${Math.max(3, geometry.cell - 1)}px`;
  return <div class={`matrix-mark ${kind}`} style={{ left: `${x}px`, top: `${y}px`, width: side, height: side }} />;
}

/** The cell under the pointer or the keyboard, in words, beside it. */
function Words({ geometry, place, text }: { geometry: Geometry; place: Place; text: string }) {
  const { x, y } = cornerOf(geometry, place);
  const right = x > geometry.width * 0.55;
  const below = y < geometry.height * 0.6;
  const style = {
    [right ? 'right' : 'left']: `${right ? geometry.width - x + 4 : x + geometry.cell + 4}px`,
    [below ? 'top' : 'bottom']: `${below ? y + geometry.cell + 4 : geometry.height - y + 4}px`,
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
