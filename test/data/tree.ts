// Folder trees for tests: `tree({'a/b.png': 'x'})` makes the files in a fresh folder that is removed after the test.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** File contents by path. A path that ends with "/" is an empty folder; `{ link }` is a symbolic link. */
export type Tree = Record<string, string | Uint8Array | { link: string }>;

export function tree(files: Tree): string {
  const root = mkdtempSync(join(tmpdir(), 'cover-test-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  grow(root, files);
  return root;
}

export function grow(root: string, files: Tree): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path);
    if (path.endsWith('/')) {
      mkdirSync(file, { recursive: true });
      continue;
    }
    mkdirSync(dirname(file), { recursive: true });
    if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(file, content);
    else symlinkSync(content.link, file);
  }
}

/** `files(3, 'train/a/', '.png')` → train/a/0.png … train/a/2.png. */
export function files(number: number, prefix: string, ending: string): Tree {
  return Object.fromEntries(Array.from({ length: number }, (_, index) => [`${prefix}${index}${ending}`, 'x']));
}
