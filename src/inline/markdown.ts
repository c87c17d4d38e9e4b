// Clips named in Markdown: links, pictures, code spans, attributes of tags, words. A line may name several.
import { type Candidate, isMediaName, type Mention, mediaEndings } from './mention.ts';

const patterns = [
  // [text](path), ![alt](path "title"), [text](<path with spaces>)
  /\]\(\s*(?:<([^<>\n]+)>|([^\s()]+(?:\([^\s()]*\)[^\s()]*)*))(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/dg,
  // [name]: path
  /^\s{0,3}\[[^\]]+\]:\s+(?:<([^<>\n]+)>|(\S+))/dg,
  /(?<!`)`([^`\n]+)`(?!`)/dg,
  /\b(?:src|href)\s*=\s*(?:"([^"\n]*)"|'([^'\n]*)')/dg,
];

export function markdownMentions(text: string, line: number): Mention[] {
  const found: (Candidate & { shownAt: number })[] = [];
  const add = (start: number, end: number, name: string, shownAt = end) => {
    const isInside = found.some((other) => start < other.end && end > other.start);
    if (!isInside && isMediaName(name)) found.push({ start, end, name, isId: false, shownAt });
  };
  for (const pattern of patterns)
    for (const match of text.matchAll(pattern))
      for (const group of [1, 2]) {
        const span = match.indices?.[group];
        if (!span) continue;
        const name = pattern === patterns[2] ? match[group]!.trim() : decoded(match[group]!);
        add(span[0], span[1], name, match.index + match[0].length);
      }
  for (const end of mediaEndings(text)) {
    const word = /[^\s|"'`()<>[\]]*$/.exec(text.slice(0, end))![0];
    add(end - word.length, end, word);
  }
  return found
    .sort((a, b) => a.start - b.start)
    .slice(0, 4)
    .map(({ shownAt, ...candidate }) => ({ line, candidates: [candidate], shownAt }));
}

function decoded(link: string): string {
  const path = link.replace(/[?#].*$/, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
