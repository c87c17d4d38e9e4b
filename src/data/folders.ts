// Listing folders for datasets: sorted, links followed, hidden and machine-made things left out.
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SplitName } from './entries.ts';

export interface FolderListing {
  folders: string[];
  /** Everything else, broken links included: reading them tells what is wrong. */
  files: string[];
}

const ignored = new Set(['node_modules', '__pycache__', '__MACOSX', 'Thumbs.db', 'desktop.ini']);

/** The names in a folder, sorted by code unit so that every machine sees the same order. Throws as readdir does. */
export async function listFolder(folder: string): Promise<FolderListing> {
  const listing: FolderListing = { folders: [], files: [] };
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || ignored.has(entry.name)) continue;
    ((await isFolder(folder, entry)) ? listing.folders : listing.files).push(entry.name);
  }
  listing.folders.sort(byCodeUnit);
  listing.files.sort(byCodeUnit);
  return listing;
}

async function isFolder(folder: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  const target = await stat(join(folder, entry.name)).catch(() => undefined);
  return target?.isDirectory() ?? false;
}

/** Orders text the same on every machine and in every language. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The split folders of a dataset folder, or undefined where it has none. A folder named like a split counts only where
 * one of them holds folders itself; else "test" is simply a class.
 */
export async function splitFolders(
  root: string,
  folders: readonly string[],
): Promise<Map<string, SplitName> | undefined> {
  const named = new Map<string, SplitName>();
  for (const name of folders) {
    const split = splitOf(name);
    if (split) named.set(name, split);
  }
  for (const name of named.keys()) {
    const inside = await listFolder(join(root, name)).catch(() => undefined);
    if (inside && inside.folders.length > 0) return named;
  }
  return undefined;
}

const splitNames: Readonly<Record<string, SplitName>> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validate: 'val',
  validation: 'val',
  dev: 'val',
  test: 'test',
  testing: 'test',
};

/** The split that a folder or a manifest means by `name`, in any case. */
export function splitOf(name: string): SplitName | undefined {
  const key = name.trim().toLowerCase();
  return Object.hasOwn(splitNames, key) ? splitNames[key] : undefined;
}
