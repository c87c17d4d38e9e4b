// Fits a table into a terminal: a line that wraps is harder to read than a name without its end.

/** Two spaces stand between columns. */
const gap = 2;
/** A column of text is not made narrower than this: better a line that wraps than nothing to read. */
const leastWidth = 8;

/** Columns of the terminal that results go to; undefined where they go to a file or a pipe, which get all. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns || undefined : undefined;
}

/** The rows with their text columns, those before `numbersFrom`, cut to what `width` leaves them, the longest first. */
export function fitted(rows: readonly string[][], numbersFrom: number, width: number | undefined): string[][] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => widthOf(row[i] ?? ''))));
  const text = widths.map((_, i) => i).slice(0, numbersFrom);
  let over = width === undefined ? 0 : widths.reduce((sum, each) => sum + each + gap, -gap) - width;
  for (; over > 0; over--) {
    const longest = text.reduce((best, i) => (widths[i]! > widths[best]! ? i : best), text[0] ?? 0);
    if (text.length === 0 || widths[longest]! <= leastWidth) break;
    widths[longest]!--;
  }
  return rows.map((row) => row.map((cell, i) => cut(cell, widths[i]!)));
}

/** With what is too long for `width` cut at its end. */
function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 1; // the ellipsis
  for (const { segment } of graphemes.segment(text)) {
    used += widthOf(segment);
    if (used > width) break;
    kept += segment;
  }
  return `${kept}…`;
}

const graphemes = new Intl.Segmenter();
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u;

/** Columns that a terminal gives a text: Chinese, Japanese and Korean signs take two. */
function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}
