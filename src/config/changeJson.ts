// Changes one value in a JSON text with comments, or takes it away: nothing but its own lines.
import { findNodeAtLocation, type JSONPath, type Node, parseTree } from 'jsonc-parser';
import { behind, block, indentAt, inline, insertEntry } from './insertJson.ts';

/**
 * The text with `value` at `path` (keys of objects); objects on the way there are made. Undefined takes the entry away, with a comment
 * on its line. Comments elsewhere, the layout and the order of what is there stay.
 */
export function changeJson(text: string, path: JSONPath, value: unknown): string {
  const root = parseTree(text, [], { allowTrailingComma: true });
  if (!root) return text;
  const node = findNodeAtLocation(root, path);
  if (node && value === undefined) return withoutEntry(text, node.parent!);
  if (node) return replaced(text, node, value);
  if (value === undefined) return text;
  // The innermost thing that is there takes the rest of the path.
  for (let known = path.length - 1; known >= 0; known--) {
    const owner = findNodeAtLocation(root, path.slice(0, known));
    if (!owner) continue;
    const [key, ...rest] = path.slice(known).map(String);
    const nested = rest.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
    return owner.type === 'object' ? insertEntry(text, owner, nested, key) : replaced(text, owner, { [key!]: nested }); // such as false
  }
  return text;
}

function replaced(text: string, { offset, length }: Node, value: unknown): string {
  const written = text.slice(offset, offset + length);
  const oneLine =
    !written.includes('\n') && (typeof value !== 'object' || Array.isArray(value) || /^[{[]/.test(written));
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const unit = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
  const now = oneLine ? inline(value) : block(value, unit, indentAt(text, offset), eol);
  return text.slice(0, offset) + now + text.slice(offset + length);
}

function withoutEntry(text: string, property: Node): string {
  const owner = property.parent!;
  const entries = owner.children!;
  const index = entries.indexOf(property);
  const close = owner.offset + owner.length - 1;
  const end = property.offset + property.length;
  const { afterComma, afterComments } = behind(text, end, entries[index + 1]?.offset ?? close);
  const before = entries[index - 1];
  const lineStart = text.lastIndexOf('\n', property.offset - 1) + 1;
  const lineEnd = /\r?\n|$/.exec(text.slice(Math.max(afterComma ?? 0, afterComments, end)))!;
  const last = Math.max(afterComma ?? 0, afterComments, end);
  const ownLine = text.slice(lineStart, property.offset).trim() === '' && lineEnd.index === 0;
  let [from, to] = ownLine ? [lineStart, last + lineEnd[0].length] : [property.offset, afterComma ?? end];
  if (!ownLine && entries[index + 1]) to = entries[index + 1]!.offset;
  if (entries[index + 1] === undefined && before && afterComma === undefined) {
    // What is last now ends without a comma.
    const comma = behind(text, before.offset + before.length, property.offset).afterComma! - 1;
    if (!ownLine) from = comma;
    return text.slice(0, comma) + (ownLine ? text.slice(comma + 1, from) : '') + text.slice(to);
  }
  return text.slice(0, from) + text.slice(to);
}
