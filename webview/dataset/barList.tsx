// Counts by name as horizontal bars, as many as there may be: only those in view exist. Each is a filter: a click sets it, with Ctrl
// beside others. A list box for the keyboard.
import { useId, useReducer, useRef, useState } from 'preact/hooks';
import { count } from '../../src/base/format.ts';
import { useSize } from '../base/hooks.ts';

export interface Bar {
  key: string;
  name: string;
  /** Lengths of the bar's parts, which are drawn one after the other. */
  parts: readonly number[];
  /** What stands at its end; absent: the sum of its parts. */
  figure?: string;
  hint?: string;
}

interface BarListProps {
  label: string;
  bars: readonly Bar[];
  /** Of the parts. */
  colors: readonly string[];
  /** Length of the longest bar there can be; absent: of the longest there is. */
  most?: number;
  selected: ReadonlySet<string>;
  onToggle: (key: string, alone: boolean) => void;
  /** Rows shown at once. */
  rows?: number;
  testId?: string;
}

const rowHeight = 20;

export function BarList({ label, bars, colors, most, selected, onToggle, rows = 8, testId }: BarListProps) {
  const id = useId();
  const [frame, { width }] = useSize<HTMLDivElement>();
  const [, redraw] = useReducer((times: number) => times + 1, 0);
  const [current, setCurrent] = useState(0);
  const isFocused = useRef(false);
  const height = Math.min(rows, bars.length) * rowHeight;
  const top = Math.min(frame.current?.scrollTop ?? 0, Math.max(0, bars.length * rowHeight - height));
  const first = Math.floor(top / rowHeight);
  const shown = bars.slice(first, first + Math.min(rows, bars.length) + 1);
  const longest = Math.max(1, most ?? Math.max(...bars.map(({ parts }) => sum(parts))));
  const nameWidth = Math.round(Math.min(150, width * 0.42));
  const figureWidth = 52;
  const font = width > 0 ? getComputedStyle(document.body).fontFamily : '';
  const room = Math.max(10, width - nameWidth - figureWidth - 12);

  const go = (to: number) => {
    const place = Math.min(bars.length - 1, Math.max(0, to));
    setCurrent(place);
    const element = frame.current!;
    if (place * rowHeight < element.scrollTop) element.scrollTop = place * rowHeight;
    else if ((place + 1) * rowHeight > element.scrollTop + height) element.scrollTop = (place + 1) * rowHeight - height;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ...{ ArrowUp: current - 1, ArrowDown: current + 1, PageUp: current - rows, PageDown: current + rows },
      ...{ Home: 0, End: bars.length - 1 },
    };
    const to = steps[event.key];
    const bar = bars[current];
    if (to !== undefined) go(to);
    else if ((event.key === 'Enter' || event.key === ' ') && bar) onToggle(bar.key, !(event.ctrlKey || event.metaKey));
    else return;
    event.preventDefault();
  };
  const has = current >= first && current < first + shown.length;
  return (
    <div
      ref={frame}
      class="bar-list"
      role="listbox"
      aria-label={label}
      aria-multiselectable="true"
      aria-activedescendant={has ? `${id}-${current}` : undefined}
      tabIndex={0}
      style={{ height: `${height}px` }}
      onScroll={() => redraw(0)}
      onKeyDown={onKeyDown}
      onFocus={() => {
        isFocused.current = true;
        redraw(0);
      }}
      onBlur={() => {
        isFocused.current = false;
        redraw(0);
      }}
      data-testid={testId}
    >
      <div role="presentation" style={{ height: `${bars.length * rowHeight}px` }}>
        <svg class="bar-window" role="presentation" width={width} height={height}>
          {shown.map((bar, index) => {
            const place = first + index;
            const isSelected = selected.has(bar.key);
            const classes = ['bar-item', isSelected && 'selected', isFocused.current && place === current && 'current'];
            const words = bar.hint ?? `${bar.name}: ${bar.figure ?? count(sum(bar.parts))}`;
            let x = nameWidth + 6;
            return (
              <g
                key={bar.key}
                id={`${id}-${place}`}
                class={classes.filter(Boolean).join(' ')}
                role="option"
                aria-selected={isSelected}
                aria-posinset={place + 1}
                aria-setsize={bars.length}
                transform={`translate(0 ${place * rowHeight - top})`}
                onClick={(event) => {
                  setCurrent(place);
                  onToggle(bar.key, !(event.ctrlKey || event.metaKey));
                }}
                data-key={bar.key}
              >
                <title>{words}</title>
                <rect class="bar-row-back" width={width} height={rowHeight} data-transient />
                <svg width={nameWidth} height={rowHeight} aria-hidden="true">
                  <text class="bar-list-name" x="2" y="14">
                    {fitted(bar.name, nameWidth - 4, font)}
                  </text>
                </svg>
                {bar.parts.map((part, number) => {
                  const length = (part / longest) * room;
                  const from = x;
                  x += length;
                  if (part <= 0) return null;
                  return (
                    <rect
                      key={colors[number]}
                      class="bar-part"
                      x={from}
                      y="4"
                      width={Math.max(1, length)}
                      height={rowHeight - 8}
                      style={{ fill: colors[number] }}
                    />
                  );
                })}
                <svg width={width} height={rowHeight} aria-hidden="true">
                  <text class="bar-list-figure" x={width - 4} y="14" text-anchor="end">
                    {bar.figure ?? count(sum(bar.parts))}
                  </text>
                </svg>
              </g>
            );
          })}
        </svg>
      </div>
    </div>
  );
}

const texts = {
  context: document.createElement('canvas').getContext('2d'),
  font: '',
  fitted: new Map<string, string>(),
};

/** The name as far as there is room, with "…" where it is cut. */
function fitted(name: string, room: number, font: string): string {
  const { context } = texts;
  if (!context) return name;
  if (texts.font !== font || texts.fitted.size > 5000) {
    texts.font = font;
    texts.fitted.clear();
  }
  const key = `${room} ${name}`;
  const known = texts.fitted.get(key);
  if (known !== undefined) return known;
  context.font = `12px ${font}`;
  const start = name.slice(0, 200);
  const fits = (length: number) => context.measureText(`${start.slice(0, length)}…`).width <= room;
  let [least, most] = [0, start.length];
  while (most - least > 1) {
    const middle = Math.ceil((least + most) / 2);
    if (fits(middle)) least = middle;
    else most = middle;
  }
  const text = start === name && context.measureText(name).width <= room ? name : `${start.slice(0, least)}…`;
  texts.fitted.set(key, text);
  return text;
}

function sum(parts: readonly number[]): number {
  return parts.reduce((total, part) => total + part, 0);
}
