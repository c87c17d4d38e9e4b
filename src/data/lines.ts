// Lines of a text file with their numbers, and records of a CSV file with the line they begin on. Written here because
// problems must name the right line, and one bad quote must not swallow the rest of the file.
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { regularFile } from '../base/regularFile.ts';

export interface Line {
  /** 1-based. */
  number: number;
  text: string;
  /** The line is longer than what is read of it, and `text` only its beginning. */
  isCut?: true;
}

export interface CsvRecord {
  /** 1-based line on which the record begins. */
  line: number;
  fields: string[];
  /** One clause that tells what is wrong with the record; `fields` is then not to be used. */
  error?: string;
}

/** Longer lines than this are cut off: no manifest has them, and a file without line ends must not fill the memory. */
const longestLine = 1 << 20;
/** A quoted field may go on over so many lines; one more, and its opening quote was a slip. */
const mostLines = 50;
/** Bytes of a file that is read whole. */
const mostBytes = 400_000_000;

/**
 * The lines of a text file, UTF-8 or with the byte order mark of UTF-16, without their ends (LF, CRLF or CR, as editors
 * count them). Throws as reading does, and where the file is no regular one: a pipe or a device might never end.
 */
export async function* readLines(file: string, signal?: AbortSignal, longest = longestLine): AsyncGenerator<Line> {
  await regularFile(file);
  const stream = createReadStream(file, signal && { signal });
  let decoder: TextDecoder | undefined;
  let number = 0;
  let rest = '';
  let isCut = false;
  let held = '';
  const line = (): Line => {
    number++;
    const found: Line = { number, text: rest, ...(isCut && { isCut }) };
    rest = '';
    isCut = false;
    return found;
  };
  const take = (part: string) => {
    const room = longest - rest.length;
    rest += part.length > room ? part.slice(0, room) : part;
    if (part.length > room) isCut = true;
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    decoder ??= new TextDecoder(encodingOf(chunk));
    let text = held + decoder.decode(chunk, { stream: true });
    // The CR at the end of a chunk may be half of a line end.
    held = text.endsWith('\r') ? '\r' : '';
    text = text.slice(0, text.length - held.length);
    const parts = text.split(text.includes('\r') ? /\r\n|\n|\r/ : '\n');
    const last = parts.pop()!;
    for (const part of parts) {
      take(part);
      yield line();
    }
    take(last);
  }
  take(decoder?.decode() ?? '');
  if (rest !== '' || held !== '') yield line();
}

/** The whole of a text file, encoded as `readLines` takes it. Throws as that does, and where it is too large. */
export async function readText(file: string): Promise<string> {
  const bytes = await readWhole(file, mostBytes);
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

/** A file's bytes. Throws where it has more than `most`, or is no regular file. */
export async function readWhole(file: string, most: number): Promise<Buffer> {
  const { size } = await regularFile(file);
  if (size > most) throw new Error(`it is larger than ${most / 1e6} MB`);
  return readFile(file);
}

function encodingOf(start: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  return start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : 'utf-8';
}

/** The records of a CSV file; empty lines are skipped. Fields are as written, quotes undone. */
export async function* readCsv(file: string, delimiter: string, signal?: AbortSignal): AsyncGenerator<CsvRecord> {
  const lines = readLines(file, signal);
  // Lines already taken while looking for a closing quote that never came: they are records of their own.
  const waiting: Line[] = [];
  const next = async () => waiting.shift() ?? (await lines.next()).value;
  for (let line = await next(); line; line = await next()) {
    if (line.text.trim() === '') continue;
    if (line.isCut) {
      yield {
        line: line.number,
        fields: [],
        error: `it is longer than ${longestLine.toLocaleString('en')} characters`,
      };
      continue;
    }
    let record = parseRecord(line.text, delimiter);
    const taken: Line[] = [];
    let text = line.text;
    while (record === 'open' && taken.length < mostLines && text.length < longestLine) {
      const more = await next();
      if (!more) break;
      taken.push(more);
      text += `\n${more.text}`;
      record = parseRecord(text, delimiter);
    }
    if (record === 'open') {
      waiting.unshift(...taken);
      yield { line: line.number, fields: [], error: 'a quote is opened but never closed' };
    } else if (record === 'trailing') {
      yield { line: line.number, fields: [], error: 'there is text after a closing quote' };
    } else yield { line: line.number, fields: record };
  }
}

/** The fields of one record; 'open' where a quoted field does not end; 'trailing' where text follows a closing quote. */
export function parseRecord(text: string, delimiter: string): string[] | 'open' | 'trailing' {
  const fields: string[] = [];
  for (let at = 0; ; ) {
    const quoted = /^[ \t]*"/.exec(text.slice(at, at + 64))?.[0];
    let end: number;
    if (quoted === undefined || (delimiter === '\t' && quoted.includes('\t'))) {
      end = text.indexOf(delimiter, at);
      if (end < 0) end = text.length;
      fields.push(text.slice(at, end).trim());
    } else {
      let value = '';
      let from = at + quoted.length;
      for (;;) {
        const close = text.indexOf('"', from);
        if (close < 0) return 'open';
        value += text.slice(from, close);
        from = close + 1;
        if (text[from] !== '"') break;
        value += '"';
        from++;
      }
      end = text.indexOf(delimiter, from);
      if (end < 0) end = text.length;
      if (text.slice(from, end).trim() !== '') return 'trailing';
      fields.push(value);
    }
    if (end >= text.length) return fields;
    at = end + 1;
  }
}
