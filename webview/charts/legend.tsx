// The names of a chart's lines with their last values. Each is a switch: pressed means drawn.

interface LegendProps {
  entries: readonly { name: string; color: string; dash?: string | undefined; value: string }[];
  hidden: ReadonlySet<string>;
  onToggle: (name: string) => void;
  /** The line pointed at or focused: the others step back. */
  onLift: (name: string | undefined) => void;
}

export function Legend({ entries, hidden, onToggle, onLift }: LegendProps) {
  return (
    <div class="legend">
      {entries.map(({ name, color, dash, value }) => (
        <button
          key={name}
          type="button"
          class="plain legend-entry"
          aria-pressed={!hidden.has(name)}
          title={hidden.has(name) ? `Show ${name}` : `Hide ${name}`}
          onClick={() => onToggle(name)}
          onPointerEnter={() => onLift(name)}
          onPointerLeave={() => onLift(undefined)}
          onFocus={() => onLift(name)}
          onBlur={() => onLift(undefined)}
        >
          <Swatch color={color} dash={dash} />
          <span class="clip-text">{name}</span>
          <span class="legend-value">{value}</span>
        </button>
      ))}
    </div>
  );
}

/** A dot, or a piece of the dashed line. */
export function Swatch({ color, dash }: { color: string; dash?: string | undefined }) {
  if (dash === undefined) return <span class="dot" style={{ color }} />;
  return (
    <svg class="swatch" width="18" height="8" aria-hidden="true">
      <line
        x1="0"
        x2="18"
        y1="4"
        y2="4"
        stroke="currentcolor"
        stroke-width="2"
        stroke-dasharray={dash}
        style={{ color }}
      />
    </svg>
  );
}
