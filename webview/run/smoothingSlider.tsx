// How much of the past the loss's line carries on.

/** Nearly 1 is where it matters: the slider is finer there. */
const positions = [0, 0.5, 0.7, 0.8, 0.9, 0.94, 0.97, 0.98, 0.99];

export function SmoothingSlider({ value, onChange }: { value: number; onChange: (weight: number) => void }) {
  const at = positions.reduce(
    (best, each, i) => (Math.abs(each - value) < Math.abs(positions[best]! - value) ? i : best),
    0,
  );
  return (
    <label class="smoothing" title={value === 0 ? 'Not smoothed' : `Smoothing ${value}`}>
      <input
        type="range"
        min="0"
        max={positions.length - 1}
        step="1"
        value={at}
        aria-label="Smoothing of the loss"
        aria-valuetext={String(positions[at])}
        onInput={(event) => onChange(positions[Number(event.currentTarget.value)] ?? 0)}
      />
    </label>
  );
}
