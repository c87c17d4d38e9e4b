// Tables as CSV (RFC 4180), to be opened by spreadsheets: what a dataset or a file is called must not become a formula there.

export type CsvCell = string | number | null | undefined;

/** One line a row, each ended by a line feed. A number that is none, null and undefined are empty cells. */
export function csvText(rows: Iterable<readonly CsvCell[]>): string {
  let text = '';
  for (const row of rows) text += `${row.map(csvCell).join(',')}\n`;
  return text;
}

function csvCell(value: CsvCell): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  // A spreadsheet computes a cell that begins like a formula, quoted or not; behind an apostrophe it is text.
  const harmless = /^\s*[=+\-@]/.test(value) || /^[\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n\t']|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
