// Clips named in JSON and JSON Lines, read from the middle of a document: only the lines around what is visible are looked at,
// so an object may begin or end outside of them. What is not understood is passed over.
import { isClipName, isIdColumn, labelRank } from './columns.ts';
import {
  type Candidate,
  isIdName,
  isMediaName,
  type LabelPlace,
  longestLine,
  type Mention,
  type Span,
  secondsOf,
} from './mention.ts';

interface Token extends Span {
  line: number;
  kind: 'text' | 'number' | 'mark';
  text: string;
}

/** An object or array that is open. */
interface Frame {
  isArray: boolean;
  /** The key that it is the value of. */
  key: Token | undefined;
  clips: Token[];
  ids: Token[];
  label: LabelPlace | undefined;
  rank: number;
  start: number | undefined;
  end: number | undefined;
  /** The label is made of a template, and nothing to edit by itself. */
  isTemplate: boolean;
  /** An object in it named a clip: its own key is none. */
  hasMention: boolean;
}

const token = /"((?:[^"\\]|\\.)*)"|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([{}[\]:,])/g;

/** The mentions of some adjoining lines, of which `first` is the number of the first. */
export function jsonMentions(lines: readonly string[], first: number): Mention[] {
  const mentions: Mention[] = [];
  const stack: Frame[] = [open(false, undefined)];
  let key: Token | undefined;
  let last: Token | undefined;
  const close = () => {
    const frame = stack.pop()!;
    mentions.push(...mentionsOf(frame));
    if (stack.length === 0) stack.push(open(false, undefined));
    handUp(frame, stack.at(-1)!);
  };
  lines.forEach((text, index) => {
    if (text.length > longestLine) return;
    for (const each of tokens(text, first + index)) {
      const frame = stack.at(-1)!;
      if (each.kind !== 'mark') {
        last = each;
        if (key || frame.isArray) take(frame, key, each, mentions);
        continue;
      }
      if (each.text === ':') {
        if (last?.kind === 'text') key = last;
        continue;
      }
      if (each.text === '{' || each.text === '[') stack.push(open(each.text === '[', key));
      else if (each.text === '}' || each.text === ']') close();
      else if (last && !key && stack.length === 1) take(frame, undefined, last, mentions);
      key = undefined;
      last = undefined;
    }
  });
  while (stack.length > 1) close();
  mentions.push(...mentionsOf(stack[0]!));
  return mentions.sort((a, b) => a.line - b.line);
}

function open(isArray: boolean, key: Token | undefined): Frame {
  const none = { label: undefined, start: undefined, end: undefined };
  return {
    isArray,
    key,
    clips: [],
    ids: [],
    rank: Number.POSITIVE_INFINITY,
    isTemplate: false,
    hasMention: false,
    ...none,
  };
}

/** A value of an object or array. */
function take(frame: Frame, key: Token | undefined, value: Token, mentions: Mention[]): void {
  if (!key) {
    // Of an array of names, each is a clip by itself.
    if (value.kind === 'text' && isMediaName(value.text))
      mentions.push({ line: value.line, candidates: [candidateOf(value, false)] });
    return;
  }
  const name = key.text.toLowerCase();
  const rank = labelRank(name);
  if (name === 'template' || name === 'placeholders') frame.isTemplate = true;
  else if (value.kind === 'text' && isMediaName(value.text)) frame.clips.push(value);
  else if (value.kind === 'text' && isMediaName(key.text)) {
    mentions.push({ line: key.line, candidates: [{ ...candidateOf(key, false), label: labelOf(value) }] });
    frame.hasMention = true;
  } else if (frame.key?.text === 'labels' && isIdName(key.text) && /\d/.test(key.text)) {
    // {"labels": {"000001": 0}}
    mentions.push({ line: key.line, candidates: [{ ...candidateOf(key, true), label: labelOf(value) }] });
  } else if (rank !== undefined && rank < frame.rank) {
    frame.rank = rank;
    frame.label = labelOf(value);
  } else if (name === 'start') frame.start = secondsOf(value.text);
  else if (name === 'end') frame.end = secondsOf(value.text);
  else if (value.kind === 'text' && isIdColumn(name) && isIdName(value.text)) frame.ids.push(value);
  else if (value.kind === 'text' && isClipName(name) && value.text.length <= 500) frame.ids.push(value);
}

function mentionsOf(frame: Frame): Mention[] {
  const { start, end, clips, ids, label, key } = frame;
  const own = {
    ...(start !== undefined && { startSec: start }),
    ...(end !== undefined && { endSec: end }),
  };
  const labelled = label && !frame.isTemplate ? { label } : {};
  const mention = (named: Token, isId: boolean): Mention => ({
    line: named.line,
    candidates: [{ ...candidateOf(named, isId), ...labelled }],
    ...own,
  });
  // Keyed by the clip's name or id: {"a.mp4": {"label": …}}.
  const keyed = key && !frame.isArray && !frame.hasMention && label ? key : undefined;
  const found =
    clips.length > 0
      ? clips.map((clip) => mention(clip, false))
      : ids[0] && (label || frame.isTemplate)
        ? [mention(ids[0], true)]
        : keyed && isMediaName(keyed.text)
          ? [mention(keyed, false)]
          : keyed && /\d/.test(keyed.text) && isIdName(keyed.text)
            ? [mention(keyed, true)]
            : [];
  if (found.length > 0) frame.hasMention = true;
  return found;
}

/** `"annotations": {"label": …}`: what stands in an object of its own is also of the one around it. */
function handUp(frame: Frame, to: Frame): void {
  if (frame.isArray || to.isArray || frame.hasMention) {
    to.hasMention ||= frame.hasMention && !frame.isArray && !to.isArray;
    return;
  }
  if (frame.label && frame.rank + 10 < to.rank) {
    to.label = frame.label;
    to.rank = frame.rank + 10;
  }
}

function candidateOf({ start, end, text }: Token, isId: boolean): Candidate {
  return { start: start + 1, end: end - 1, name: text, isId };
}

function labelOf({ line, start, end, text }: Token): LabelPlace {
  return { line, start, end, text, writing: 'json' };
}

function* tokens(line: string, number: number): Generator<Token> {
  for (const match of line.matchAll(token)) {
    const [all, text, numeral, mark] = match;
    const span = { line: number, start: match.index, end: match.index + all.length };
    if (text !== undefined) yield { ...span, kind: 'text', text: unescaped(all) };
    else if (numeral !== undefined) yield { ...span, kind: 'number', text: numeral };
    else yield { ...span, kind: 'mark', text: mark! };
  }
}

function unescaped(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}
