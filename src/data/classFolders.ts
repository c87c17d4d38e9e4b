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

/** Samples and problems of the class folders below `root`, in a stable order. Throws only when aborted. */
export async function* readClassFolders(
  root: string,
  kind: MediaKind,
  signal?: AbortSignal,
): AsyncGenerator<Batch | Problemed> {
  const listing = yield* list(root);
  if (!listing) return;
  const splits = await splitFolders(root, listing.folders);
  if (!splits) {
    yield* strays(root, listing.files, kind);
    for (const label of listing.folders) yield* readClass(root, label, label, null, kind, signal);
    return;
  }
  yield* strays(root, listing.files, kind);
  for (const name of listing.folders) {
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
    for (const label of inside.folders) yield* readClass(root, `${name}/${label}`, label, split, kind, signal);
  }
}

type Problemed = Extract<Entry, { problem: Problem }>;

async function* readClass(
  root: string,
  path: string,
  label: string,
  split: SplitName | null,
  kind: MediaKind,
  signal?: AbortSignal,
): AsyncGenerator<Batch | Problemed> {
  throwIfAborted(signal, 'Indexing');
  const folder = join(root, path);
  const listing = yield* list(folder);
  if (!listing) return;
  const media = listing.files.filter((name) => isMedia(name, kind));
  const others = listing.files.filter((name) => !isMedia(name, kind));
  if (media.length === 0) yield warning(folder, `Class "${label}" is empty: its folder holds no ${kind} file.`);
  if (others.length > 0) {
    const endings = [...new Set(others.map((name) => extname(name).toLowerCase() || 'no extension'))].slice(0, 5);
    yield warning(folder, `${count(others.length, 'file')} left out here: not ${kind} files (${endings.join(', ')}).`);
  }
  if (listing.folders.length > 0)
    yield warning(
      folder,
      `${count(listing.folders.length, 'folder')} inside class "${label}" not read (${listing.folders.slice(0, 3).join(', ')}): files must lie directly in their class folder.`,
    );
  if (media.length > 0)
    yield { samples: media.map((name) => new FileInFolder(folder, path, name, label.normalize('NFC'), split)) };
}

/** A file by its name and its folder's: for a million files, whole paths would fill the memory. */
class FileInFolder implements FoundSample {
  constructor(
    private readonly folder: string,
    private readonly inside: string,
    private readonly name: string,
    public label: string,
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
