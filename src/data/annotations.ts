// Annotation files of a dataset folder: where they are looked for, how their names tell the split, and JSON read entry by
// entry with line numbers, so that one bad entry is one problem and never spoils the file.
import { join } from 'node:path';
import { failure, type Problemed, type SplitName, warning } from './entries.ts';
import { listFolder } from './folders.ts';
import { readLines, readText } from './lines.ts';

export interface ListFile {
  name: string;
  /** Absolute. */
  file: string;
}

const listEndings = /\.(csv|tsv|txt|json)$/i;
/** Folders that people and archives put annotations into; class folders are not searched. */
const listFolders =
  /annot|label|list|split|meta|devkit|^data$|^imagesets$|^cls-loc$|^ilsvrc|^csv$|^json$|^kinetics[-_]?[467]00/i;

/** The CSV, TXT and JSON files in a folder and, two folders deep, in those that are named like annotations. */
export async function annotationFiles(root: string, depth = 2, endings = listEndings): Promise<ListFile[]> {
  const { files, folders } = await listFolder(root).catch(() => ({ files: [], folders: [] }));
  const found = files.filter((name) => endings.test(name)).map((name) => ({ name, file: join(root, name) }));
  if (depth > 0)
    for (const name of folders.filter((folder) => listFolders.test(folder)))
      found.push(...(await annotationFiles(join(root, name), depth - 1, endings)));
  return found;
}

const longestFirst = 20_000;

/** The first lines of a text file that are not empty, or the beginnings of long ones; none where it cannot be read. */
export async function firstLines(file: string, number: number): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const { text } of readLines(file)) {
      if (text.trim() !== '') found.push(text.slice(0, longestFirst));
      if (found.length >= number) break;
    }
  } catch {
    // Who reads the list in earnest tells why it cannot be read.
  }
  return found;
}

/** The split that the name of a list speaks of: `kinetics700_validate.csv` → val. */
export function splitOfList(name: string): SplitName | undefined {
  const word = /(?:^|[^a-z])(train|val|test)(?=ing|id|$|[^a-z]|list|set|Set)/i.exec(name)?.[1]?.toLowerCase();
  return word as SplitName | undefined;
}

/** The problem of a dataset's folder without any list of its format; `example` is what such a list is called or begins with. */
export function noList(root: string, title: string, example: string): Problemed {
  const advice = 'Put it there, or correct "path" or "format" in cover.json.';
  return failure(root, `There is no list of ${title} in ${root}, such as ${example}. ${advice}`);
}

/** Warns of each of `lists` that its name says to be one of ours, but that is not among `own`, which are read. */
export function* unread(lists: readonly ListFile[], own: readonly ListFile[], should: string): Generator<Problemed> {
  for (const list of lists)
    if (!own.some(({ file }) => file === list.file))
      yield warning(list.file, `This list is not read: ${should}. Mend it, or fetch it again.`);
}

export interface JsonEntry {
  /** 1-based line on which the value begins. */
  line: number;
  /** The key, of an object; the index as text, of a list. */
  key: string;
  /** The value's text, to be parsed by `JSON.parse`. */
  text: string;
  /** What is wrong with the file here, as a sentence; there is no value then. */
  wrong?: string;
}

export async function readJsonEntries(file: string): Promise<JsonEntry[]> {
  return [...jsonEntries(await readText(file))];
}

export const cutOff = 'The file ends before its JSON does. Fetch it again, or close what is open.';
const brokenEntry = 'This entry is broken or not closed. Mend it, or fetch the list again.';
/** So many times reading begins anew inside a broken entry. */
const mostRestarts = 20;
/** So many brackets back the one is looked for that a closing bracket may mean. */
const lookBack = 8;

/**
 * The entries of the list or object that `text` holds, and what is wrong between them: one slip costs one entry. With
 * `restarts` 0 an entry that is broken or not closed goes on as far as its brackets do.
 */
