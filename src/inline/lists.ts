// Plain lists, one clip a line: `path`, `path label`, `path frames label`, `label path`, with paths that may have spaces, and
// whatever separates them. Every way to read a line is a candidate.
import { delimitedMention, idAndLabel } from './delimited.ts';
import { type Candidate, isAddress, isMediaName, type LabelPlace, type Mention, mediaEndings } from './mention.ts';

export function listMention(text: string, line: number): Mention | undefined {
  const endings = mediaEndings(text);
  if (endings.length === 0) return idAndLabel(text, line) ?? frameFolder(text, line);
  const separator = /^"?\s*([,;|\t])/.exec(text.slice(endings[0]!))?.[1];
  if (separator !== undefined) return delimitedMention({ kind: 'delimited', delimiter: separator }, text, line);
  const candidates: Candidate[] = [];
  for (const end of endings) {
    for (const start of startsOf(text, end)) {
      const name = text.slice(start, end);
      if (!isMediaName(name) || isAddress(name)) continue;
      if (candidates.some((other) => other.start === start && other.end === end)) continue;
      const label = labelBehind(text, end, line) ?? labelBefore(text, start, line);
      candidates.push({ start, end, name, isId: false, ...(label && { label }) });
    }
  }
  return candidates.length === 0 ? undefined : { line, candidates: candidates.slice(0, 4) };
}

/** Where a path that ends at `end` may begin: behind a quote, at the line's first sign, at the word's. */
function startsOf(text: string, end: number): number[] {
  const before = text.slice(0, end);
  const quote = /["'`]([^"'`]*)$/.exec(before);
  if (quote) return [end - quote[1]!.length];
  const first = /^\uFEFF?\s*/.exec(before)![0].length;
  const word = end - /\S*$/.exec(before)![0].length;
  const isUrl = isAddress(text.slice(word, end));
  return isUrl ? [] : [first, word];
}

/** What follows the path: a number alone or behind one of frames, or all of it as words. */
function labelBehind(text: string, end: number, line: number): LabelPlace | undefined {
  const [, skipped, rest] = /^(["'`]?\s+)(.*?)\s*$/.exec(text.slice(end)) ?? [];
  if (skipped === undefined || rest === undefined || rest === '') return undefined;
  const numbers = /^(?:\d+\s+)?(\d+)$/.exec(rest);
  const framesFirst = /^\d+\s+(?=\D)/.exec(rest)?.[0].length ?? 0;
  const offset = numbers ? rest.length - numbers[1]!.length : framesFirst;
  const start = end + skipped.length + offset;
  return { line, start, end: end + skipped.length + rest.length, text: rest.slice(offset), writing: 'word' };
}

function labelBefore(text: string, start: number, line: number): LabelPlace | undefined {
  const [, space, label] = /^(\s*)(\S.*?)\s*["'`]?$/.exec(text.slice(0, start)) ?? [];
  if (space === undefined || label === undefined || /[/\\]/.test(label)) return undefined;
  return { line, start: space.length, end: space.length + label.length, text: label, writing: 'word' };
}

/** `some/folder 163 1`: a folder of so many frames. */
function frameFolder(text: string, line: number): Mention | undefined {
  const match = /^\s*(\S.*?)\s+\d+\s+(\d+)\s*$/.exec(text);
  if (!match || !/^[^<>"|?*]+$/.test(match[1]!) || match[1]!.length > 500) return undefined;
  const start = text.indexOf(match[1]!);
  const end = start + match[1]!.length;
  const at = text.trimEnd().length - match[2]!.length;
  const label: LabelPlace = { line, start: at, end: at + match[2]!.length, text: match[2]!, writing: 'word' };
  return { line, candidates: [{ start, end, name: match[1]!, isId: true, label }] };
}
