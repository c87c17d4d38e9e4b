// Numbers as a person reads them. What is unknown is shown as an en dash.

const unknown = '–';

/** 1240 → "1,240". */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** "1 clip", "1,240 clips". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A share in 0 … 1 as a percentage: 0.7123 → "71.2 %"; null → "–". */
export function percent(share: number | null | undefined, digits = 1): string {
  const number = percentNumber(share, digits);
  return number === unknown ? unknown : `${number} %`;
}

/** How much a share is above another, in percentage points with its sign: "+1.2", "−0.4", "±0.0"; "–" where one is null. */
export function points(share: number | null | undefined, other: number | null | undefined, digits = 1): string {
  if (share === null || share === undefined || other === null || other === undefined) return unknown;
  const size = (Math.abs(share - other) * 100).toFixed(digits);
  return `${Number(size) === 0 ? '±' : share > other ? '+' : '−'}${size}`;
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

/** A share in 0 … 1 as a percentage without the sign: 0.7125 → "71.3"; null → "–". */
export function percentNumber(share: number | null | undefined, digits = 1): string {
  return share === null || share === undefined ? unknown : (share * 100).toFixed(digits);
}

/** A number with about three figures that matter: 0.01234 → "0.012", 38.24 → "38.2", 1234.5 → "1,235". */
export function figures(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return unknown;
  if (size >= 1000) return count(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  if (size >= 1) return value.toFixed(2);
  if (size === 0) return '0';
  return size >= 0.001 ? value.toFixed(3) : value.toExponential(1);
}

/** A position in a clip: 61.24 → "1:01.24". */
export function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return unknown;
  const hundredths = Math.max(0, Math.round(seconds * 100));
  const minutes = Math.floor(hundredths / 6000);
  return `${minutes}:${((hundredths % 6000) / 100).toFixed(2).padStart(5, '0')}`;
}

/** Bytes: 1536 → "1.5 kB", 32232419 → "32 MB" (decimal, as file managers count). */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${size >= 10 || unit === 0 ? size.toFixed(0) : size.toFixed(1)} ${units[unit]}`;
}

/** Floating-point operations: "391 GFLOP". */
export function flops(value: number): string {
  const units = ['FLOP', 'kFLOP', 'MFLOP', 'GFLOP', 'TFLOP', 'PFLOP'];
  const unit = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  const size = value / 1000 ** unit;
  return `${size >= 100 ? size.toFixed(0) : size.toPrecision(2)} ${units[unit]}`;
}

/** The last part of a path, with either kind of slash. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).pop() ?? path;
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