export function* jsonEntries(text: string, firstLine = 1, restarts = mostRestarts): Generator<JsonEntry> {
  let line = firstLine;
  const open: string[] = [];
  let closer = '';
  let begin = -1;
  let beginLine = line;
  let key: string | undefined;
  let number = 0;
  let left = restarts;
  let hasEnded = false;
  // A line with a thousand commas too many is one problem.
  let wrongLine = 0;
  const wrong = (sentence: string): JsonEntry => {
    wrongLine = line;
    return { line, key: String(number), text: '', wrong: sentence };
  };
  const entry = (end: number): JsonEntry => {
    const found = begin < 0 ? '' : text.slice(begin, end).trimEnd();
    const own: JsonEntry = { line: begin < 0 ? line : beginLine, key: key ?? String(number), text: found };
    if (closer === '}' && key === undefined)
      Object.assign(own, { wrong: 'This entry has no key: it should be "key": value.' });
    begin = -1;
    key = undefined;
    return own;
  };
  // Where reading goes on after an entry that cannot be parsed and has more lines: one of those may begin the next.
  const resumes = (end: number): number | undefined => {
    if (begin < 0 || left === 0) return undefined;
    const next = nextEntry(text, begin, end);
    if (next < 0) return undefined;
    const isSwallowed = end === text.length && text[begin] === '['; // what should have closed the whole list
    if (open.length === 0 && !isSwallowed && isJson(text.slice(begin, end))) return undefined;
    left--;
    return next;
  };
  const resume = (next: number): JsonEntry => {
    const broken: JsonEntry = { line: beginLine, key: key ?? String(number), text: '', wrong: brokenEntry };
    line = beginLine;
    for (let i = begin; i < next; i++) if (isLineEnd(text, i)) line++;
    open.length = 0;
    begin = -1;
    key = undefined;
    return broken;
  };
  for (let at = 0; ; at++) {
    if (at >= text.length) {
      const next = resumes(text.length);
      if (next === undefined) break;
      yield resume(next);
      at = next;
    }
    const char = text[at]!;
    if (isLineEnd(text, at)) line++;
    if (char === ' ' || char === '\n' || char === '\r' || char === '\t') continue;
    if (closer === '') {
      if (char !== '[' && char !== '{') break;
      closer = char === '[' ? ']' : '}';
      continue;
    }
    if (hasEnded) {
      if (wrongLine !== line)
        yield wrong('There is more after the end of the list: a bracket too many before, or two lists in one file.');
      hasEnded = false;
      if (char === ',') continue;
    }
    if (open.length === 0 && (char === ',' || char === closer)) {
      const next = resumes(at);
      if (next !== undefined) {
        yield resume(next);
        at = next - 1;
        continue;
      }
      if (begin >= 0 || key !== undefined) yield entry(at);
      else if (char === ',' && wrongLine !== line) yield wrong('There is a comma too many here.');
      number++;
      hasEnded = char === closer;
      continue;
    }
    if (char === ':' && open.length === 0 && closer === '}' && key === undefined && begin >= 0) {
      key = parseKey(text.slice(begin, at));
      begin = -1;
      continue;
    }
    if (begin < 0) {
      begin = at;
      beginLine = line;
    }
    if (char === '"') at = closingQuote(text, at);
    else if (char === '[') open.push(']');
    else if (char === '{') open.push('}');
    else if (char === ']' || char === '}') {
      const place = open.lastIndexOf(char);
      if (place >= Math.max(0, open.length - lookBack)) open.length = place;
    }
  }
  if (closer === '')
    yield wrong(text.trim() === '' ? 'This file is empty.' : 'This file should hold a list or an object of JSON.');
  else if (!hasEnded) {
    if (begin >= 0 || key !== undefined) yield entry(text.length);
    yield wrong(cutOff);
  }
}

function isLineEnd(text: string, at: number): boolean {
  return text[at] === '\n' || (text[at] === '\r' && text[at + 1] !== '\n');
}

function isJson(text: string): boolean {
  return parseEntry({ text }) !== undefined;
}

/** Where in the lines after the one of `begin`, before `end`, an entry seems to begin: with "{", or a key and "{". */
function nextEntry(text: string, begin: number, end: number): number {
  const start = /(?<=[\n\r])[ \t]{0,100}(?:\{|"[^"\\\n\r]{0,1000}"[ \t]{0,10}:[ \t]{0,10}\{)/g;
  start.lastIndex = begin + 1;
  const found = start.exec(text);
  return found && found.index < end ? found.index : -1;
}

/** The place of the quote that closes the one at `open`; a line end closes it as well: JSON strings have none. */
function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '"') return at;
    if (text[at] === '\n' || text[at] === '\r') return at - 1;
    if (text[at] === '\\' && text[at + 1] !== '\n' && text[at + 1] !== '\r') at++;
  }
  return text.length;
}

function parseKey(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text.trim();
  }
}

/** The entry's value, or undefined where it is not valid JSON. */
export function parseEntry({ text }: { text: string }): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An object's field as text, where it is text or a number. */
export function textField(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  const field = (value as Record<string, unknown>)[name];
  return typeof field === 'string' || typeof field === 'number' ? String(field) : undefined;
}
