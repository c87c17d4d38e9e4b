// Annotation files of a dataset folder: where they are looked for, how their names tell the split, and JSON read entry by
// entry with line numbers, so that one bad entry is one problem and never spoils the file.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SplitName } from './entries.ts';
import { listFolder } from './folders.ts';
import { readLines } from './lines.ts';

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
export async function annotationFiles(root: string, depth = 2): Promise<ListFile[]> {
  const { files, folders } = await listFolder(root).catch(() => ({ files: [], folders: [] }));
  const found = files.filter((name) => listEndings.test(name)).map((name) => ({ name, file: join(root, name) }));
  if (depth > 0)
    for (const name of folders.filter((folder) => listFolders.test(folder)))
      found.push(...(await annotationFiles(join(root, name), depth - 1)));
  return found;
}

/** The first lines of a text file that are not empty; none where it cannot be read. */
export async function firstLines(file: string, number: number): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const { text } of readLines(file)) {
      if (text.trim() !== '') found.push(text);
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

export interface JsonEntry {
  /** 1-based line on which the value begins. */
  line: number;
  /** The key, of an object; the index as text, of a list. */
  key: string;
  /** The value's text, to be parsed by `JSON.parse`. */
  text: string;
}

export async function readJsonEntries(file: string): Promise<JsonEntry[]> {
  return [...jsonEntries((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''))];
}

/** The entries of the list or object that `text` holds. What is not closed ends with the text. */
export function* jsonEntries(text: string, firstLine = 1): Generator<JsonEntry> {
  let line = firstLine;
  let depth = 0;
  let begin = -1;
  let beginLine = line;
  let key: string | undefined;
  let number = 0;
  let isList = true;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === '\n') line++;
    if (/\s/.test(char)) continue;
    if (depth === 0) {
      if (char !== '[' && char !== '{') return;
      isList = char === '[';
      depth = 1;
      continue;
    }
    const ends = depth === 1 && (char === ',' || char === ']' || char === '}');
    if (ends) {
      if (begin >= 0) yield { line: beginLine, key: key ?? String(number), text: text.slice(begin, at).trimEnd() };
      number++;
      begin = -1;
      key = undefined;
      if (char !== ',') return;
      continue;
    }
    if (begin < 0) {
      begin = at;
      beginLine = line;
    }
    if (char === '"') {
      const end = closingQuote(text, at);
      at = end;
      continue;
    }
    if (char === '[' || char === '{') depth++;
    else if (char === ']' || char === '}') depth--;
    else if (char === ':' && depth === 1 && !isList && key === undefined) {
      key = parseKey(text.slice(begin, at));
      begin = -1;
    }
  }
  if (begin >= 0) yield { line: beginLine, key: key ?? String(number), text: text.slice(begin).trimEnd() };
}

/** The place of the quote that closes the one at `open`; a line end closes it as well: JSON strings have none. */
function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
    else if (text[at] === '\n') return at - 1;
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
