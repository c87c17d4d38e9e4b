// Numbers as a person reads them in a tree row, a quick pick or a progress line.

const counts = new Intl.NumberFormat('en-US');

/** 1240 → "1,240". */
export function count(n: number): string {
  return counts.format(n);
}

/** "1 clip", "1,240 clips". */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** A share in 0 … 1 as a percentage: 0.7123 → "71.2 %"; null → "–". */
export function percent(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(1)} %`;
}

/** Seconds as the time left, in the coarsest unit that still says something; '' while unknown. */
export function timeLeft(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return '';
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s left`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min left`;
  return `${(seconds / 3600).toFixed(1)} h left`;
}

/** Joins what there is with middle dots. */
export function dotted(...parts: (string | false | undefined)[]): string {
  return parts.filter(Boolean).join(' · ');
}
