// Counts along an axis as upright bars. A click takes the samples of a bar, with Shift everything from the one clicked before; arrows
// and Enter do the same.
import { useId, useState } from 'preact/hooks';
import { useSize } from '../base/hooks.ts';

interface HistogramProps {
  label: string;
  /** Of each bin, the heights of its parts from below. */
  bins: readonly (readonly number[])[];
  colors: readonly string[];
  /** The edge where bin i begins; of `bins.length` the end of all, '' where there is none. */
  edge: (bin: number) => string;
  /** What a bin holds, in words. */
  words: (bin: number) => string;
  /** Bins that are chosen: first and one past the last. */
  chosen: readonly [number, number] | undefined;
  onChoose: (range: [number, number] | undefined) => void;
  testId?: string;
}

const height = 84;
const base = 16;

export function Histogram({ label, bins, colors, edge, words, chosen, onChoose, testId }: HistogramProps) {
  const id = useId();
  const [frame, { width }] = useSize<HTMLDivElement>();
  const [current, setCurrent] = useState(0);
  const [anchor, setAnchor] = useState(0);
  const tallest = Math.max(1, ...bins.map(sum));
  const step = width / Math.max(1, bins.length);
  const room = height - base - 4;
  const take = (bin: number, isStretch: boolean) => {
    const from = isStretch ? Math.min(anchor, bin) : bin;
    const to = (isStretch ? Math.max(anchor, bin) : bin) + 1;
    if (!isStretch) setAnchor(bin);
    setCurrent(bin);
    onChoose(chosen?.[0] === from && chosen[1] === to ? undefined : [from, to]);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: bins.length - 1 }[event.key];
    if (to !== undefined) setCurrent(Math.min(bins.length - 1, Math.max(0, to)));
    else if (event.key === 'Enter' || event.key === ' ') take(current, event.shiftKey);
    else return;
    event.preventDefault();
  };
  const labelled = Math.max(1, Math.ceil(bins.length / Math.max(1, Math.floor(width / 44))));
  return (
    <div
      ref={frame}
      class="histogram"
      role="listbox"
      aria-label={label}
      aria-multiselectable="true"
      aria-activedescendant={`${id}-${current}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      data-testid={testId}
    >
      <svg role="presentation" width={width} height={height}>
        {bins.map((parts, bin) => {
          let y = height - base;
          const isChosen = chosen !== undefined && bin >= chosen[0] && bin < chosen[1];
          const classes = ['bin', isChosen && 'selected', chosen && !isChosen && 'other', bin === current && 'current'];
          return (
            <g
              // Bins have no names but their places.
              key={edge(bin)}
              id={`${id}-${bin}`}
              class={classes.filter(Boolean).join(' ')}
              role="option"
              aria-selected={isChosen}
              aria-label={words(bin)}
              onClick={(event) => take(bin, event.shiftKey)}
              data-bin={bin}
            >
              <title>{words(bin)}</title>
              <rect class="bin-back" x={bin * step} width={step} height={height - base} data-transient />
              {parts.map((part, number) => {
                const tall = (part / tallest) * room;
                y -= part > 0 ? Math.max(1, tall) : 0;
                if (part <= 0) return null;
                return (
                  <rect
                    key={colors[number]}
                    class="bar-part"
                    x={bin * step + 1}
                    y={y}
                    width={Math.max(1, step - 2)}
                    height={Math.max(1, tall)}
                    style={{ fill: colors[number] }}
                  />
                );
              })}
            </g>
          );
        })}
        <line class="axis" x1="0" x2={width} y1={height - base + 0.5} y2={height - base + 0.5} />
        {bins.map((_, bin) =>
          bin % labelled === 0 ? (
            <text key={edge(bin)} class="tick" x={Math.max(1, bin * step)} y={height - 3} text-anchor="start">
              {edge(bin)}
            </text>
          ) : null,
        )}
        {(bins.length - 1) % labelled >= labelled / 2 && (
          <text class="tick" x={width - 1} y={height - 3} text-anchor="end">
            {edge(bins.length)}
          </text>
        )}
      </svg>
    </div>
  );
}

function sum(parts: readonly number[]): number {
  return parts.reduce((total, part) => total + part, 0);
}
