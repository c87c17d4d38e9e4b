// Cutting a row of things into parts.

/** From `start` to before `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** `total` things in `count` parts, one after the other, as even as they can be; empty ones where there are more parts than things. */
export function evenRanges(total: number, count: number): Range[] {
  const start = (part: number) => Math.floor((part * total) / count);
  return Array.from({ length: count }, (_, part) => ({ start: start(part), end: start(part + 1) }));
}
