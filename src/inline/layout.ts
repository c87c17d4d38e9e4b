// What kind of list a document is, by its name and its first line, and what a range of its lines says.
import { type DelimitedLayout, delimitedMention, headerLayout, splitFields } from './delimited.ts';
import { jsonMentions } from './jsonText.ts';
import { listMention } from './lists.ts';
import { markdownMentions } from './markdown.ts';
import { isMediaName, longestLine, type Mention } from './mention.ts';

export type Layout =
  | DelimitedLayout
  | { kind: 'list' }
  | { kind: 'jsonLines' }
  | { kind: 'json' }
  | { kind: 'markdown' };

/** The endings of documents that are read. */
export const documentEndings = ['csv', 'tsv', 'txt', 'json', 'jsonl', 'ndjson', 'md', 'markdown'] as const;

/** An object of JSON over more lines than this, before and after what is visible, is read in part. */
const linesAround = 60;

/** The layout of a document; undefined where it is not of a kind that names clips. `lineAt` gives undefined after the last line. */
export function layoutOf(file: string, lineAt: (line: number) => string | undefined): Layout | undefined {
  const ending = /\.([^./\\]+)$/.exec(file)?.[1]?.toLowerCase() ?? '';
  switch (ending) {
    case 'md':
    case 'markdown':
      return { kind: 'markdown' };
    case 'json':
      return { kind: 'json' };
    case 'jsonl':
    case 'ndjson':
      return { kind: 'jsonLines' };
    case 'csv':
    case 'tsv':
    case 'txt':
      return tableOf(ending, lineAt);
    default:
      return undefined;
  }
}

function tableOf(ending: 'csv' | 'tsv' | 'txt', lineAt: (line: number) => string | undefined): Layout {
  for (let line = 0; line < 5; line++) {
    const text = lineAt(line);
    if (text === undefined || text.length > longestLine) break;
    if (text.trim() === '') continue;
    const header = headerLayout(text, line);
    if (header) return header;
    if (ending === 'txt') break;
    const delimiters = ending === 'tsv' ? ['\t'] : [',', ';', '\t'];
    const delimiter = delimiters.find((each) => splitFields(text, each).some((field) => isMediaName(field.text)));
    return delimiter !== undefined && text.includes(delimiter) ? { kind: 'delimited', delimiter } : { kind: 'list' };
  }
  return { kind: 'list' };
}

/** What the lines `from` … `to` (both counted in, from 0) say, in order. */
export function mentionsIn(
  layout: Layout,
  lineAt: (line: number) => string | undefined,
  from: number,
  to: number,
): Mention[] {
  if (layout.kind === 'json') {
    const start = Math.max(0, from - linesAround);
    const lines: string[] = [];
    for (let line = start; line <= to + linesAround; line++) {
      const text = lineAt(line);
      if (text === undefined) break;
      lines.push(text);
    }
    return jsonMentions(lines, start)
      .filter(({ line }) => line >= from && line <= to)
      .map(looseUnlabelled);
  }
  const found: Mention[] = [];
  for (let line = Math.max(0, from); line <= to; line++) {
    const text = lineAt(line);
    if (text === undefined) break;
    if (text.trim() === '' || text.length > longestLine) continue;
    for (const mention of ofLine(layout, text, line)) found.push(mention);
  }
  return found;
}

function ofLine(layout: Exclude<Layout, { kind: 'json' }>, text: string, line: number): Mention[] {
  if (layout.kind === 'markdown') return markdownMentions(text, line).map(looseUnlabelled);
  if (layout.kind === 'jsonLines') return jsonMentions([text], line);
  const mention = layout.kind === 'list' ? listMention(text, line) : delimitedMention(layout, text, line);
  return mention ? [mention] : [];
}

function looseUnlabelled(mention: Mention): Mention {
  return mention.candidates.some(({ label }) => label) ? mention : { ...mention, isLoose: true };
}
