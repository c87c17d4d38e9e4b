// What is said of a clip beside its line, in few words, and in more of them where a person points at it. Pure: it knows no editor.
import { asMarkdown } from '../base/shownText.ts';
import type { HeadPredictions } from '../protocol/events.ts';
import type { InlineFound, InlineModel, InlineTruth } from '../protocol/inline.ts';

/** Heads shown beside a line; the rest is where a person points. */
export const mostHeads = 3;
const longestLabel = 32;

/** What a line names, as far as it is known by now. */
export type Known = Pick<InlineFound, 'candidate' | 'clip' | 'sample' | 'excluded' | 'truth' | 'heads'> & {
  /** Why the clip cannot be read, as a sentence. */
  failure: string | null;
};

/** A label and a prediction that are not the same. */
export interface Disagreement {
  truth: InlineTruth;
  predicted: string;
  probability: number;
}

/** undefined where they agree, or nothing can be compared. What is excluded disagrees with nothing. */
export function disagreementOf({ truth, heads, excluded }: Known): Disagreement | undefined {
  const top = truth && !excluded ? heads?.[truth.head]?.[0] : undefined;
  if (!truth || !top || top.label === truth.label) return undefined;
  return { truth, predicted: top.label, probability: top.probability };
}

/** `k: riding a bike 0.81 · s: Pushing something 0.44`; undefined where there is nothing to show. */
export function hintText(known: Known, mode: 'on' | 'onlyDisagreements', most = mostHeads): string | undefined {
  const { heads, truth, failure } = known;
  const differs = disagreementOf(known);
  if (mode === 'onlyDisagreements' && !differs) return undefined;
  if (failure !== null) return 'cannot be read';
  if (!heads) return undefined;
  const names = shortNames(Object.keys(heads));
  // The head that the label is of comes first.
  const order = Object.keys(heads).toSorted((a, b) => Number(b === truth?.head) - Number(a === truth?.head));
  const shown = mode === 'onlyDisagreements' ? order.slice(0, 1) : order.slice(0, most);
  const parts = shown.flatMap((head) => {
    const top = heads[head]![0];
    if (!top) return [];
    const name = order.length > 1 ? `${names.get(head)}: ` : '';
    return [`${name}${cut(top.label, longestLabel)} ${share(top.probability)}`];
  });
  if (parts.length === 0) return undefined;
  return `${differs ? '≠ ' : ''}${parts.join(' · ')}${order.length > shown.length && shown.length > 1 ? ' · …' : ''}`;
}

/** The shortest beginnings that tell the names apart. */
export function shortNames(names: readonly string[]): Map<string, string> {
  const short = (name: string): string => {
    for (let length = 1; length < name.length; length++) {
      const start = name.slice(0, length);
      if (/[\w\p{L}]$/u.test(start) && !names.some((other) => other !== name && other.startsWith(start))) return start;
    }
    return name;
  };
  return new Map(names.map((name) => [name, short(name)]));
}

/** Markdown for a hover: a strip of frames where there is one, the label, the best classes of every head, and how they were found. */
export function detailsMarkdown(known: Known, model: InlineModel, strip?: { uri: string; width: number }): string {
  const { truth, heads, failure, clip, excluded } = known;
  const parts: string[] = [];
  const lines: string[] = [];
  if (strip) parts.push(`![](${strip.uri}|width=${strip.width})`);
  if (failure !== null) parts.push(escaped(failure));
  const differs = disagreementOf(known);
  const origin = { line: 'in the line', dataset: 'by the dataset', folder: 'by the folder' };
  if (truth) {
    const told = `${escaped(truth.head)}: label **${escaped(truth.label)}** (${origin[truth.from]})`;
    const verdict = differs
      ? `, predicted **${escaped(differs.predicted)}**`
      : heads?.[truth.head]
        ? ', as predicted'
        : '';
    lines.push(`${told}${verdict}${excluded ? '; excluded from training' : ''}`);
  }
  // Before the table: a hover is not high, and of that the last rows may be scrolled to.
  if (heads) lines.push(`${escaped(model.run)} · ${escaped(model.protocol[clip.kind])}`);
  if (lines.length > 0) parts.push(lines.join('  \n'));
  if (heads) parts.push(table(heads));
  return parts.join('\n\n');
}

/** A column for each head, a row for each rank. */
function table(heads: HeadPredictions): string {
  const names = Object.keys(heads).slice(0, 6);
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const rows = Math.max(0, ...names.map((name) => heads[name]!.length));
  const cell = (name: string, rank: number) => {
    const each = heads[name]![rank];
    return each ? `${share(each.probability)} ${escaped(cut(each.label, 60))}` : ' ';
  };
  return [
    row(names.map(escaped)),
    row(names.map(() => ':--')),
    ...Array.from({ length: rows }, (_, rank) => row(names.map((name) => cell(name, rank)))),
  ].join('\n');
}

/** In one line: a row of the table is one. */
function escaped(text: string): string {
  return asMarkdown(text.replace(/[\r\n]+/g, ' '));
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

function share(probability: number): string {
  return probability.toFixed(2);
}
