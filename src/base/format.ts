// Numbers as a person reads them. What is unknown is shown as an en dash.

/** 1240 → "1,240". */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** "1 clip", "1,240 clips". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A share in 0 … 1 as a percentage: 0.7123 → "71.2 %"; null → "–". */
export function percent(share: number | null, digits = 1): string {
  return share === null ? '–' : `${(share * 100).toFixed(digits)} %`;
}

/** Seconds as time left or taken: 42 → "42 s", 95 → "1 min 35 s", 720 → "12 min", 5400 → "1 h 30 min". */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 600) return s % 60 === 0 ? `${s / 60} min` : `${Math.floor(s / 60)} min ${s % 60} s`;
  const minutes = Math.round(s / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
