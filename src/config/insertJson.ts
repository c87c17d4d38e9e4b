// Puts one more entry into an object or a list of a JSON text with comments, changing nothing else: an editing library
// would lay out the neighbouring lines anew.
import type { Node } from 'jsonc-parser';

/**
 * The text with an entry added at the end of `container`: for an object `key` and `value`, for a list `value` alone.
 * A container written on one line stays on one line; any other, and an empty object, gets the entry on lines of its own.
 */
export function insertEntry(text: string, container: Node, value: unknown, key?: string): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const unit = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
  const name = key === undefined ? '' : `${JSON.stringify(key)}: `;
  const close = container.offset + container.length - 1;
  const entries = container.children ?? [];
  const last = entries.at(-1);
  const outer = indentAt(text, container.offset);
  const oneLine = !text.slice(container.offset, close).includes('\n');
  if (!last) {
    if (container.type === 'array' && oneLine) return splice(text, close, name + inline(value));
    const entry = eol + outer + unit + name + block(value, unit, outer + unit, eol);
    // What stands inside can only be comments; they stay before the entry.
    const end = text.slice(0, close).trimEnd().length;
    return text.slice(0, end) + entry + eol + outer + text.slice(close);
  }
  const lastEnd = last.offset + last.length;
  const { afterComma, afterComments } = behind(text, lastEnd, close);
  const comma = afterComma === undefined ? ',' : '';
  if (oneLine) return splice(text, afterComma ?? lastEnd, `${comma} ${name}${inline(value)}`);
  const indent = indentAt(text, last.offset);
  const entry = `${eol}${indent}${name}${block(value, unit, indent, eol)}${afterComma === undefined ? '' : ','}`;
  const withEntry = splice(text, Math.max(afterComments, afterComma ?? 0), entry);
  return splice(withEntry, lastEnd, comma);
}

/** What follows the last entry: a trailing comma if any, and where comments on the same line end. */
export function behind(
  text: string,
  from: number,
  close: number,
): { afterComma: number | undefined; afterComments: number } {
  const tokens = /[ \t\r]+|\n|\/\/[^\n\r]*|\/\*[\s\S]*?\*\/|,/y;
  tokens.lastIndex = from;
  let afterComma: number | undefined;
  let afterComments = from;
  let sameLine = true;
  for (let token = tokens.exec(text); token && token.index < close; token = tokens.exec(text)) {
    if (token[0] === '\n') sameLine = false;
    else if (token[0] === ',') afterComma = tokens.lastIndex;
    else if (token[0].startsWith('/') && sameLine) afterComments = tokens.lastIndex;
  }
  return { afterComma, afterComments };
}

export function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1))![0];
}

export function block(value: unknown, unit: string, indent: string, eol: string): string {
  return JSON.stringify(value, null, unit).replaceAll('\n', eol + indent);
}

/** One line with spaces as people write it: `{ "kind": "image" }`. */
export function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${inline(item)}`);
  return `{ ${entries.join(', ')} }`;
}

function splice(text: string, offset: number, insertion: string): string {
  return text.slice(0, offset) + insertion + text.slice(offset);
}
