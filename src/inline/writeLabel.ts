// Writes another label where one stands, in the manner of the file.
import type { LabelPlace } from './mention.ts';

/** The text that replaces the label's span; undefined where the label cannot stand there. */
export function writtenLabel(
  { writing, delimiter = ',' }: LabelPlace,
  before: string,
  label: string,
): string | undefined {
  if (writing === 'json') return JSON.stringify(label);
  if (/[\r\n]/.test(label)) return undefined;
  if (writing === 'word') return label;
  // What was in quotes stays in quotes.
  const needsQuotes =
    before.startsWith('"') || label.includes('"') || label.includes(delimiter) || label !== label.trim();
  return needsQuotes ? `"${label.replaceAll('"', '""')}"` : label;
}
