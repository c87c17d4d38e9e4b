// A long list of rows of one height of which only those that show are on the page, with room for the others above and below.
import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';

/** Height of a row in pixels: `--row` of base.css. */
export const rowHeight = 22;
/** Rows beside those that show, so that a quick scroll finds some. */
const spare = 12;

interface Window {
  /** Half-open range of the rows to draw. */
  from: number;
  to: number;
  /** Pixels to leave above and below them. */
  above: number;
  below: number;
}

/** What of `rows` shows when scrolled to `top` in a room of `height` pixels. */
export function windowOf(rows: number, top: number, height: number): Window {
  const from = Math.max(0, Math.min(rows, Math.floor(top / rowHeight) - spare));
  const to = Math.max(from, Math.min(rows, Math.ceil((top + height) / rowHeight) + spare));
  return { from, to, above: from * rowHeight, below: (rows - to) * rowHeight };
}

interface RowWindowProps {
  rows: number;
  class: string;
  /** Pixels of the scroller at most. */
  height: number;
  children: (window: Window) => ComponentChildren;
}

export function RowWindow({ rows, height, children, ...props }: RowWindowProps) {
  const [top, setTop] = useState(0);
  const frame = useRef(0);
  const shown = windowOf(rows, Math.min(top, rows * rowHeight), height);
  return (
    <div
      class={props.class}
      style={{ maxHeight: `${height}px` }}
      onScroll={({ currentTarget }) => {
        const at = currentTarget.scrollTop;
        frame.current ||= requestAnimationFrame(() => {
          frame.current = 0;
          setTop(currentTarget?.scrollTop ?? at);
        });
      }}
    >
      {children(shown)}
    </div>
  );
}
