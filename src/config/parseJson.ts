// Parses cover.json and its like, JSON with comments, keeping where everything stands; the first syntax error as one sentence.
import { basename } from 'node:path';
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Problem } from '../protocol/events.ts';
import { JsonPlaces } from './places.ts';

export interface ParsedJson {
  root: Node | undefined;
  places: JsonPlaces;
  /** One slip makes many syntax errors; the first is the one to mend. */
  problem: Problem | undefined;
}

/** Comments and trailing commas are allowed. Offsets count from after a byte order mark, as an editor shows it. */
export function parseJson(file: string, raw: string): ParsedJson {
  const text = raw.replace(/^\uFEFF/, '');
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const places = new JsonPlaces(file, text, root);
  const [first] = errors;
  if (!first) return { root, places, problem: undefined };
  const code = printParseErrorCode(first.error);
  const message = `${basename(file)} is not valid JSON: ${reasons[code] ?? 'it cannot be read from here on'}.`;
  return { root, places, problem: places.at('error', ...placeOf(code, first, text), message) };
}

/** Offset and length. What is missing is marked at the end of what stands before it, not on a later line. */
function placeOf(code: string, { offset, length }: ParseError, text: string): [number, number] {
  if (!missing.has(code)) return [Math.min(offset, Math.max(0, text.length - 1)), Math.max(1, length)];
  return [Math.max(0, text.slice(0, offset).trimEnd().length - 1), 1];
}

const missing = new Set(['CommaExpected', 'ColonExpected', 'CloseBraceExpected', 'CloseBracketExpected']);

const reasons: Record<string, string> = {
  InvalidNumberFormat: 'this is not a number',
  PropertyNameExpected: 'a name in double quotes is expected here',
  ValueExpected: 'a value is expected here',
  ColonExpected: 'a ":" is missing after this',
  CommaExpected: 'a "," is missing after this',
  CloseBraceExpected: 'a closing "}" is missing after this',
  CloseBracketExpected: 'a closing "]" is missing after this',
  EndOfFileExpected: 'nothing more is expected after the closing "}"',
  UnexpectedEndOfComment: 'this comment is not closed with "*/"',
  UnexpectedEndOfString: 'this text is not closed with a double quote',
  InvalidEscapeCharacter: 'after "\\" only " \\ / b f n r t or u may stand; write a path with "/"',
  InvalidUnicode: 'after "\\u" four hexadecimal digits are needed',
  InvalidCharacter: 'this control character may not stand here; write it as \\t or \\n',
  InvalidSymbol: 'this word is not JSON; write text in double quotes',
};
