// From data to pixels, and the round values where an axis is marked.

export type Domain = readonly [low: number, high: number];

/** A linear map of `domain` onto `range`; a domain without width maps to the range's start. */
export function linear(domain: Domain, range: Domain): (value: number) => number {
  const width = domain[1] - domain[0];
  const factor = width === 0 ? 0 : (range[1] - range[0]) / width;
  return (value) => range[0] + (value - domain[0]) * factor;
}

/** The round step (1, 2 or 5 times a power of ten) that marks `domain` about `target` times. */
export function roundStep(domain: Domain, target: number): number {
  const rough = Math.abs(domain[1] - domain[0]) / Math.max(1, target);
  if (rough === 0 || !Number.isFinite(rough)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const lead = rough / power;
  return (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * power;
}

/** Round values inside `domain`, about `target` of them. With `whole`, whole numbers only. */
export function ticks(domain: Domain, target: number, whole = false): number[] {
  const step = whole ? Math.max(1, roundStep(domain, target)) : roundStep(domain, target);
  const first = Math.ceil(domain[0] / step - 1e-9);
  const last = Math.floor(domain[1] / step + 1e-9);
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toFixed(digits)));
}

/** `domain` widened to round values at both ends. */
export function widen(domain: Domain, target: number): Domain {
  const step = roundStep(domain, target);
  const round = (value: number) => Number(value.toPrecision(12));
  return [round(Math.floor(domain[0] / step + 1e-9) * step), round(Math.ceil(domain[1] / step - 1e-9) * step)];
}

/** How the marks of one axis are written: all with as many digits as their step needs. */
export function tickText(values: readonly number[]): string[] {
  const step = values.length > 1 ? Math.abs(values[1]! - values[0]!) : Math.abs(values[0] ?? 0);
  const digits = step === 0 || step >= 1 ? 0 : Math.min(10, Math.ceil(-Math.log10(step) - 1e-9));
  return values.map((value) =>
    value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  );
}
