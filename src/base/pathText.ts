// Paths as others wrote them, on whatever system: text, which no disk is asked about.
import { extname } from 'node:path';

/** With "/" between the parts. */
export function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}

/** "a/b.c.png" → "a/b.c" */
export function withoutEnding(path: string): string {
  return path.slice(0, path.length - extname(path).length);
}

/** Of "a/b/c" itself, "b/c" and "c". */
export function endsOf(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, from) => parts.slice(from).join('/'));
}
