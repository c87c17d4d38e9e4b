// The grid of samples: however many there are, only the cards in view exist. It is a list box of many choices: arrows move, Space
// chooses, Shift stretches, Enter opens.
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { ShownListed } from '../../src/protocol/datasetView.ts';
import { useSize } from '../base/hooks.ts';
import { Card } from './card.tsx';
import { gridOf } from './gridGeometry.ts';
import type { SamplePages } from './samplePages.ts';
import { TallScroll } from './scroll.ts';

interface SampleGridProps {
  pages: SamplePages;
  /** Changes with the filters: the grid then begins at `first`. */
  version: number;
  first: number;
  current: number;
  selected: ReadonlySet<string>;
  isJudged: boolean;
  /** Pixels to leave free at the end. */
  foot: number;
  onFirst: (place: number) => void;
  onCurrent: (place: number) => void;
  /** Of a click or a key; with Shift up to `place`, with Ctrl beside what is chosen. */
  onChoose: (place: number, how: { stretch: boolean; add: boolean }) => void;
  onAll: () => void;
  onNone: () => void;
  onOpen: (sample: ShownListed) => void;
}

/** After so long without a move the pictures come, and the scroll bar is put right. */
const restMs = 120;

export function SampleGrid(props: SampleGridProps) {
  const { pages, version, first, current, selected, isJudged, foot } = props;
  const [frame, size] = useSize<HTMLDivElement>();
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [isStill, setStill] = useState(true);
  const scroll = useRef(new TallScroll()).current;
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  const total = pages.total ?? 0;
  const grid = gridOf(size.width, isJudged, foot);
  const content = grid.heightOf(total);
  scroll.resize(content, size.height);
  const shown = grid.placesAt(scroll.top, size.height, total);

  const goTo = (top: number) => {
    const native = scroll.go(top);
    if (frame.current) frame.current.scrollTop = native;
    if (frame.current) scroll.seen(frame.current.scrollTop);
    redraw(0);
  };
  // Other filters or another width: the sample that came first comes first again.
  const begin = useRef(first);
  begin.current = first;
  useLayoutEffect(() => {
    if (size.width > 0 && total > 0) goTo(grid.topOf(begin.current));
  }, [version, grid.columns, grid.rowHeight, size.width > 0, total > 0]);
  useEffect(() => {
    if (size.height > 0) pages.want(shown.first, shown.last);
  }, [pages, shown.first, shown.last, size.height]);

  const onScroll = () => {
    const element = frame.current!;
    scroll.scrolled(element.scrollTop);
    clearTimeout(rest.current);
    rest.current = setTimeout(() => {
      setStill(true);
      const native = scroll.nativeTop();
      if (Math.abs(native - element.scrollTop) > 1) element.scrollTop = native;
      scroll.seen(element.scrollTop);
      props.onFirst(grid.placesAt(scroll.top, size.height, total).top);
    }, restMs);
    // A jump over many rows shows no pictures on its way.
    const now = grid.placesAt(scroll.top, size.height, total);
    if (Math.abs(now.first - shown.first) > 3 * grid.columns) setStill(false);
    redraw(0);
  };

  const move = (to: number, event: KeyboardEvent) => {
    const place = Math.min(total - 1, Math.max(0, to));
    if (event.shiftKey) props.onChoose(place, { stretch: true, add: false });
    props.onCurrent(place);
    const top = grid.topOf(place);
    if (top < scroll.top) goTo(top);
    else if (top + grid.rowHeight + foot > scroll.top + size.height) goTo(top + grid.rowHeight + foot - size.height);
    props.onFirst(grid.placesAt(scroll.top, size.height, total).top);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (total === 0) return;
    const page = grid.columns * Math.max(1, Math.floor(size.height / grid.rowHeight));
    const steps: Record<string, number> = {
      ...{ ArrowLeft: current - 1, ArrowRight: current + 1 },
      ...{ ArrowUp: current - grid.columns, ArrowDown: current + grid.columns },
      ...{ PageUp: current - page, PageDown: current + page, Home: 0, End: total - 1 },
    };
    const to = steps[event.key];
    const sample = pages.at(current);
    if (to !== undefined) move(to, event);
    else if (event.key === ' ') props.onChoose(current, { stretch: event.shiftKey, add: !event.shiftKey });
    else if (event.key === 'Enter' && sample) props.onOpen(sample);
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) props.onAll();
    else if (event.key === 'Escape' && selected.size > 0) props.onNone();
    else return;
    event.preventDefault();
  };
  const placeOf = (event: MouseEvent) => {
    const card = (event.target as Element).closest<HTMLElement>('[data-place]');
    return card ? Number(card.dataset.place) : undefined;
  };
  const onClick = (event: MouseEvent) => {
    const place = placeOf(event);
    if (place === undefined) return props.onNone();
    props.onCurrent(place);
    props.onChoose(place, { stretch: event.shiftKey, add: event.ctrlKey || event.metaKey });
  };
  // The list box keeps the focus: cards come and go.
  const onMouseDown = (event: MouseEvent) => {
    if (placeOf(event) === undefined) return;
    event.preventDefault();
    frame.current?.focus({ preventScroll: true });
  };
  const onDoubleClick = (event: MouseEvent) => {
    const sample = pages.at(placeOf(event) ?? -1);
    if (sample) props.onOpen(sample);
  };

  const places = Array.from({ length: Math.max(0, shown.last - shown.first + 1) }, (_, index) => shown.first + index);
  return (
    <div
      ref={frame}
      class="grid-frame"
      role="listbox"
      aria-label="Samples"
      aria-multiselectable="true"
      aria-activedescendant={places.includes(current) ? `sample-${current}` : undefined}
      tabIndex={0}
      data-testid="grid"
      data-first={shown.first}
      data-total={pages.total}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
      onMouseDown={onMouseDown}
      onClick={onClick}
      onDblClick={onDoubleClick}
    >
      <div class="grid-tall" role="presentation" style={{ height: `${scroll.height}px` }}>
        <div class="grid-window" role="presentation" style={{ height: `${size.height}px` }}>
          {places.map((place) => {
            const sample = pages.at(place);
            return (
              <Card
                key={place}
                place={place}
                total={total}
                sample={sample}
                box={grid.boxOf(place, scroll.top)}
                isSelected={sample !== undefined && selected.has(sample.id)}
                isCurrent={place === current}
                isJudged={isJudged}
                isStill={isStill}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}
