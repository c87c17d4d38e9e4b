// The class-folder format: [split/]class/file. The folder's name is the label, whatever characters it has.
import { extname, join, sep } from 'node:path';
import { throwIfAborted } from '../base/errors.ts';
import type { Problem } from '../protocol/events.ts';
import {
  type Batch,
  count,
  type Entry,
  type FoundSample,
  failure,
  type MediaKind,
  readingFailed,
  type SplitName,
  warning,
} from './entries.ts';
import { type FolderListing, listFolder, splitFolders } from './folders.ts';
import { isMedia } from './mediaFiles.ts';

/** The label of a folder's samples by its name; null leaves the folder out. */
export type Rename = (name: string) => string | null;

/**
 * Samples and problems of the class folders below `root`, in a stable order. A batch has all samples of one label in one
 * split (of one label, where there are no splits), whatever number of folders they lie in. Throws only when aborted.
 */
export async function* readClassFolders(
  root: string,
  kind: MediaKind,
  signal?: AbortSignal,
  rename: Rename = (name) => name,
): AsyncGenerator<Batch | Problemed> {
  const found = yield* findClasses(root, kind, rename);
  const holdsOut = await holdOut(root, found, kind);
  let done = 0;
  for (const one of found) {
    throwIfAborted(signal, 'Indexing');
    const samples: FoundSample[] = [];
    for (const path of one.paths) yield* readClass(root, path, one, kind, samples);
    done++;
    if (samples.length > 0) yield { samples, share: done / found.length, holdsOut };
  }
}

/** Whether class folders hold anything out themselves: a media file in a class folder of val or test. */
async function holdOut(root: string, found: readonly ClassOfFolders[], kind: MediaKind): Promise<boolean> {
  for (const { split, paths } of found) {
    if (split !== 'val' && split !== 'test') continue;
    for (const path of paths) {
      const { files } = await listFolder(join(root, path)).catch(() => ({ files: [] }));
      if (files.some((file) => isMedia(file, kind))) return true;
    }
  }
  return false;
}

type Problemed = Extract<Entry, { problem: Problem }>;

interface ClassOfFolders {
  split: SplitName | null;
  label: string;
  /** Of its folders, inside the root. More than one only where names differ in spelling alone ("train" and "training"). */
  paths: string[];
}

async function* findClasses(
  root: string,
  kind: MediaKind,
  rename: Rename,
): AsyncGenerator<Problemed, ClassOfFolders[]> {
  const classes = new Map<string, ClassOfFolders>();
  const add = (split: SplitName | null, folder: string, path: string) => {
    const label = rename(folder.normalize('NFC'));
    if (label === null) return;
    const key = `${split}/${label}`;
    const known = classes.get(key);
    if (known) known.paths.push(path);
    else classes.set(key, { split, label, paths: [path] });
  };
  const listing = yield* list(root);
  if (!listing) return [];
  const splits = await splitFolders(root, listing.folders);
  yield* strays(root, listing.files, kind);
  for (const name of listing.folders) {
    if (!splits) {
      add(null, name, name);
      continue;
    }
    const folder = join(root, name);
    const split = splits.get(name);
    if (!split) {
      yield warning(
        folder,
        `This folder is left out: it stands beside ${[...splits.keys()].join(', ')} but is no split.`,
      );
      continue;
    }
    const inside = yield* list(folder);
    if (!inside) continue;
    if (inside.folders.length === 0) yield warning(folder, `Split "${name}" has no class folders.`);
    yield* strays(folder, inside.files, kind);
    for (const label of inside.folders) add(split, label, `${name}/${label}`);
  }
  return [...classes.values()];
}

/** Adds the samples of one folder of a class to `samples`. */
async function* readClass(
  root: string,
  path: string,
  { label, split }: ClassOfFolders,
  kind: MediaKind,
  samples: FoundSample[],
): AsyncGenerator<Problemed> {
  const folder = join(root, path);
  const listing = yield* list(folder);
  if (!listing) return;
  const others: string[] = [];
  let media = 0;
  for (const name of listing.files) {
    if (!isMedia(name, kind)) {
      others.push(name);
      continue;
    }
    media++;
    samples.push(new FileInFolder(folder, path, name, label, split));
  }
  const shown = path.slice(path.lastIndexOf('/') + 1);
  if (media === 0) yield warning(folder, `Class "${shown}" is empty: its folder holds no ${kind} file.`);
  if (others.length > 0) {
    const endings = [...new Set(others.map((name) => extname(name).toLowerCase() || 'no extension'))].slice(0, 5);
    yield warning(folder, `${count(others.length, 'file')} left out here: not ${kind} files (${endings.join(', ')}).`);
  }
  if (listing.folders.length > 0)
    yield warning(
      folder,
      `${count(listing.folders.length, 'folder')} inside class "${shown}" not read (${listing.folders.slice(0, 3).join(', ')}): files must lie directly in their class folder.`,
    );
}

/** A file by its name and its folder's: for a million files, whole paths would fill the memory. */
class FileInFolder implements FoundSample {
  constructor(
    private readonly folder: string,
    private readonly inside: string,
    private readonly name: string,
    readonly label: string,
    readonly split: SplitName | null,
  ) {}

  get path(): string {
    return `${this.inside}/${this.name}`;
  }

  get file(): string {
    return this.folder + sep + this.name;
  }

  get start(): null {
    return null;
  }

  get end(): null {
    return null;
  }
}

/** Media files that lie where no class is: they have no label. */
async function* strays(folder: string, files: readonly string[], kind: MediaKind): AsyncGenerator<Problemed> {
  const lost = files.filter((name) => isMedia(name, kind));
  if (lost.length > 0)
    yield warning(folder, `${count(lost.length, 'file')} left out here: no class folder around (${lost[0]}, …).`);
}

async function* list(folder: string): AsyncGenerator<Problemed, FolderListing | undefined> {
  try {
    return await listFolder(folder);
  } catch (error) {
    yield failure(
      folder,
      `Folder ${folder} could not be read: ${readingFailed(error)}. Mend it, or the path in cover.json.`,
    );
    return undefined;
  }
}
