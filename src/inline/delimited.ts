// Tables as text: CSV, semicolons or tabs, with or without a line of column names. Each line is read alone, so that a table of
// any length costs what is visible of it; a record over several lines is passed over.
import { isClipName, isIdColumn, labelRank } from './columns.ts';
import {
  type Candidate,
  isIdName,
  isMediaName,
  type LabelPlace,
  type Mention,
  type Span,
  secondsOf,
} from './mention.ts';

export interface Field extends Span {
  /** Quotes undone. The span has the quotes. */
  text: string;
  /** Its quote is not closed in this line: the record goes on in the next, or the quote is a slip. */
  isOpen?: true;
}

export interface DelimitedLayout {
  kind: 'delimited';
  delimiter: string;
  /** The line of the names, 0-based; absent: there is none. */
  header?: number;
  /** Columns, by the header. */
  clip?: number;
  id?: number;
  label?: number;
  start?: number;
  end?: number;
}

/** The fields of a line with their places. */
export function splitFields(text: string, delimiter: string): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at <= text.length; ) {
    let start = at;
    while (start < text.length && isBlank(text[start]!) && text[start] !== delimiter) start++;
    let end: number;
    let value = '';
    let isOpen = false;
    let next: number;
    if (text[start] === '"') {
      let from = start + 1;
      for (;;) {
        const close = text.indexOf('"', from);
        value += text.slice(from, close < 0 ? text.length : close);
        from = close < 0 ? text.length : close + 1;
        isOpen = close < 0;
        if (close < 0 || text[from] !== '"') break;
        value += '"';
        from++;
      }
      end = from;
      next = text.indexOf(delimiter, from);
      if (next < 0) next = text.length;
    } else {
      next = text.indexOf(delimiter, start);
      if (next < 0) next = text.length;
      end = next;
      while (end > start && isBlank(text[end - 1]!)) end--;
      value = text.slice(start, end);
    }
    fields.push({ start, end, text: value, ...(isOpen && { isOpen }) });
    at = next + 1;
  }
  return fields;
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\uFEFF';
}

/** The layout by a line of column names; undefined where the line is none, or names no clips. */
export function headerLayout(text: string, line: number): DelimitedLayout | undefined {
  for (const delimiter of [',', ';', '\t']) {
    const names = splitFields(text, delimiter).map((field) => field.text.toLowerCase());
    if (names.length < 2) continue;
    const clip = names.findIndex(isClipName);
    const id = names.findIndex(isIdColumn);
    if (clip < 0 && id < 0) continue;
    const ranks = names.map((name) => labelRank(name) ?? Number.POSITIVE_INFINITY);
    const best = Math.min(...ranks);
    const columns = {
      clip,
      id: clip < 0 ? id : -1,
      label: Number.isFinite(best) ? ranks.indexOf(best) : -1,
      start: names.findIndex((name) => name === 'start' || name === 'start_timestamp'),
      end: names.findIndex((name) => name === 'end' || name === 'stop_timestamp'),
    };
    const known = Object.entries(columns).filter(([, column]) => column >= 0);
    return { kind: 'delimited', delimiter, header: line, ...Object.fromEntries(known) };
  }
  return undefined;
}

export function delimitedMention(layout: DelimitedLayout, text: string, line: number): Mention | undefined {
  if (layout.header !== undefined && line <= layout.header) return undefined;
  const fields = splitFields(text, layout.delimiter);
  const { clip, label } = layout.header === undefined ? guessColumns(fields) : layout;
  const named = fields[clip ?? layout.id ?? -1];
  if (named === undefined || named.text === '' || fields.at(-1)!.isOpen) return undefined;
  const isPath = clip !== undefined;
  // A column of paths may name frame folders and files without their ending: those are known to lists only.
  const isId = !isMediaName(named.text);
  if (isId && (isPath ? !isFolderName(named.text) : !isIdName(named.text))) return undefined;
  const candidate: Candidate = { start: named.start, end: named.end, name: named.text, isId };
  const place = label === undefined ? undefined : fields[label];
  if (place) candidate.label = labelPlace(place, line, layout.delimiter);
  const startSec = secondsOf(fields[layout.start ?? -1]?.text);
  const endSec = secondsOf(fields[layout.end ?? -1]?.text);
  return {
    line,
    candidates: [candidate],
    ...(startSec !== undefined && { startSec }),
    ...(endSec !== undefined && { endSec }),
  };
}

function labelPlace({ start, end, text }: Field, line: number, delimiter: string): LabelPlace {
  return { line, start, end, text, writing: 'csv', delimiter };
}

function isFolderName(name: string): boolean {
  return name.length <= 500 && /^[^<>:"|?*\n]*[\w)\]]$/.test(name) && !/^\d*\.\d+$/.test(name);
}

/** Without column names: the first field that is a media file's name is the clip; the label stands behind it, else before it. */
function guessColumns(fields: readonly Field[]): { clip?: number; label?: number } {
  const clip = fields.findIndex(({ text }) => isMediaName(text));
  if (clip < 0) return {};
  const label = clip + 1 < fields.length ? clip + 1 : clip - 1;
  return label >= 0 ? { clip, label } : { clip };
}

/** `34870;Drumming Fingers`: an id and its label, which only lists of this kind have. */
export function idAndLabel(text: string, line: number): Mention | undefined {
  const fields = splitFields(text, ';');
  const [id, label] = fields;
  if (fields.length !== 2 || !id || !label || !/^\d{1,12}$/.test(id.text) || label.text === '') return undefined;
  return {
    line,
    candidates: [{ start: id.start, end: id.end, name: id.text, isId: true, label: labelPlace(label, line, ';') }],
  };
}
