// The names of a chart's lines with their last values. Each is a switch: pressed means drawn.

interface LegendProps {
  entries: readonly { name: string; color: string; value: string }[];
  hidden: ReadonlySet<string>;
  onToggle: (name: string) => void;
  /** The line pointed at or focused: the others step back. */
  onLift: (name: string | undefined) => void;
}

export function Legend({ entries, hidden, onToggle, onLift }: LegendProps) {
  return (
    <div class="legend">
      {entries.map(({ name, color, value }) => (
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
          <span class="dot" style={{ color }} />
          <span class="clip-text">{name}</span>
          <span class="legend-value">{value}</span>
        </button>
      ))}
    </div>
  );
}
