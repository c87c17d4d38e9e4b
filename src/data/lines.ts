// Lines of a text file with their numbers, and records of a CSV file with the line they begin on. Written here because
// problems must name the right line, and one bad quote must not swallow the rest of the file.
import { createReadStream } from 'node:fs';

export interface Line {
  /** 1-based. */
  number: number;
  text: string;
}

export interface CsvRecord {
  /** 1-based line on which the record begins. */
  line: number;
  fields: string[];
  /** One clause that tells what is wrong with the quotes; `fields` is then not to be used. */
  error?: string;
}

/** Longer lines than this are cut off: no manifest has them, and a file without line ends must not fill the memory. */
const longestLine = 1 << 20;
/** A quoted field may go on over so many lines; one more, and its opening quote was a slip. */
const mostLines = 50;

/** The lines of a UTF-8 file, without their ends (LF or CRLF) and without a byte order mark. Throws as reading does. */
export async function* readLines(file: string, signal?: AbortSignal): AsyncGenerator<Line> {
  const stream = createReadStream(file, { encoding: 'utf8', ...(signal && { signal }) });
  let number = 0;
  let rest = '';
  const line = (text: string): Line => {
    number++;
    const start = number === 1 && text.startsWith('\uFEFF') ? 1 : 0;
    return { number, text: text.slice(start, text.endsWith('\r') ? -1 : undefined) };
  };
  for await (const chunk of stream) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop()!.slice(0, longestLine);
    for (const part of parts) yield line(part);
  }
  if (rest !== '') yield line(rest);
}

/** The records of a CSV file; empty lines are skipped. Fields are as written, quotes undone. */
export async function* readCsv(file: string, delimiter: string, signal?: AbortSignal): AsyncGenerator<CsvRecord> {
  const lines = readLines(file, signal);
  // Lines already taken while looking for a closing quote that never came: they are records of their own.
  const waiting: Line[] = [];
  const next = async () => waiting.shift() ?? (await lines.next()).value;
  for (let line = await next(); line; line = await next()) {
    if (line.text.trim() === '') continue;
    let record = parseRecord(line.text, delimiter);
    const taken: Line[] = [];
    let text = line.text;
    while (record === 'open' && taken.length < mostLines) {
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
