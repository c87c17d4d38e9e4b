// Finds the datasets at and below a folder by looking at names and lists only: manifests whose files exist, the annotation
// lists of well-known datasets (findListed.ts), class folders with or without split folders. Nothing is changed. Each find comes with the reason it was taken for a dataset.
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { throwIfAborted, UserError } from '../base/errors.ts';
import { cleanName, uniqueName } from '../config/names.ts';
import type { DatasetFormat } from '../protocol/datasets.ts';
import { count, type MediaKind, readingFailed } from './entries.ts';
import { findListed } from './findListed.ts';
import { byCodeUnit, type FolderListing, listFolder, splitFolders, splitOf } from './folders.ts';
import { readManifest } from './manifest.ts';
import { mediaKind } from './mediaFiles.ts';
import { isInstalled, isSystemView } from './systemFolders.ts';

export interface DiscoveredDataset {
  /** Valid and unique among those found. */
  name: string;
  kind: MediaKind;
  /** Relative to `base`, with "/"; absolute where the two share no root. */
  path: string;
  format: DatasetFormat;
  fold?: number;
  column?: string;
  /** A sentence or two for a person: what it was recognised by, what is missing, and what else could be chosen. */
  reason: string;
  samples: number;
  classes: number;
  /** None of the files that its lists name was found. */
  missing?: true;
}

export type Find = Omit<DiscoveredDataset, 'name' | 'path'> & { place: string; title: string };

/** What looks like material for a dataset, and is in none. */
export interface LeftOut {
  /** Of the folder or list; as a dataset's path. */
  path: string;
  /** A sentence for a person. */
  reason: string;
}

interface Finds {
  sure: Find[];
  /** A lone folder of media, which is a dataset only if there is nothing better. */
  weak: Find[];
  /** Reasons by absolute path. */
  leftOut: Map<string, string>;
}

/** A dataset lies at most so many folders below the one that is searched. */
export const deepest = 3;
/** A name that says nothing: the folder's is used instead. */
const plainNames = /^(manifest|labels?|annotations?|data|dataset|index|samples|metadata)$/i;

/** The search under way: how many folders were looked at, of as many as there seem to be so far. */
interface Search {
  readonly finds: Finds;
  /** Real paths: links may lead back. */
  readonly visited: Set<string>;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (done: number, total: number) => void;
  done: number;
  total: number;
}

/**
 * The datasets at and below `folder`, in the order of their paths, which are given relative to `base`. What is left out is told last.
 * Throws UserError where the folder cannot be read, or shows the running system, CancelledError where `signal` aborts.
 */
export async function discoverDatasets(
  folder: string,
  signal?: AbortSignal,
  base: string = folder,
  onLeftOut: (leftOut: LeftOut) => void = () => {},
  onProgress: (done: number, total: number) => void = () => {},
): Promise<DiscoveredDataset[]> {
  const root = resolve(folder);
  if (await isSystemView(root))
    throw new UserError(
      'folder-special',
      `${root} shows the running system, and holds no files of anybody. Name the folder that your datasets lie in.`,
      root,
    );
  try {
    await listFolder(root);
  } catch (error) {
    throw new UserError(
      'folder-unreadable',
      `${root} could not be searched: ${readingFailed(error)}. Name another folder.`,
      root,
    );
  }
  const finds: Finds = { sure: [], weak: [], leftOut: new Map() };
  await search(root, 0, { finds, visited: new Set(), signal, onProgress, done: 0, total: 1 });
  const pathOf = (place: string) => (relative(resolve(base), place) || '.').split(sep).join('/');
  const isTaken = finds.sure.length === 0;
  for (const { place, reason, format } of finds.weak)
    if (!isTaken && format !== 'classFolders') finds.leftOut.set(place, reason); // of a lone folder its files are told
  if (isTaken)
    for (const place of finds.leftOut.keys())
      if (finds.weak.some((find) => find.place === dirname(place))) finds.leftOut.delete(place);
  const leftOut = [...finds.leftOut].sort(([a], [b]) => byCodeUnit(a, b));
  for (const [place, reason] of leftOut) onLeftOut({ path: pathOf(place), reason });
  const taken: string[] = [];
  return (finds.sure.length > 0 ? finds.sure : finds.weak).map(({ place, title, ...find }) => {
    const name = uniqueName(cleanName(title), taken);
    taken.push(name);
    return { name, path: pathOf(place), ...find };
  });
}

async function search(folder: string, depth: number, state: Search): Promise<void> {
  await searchFolder(folder, depth, state);
  looked(state);
}

/** One folder more was looked at. */
function looked(state: Search): void {
  throwIfAborted(state.signal, 'Searching');
  state.onProgress(++state.done, state.total);
}

async function searchFolders(folder: string, names: readonly string[], depth: number, state: Search): Promise<void> {
  state.total += names.length;
  for (const name of names) await search(join(folder, name), depth, state);
}

async function searchFolder(folder: string, depth: number, state: Search): Promise<void> {
  const { finds, visited, signal } = state;
  throwIfAborted(signal, 'Searching');
  if (await isSystemView(folder)) {
    finds.leftOut.set(folder, 'It shows the running system, and was not searched.');
    return;
  }
  const real = await realpath(folder).catch(() => folder);
  if (visited.has(real)) return;
  visited.add(real);
  const listing = await listFolder(folder).catch(() => undefined);
  if (!listing) return; // it may not be read: it can hold no dataset for this account
  if (depth > 0 && isInstalled(basename(folder), listing.files)) {
    finds.leftOut.set(folder, 'It was filled by a package manager or by the system, and was not searched.');
    return;
  }
  const manifests = await manifestsIn(folder, signal, finds.leftOut);
  if (manifests.length > 0) {
    finds.sure.push(...manifests.map(({ find }) => find));
    // The folders that a manifest's files lie in are no datasets of their own; others beside them may be.
    const owned = new Set(manifests.flatMap(({ folders }) => [...folders]));
    if (owned.has('') || depth === deepest) return;
    const others = listing.folders.filter((name) => !owned.has(name));
    await searchFolders(folder, others, depth + 1, state);
    return;
  }
  const listed = await findListed(folder, signal);
  if (listed.length > 0) {
    const there = listed.filter(({ hits }) => hits > 0);
    if (there.length > 0) {
      finds.sure.push(...there.map(({ find }) => find));
      return; // the folders below are its own
    }
    finds.weak.push(...listed.map(({ find }) => find));
  }
  const { find, classFolders, splits } = await lookAtClassFolders(folder, listing, state);
  const lone = find?.classes === 1 && !splits && (depth === 0 || listing.files.some(mediaKind));
  if (find) finds[lone ? 'weak' : 'sure'].push(find);
  const loose = looseIn(listing);
  if (loose !== undefined) finds.leftOut.set(folder, loose);
  const others = listing.folders.filter((name) => lone || !classFolders.has(name));
  if (depth < deepest) await searchFolders(folder, others, depth + 1, state);
}

/** Media of a folder that was searched, so that it is no class folder of a dataset, in one sentence. */
function looseIn({ files }: FolderListing): string | undefined {
  const kinds = files.map(mediaKind);
  const told = (['video', 'image'] as const).flatMap((kind) => {
    const number = kinds.filter((each) => each === kind).length;
    return number > 0 ? [count(number, kind)] : [];
  });
  if (told.length === 0) return undefined;
  return `${told.join(' and ')} directly in this folder, named by no list: which class they are of is not known.`;
}

async function lookAtClassFolders(
  folder: string,
  listing: FolderListing,
  state: Search,
): Promise<{ find: Find | undefined; classFolders: Set<string>; splits: boolean }> {
  const splits = await splitFolders(folder, listing.folders);
  const classFolders = new Set<string>();
  const labels = new Set<string>();
  const numbers = { video: 0, image: 0 };
  const { signal } = state;
  const readClass = async (path: string, label: string): Promise<boolean> => {
    looked(state);
    const { files } = await listFolder(join(folder, path)).catch(() => ({ files: [] }));
    const kinds = files.map(mediaKind).filter((kind) => kind !== undefined);
    for (const kind of kinds) numbers[kind]++;
    if (kinds.length > 0) labels.add(label.normalize('NFC'));
    return kinds.length > 0;
  };
  for (const name of splits?.keys() ?? []) {
    classFolders.add(name);
    const { folders } = await listFolder(join(folder, name)).catch(() => ({ folders: [] }));
    state.total += folders.length;
    for (const label of folders) await readClass(`${name}/${label}`, label);
  }
  if (!splits) {
    state.total += listing.folders.length;
    for (const name of listing.folders) {
      // What cannot be a class is told where it is searched. A folder with a manifest is a dataset of its own, not a class.
      const is =
        !(await isSystemView(join(folder, name))) && (await manifestsIn(join(folder, name), signal)).length === 0;
      if (!is) looked(state);
      else if (await readClass(name, name)) classFolders.add(name);
    }
  }
  const kind = numbers.video >= numbers.image ? 'video' : 'image';
  const samples = numbers[kind];
  if (samples === 0) return { find: undefined, classFolders: new Set(), splits: false };
  const others = numbers.video + numbers.image - samples;
  const layout = splits ? `class folders in ${listWords([...splits.keys()])}` : 'class folders without splits';
  const mixed = others > 0 ? `; mixed: ${count(others, otherKind(kind))} among them will be left out` : '';
  const single = labels.size === 1 ? '; with one class only nothing can be learned' : '';
  return {
    find: {
      kind,
      format: 'classFolders',
      reason: `${count(samples, kind)} in ${count(labels.size, 'class')}: ${layout}${mixed}${single}.`,
      samples,
      classes: labels.size,
      place: folder,
      title: basename(folder),
    },
    classFolders,
    splits: splits !== undefined,
  };
}

interface ManifestFind {
  find: Find;
  /** The folders beside the manifest that its files lie in, by name; '' for its own folder. */
  folders: ReadonlySet<string>;
}

async function manifestsIn(
  folder: string,
  signal?: AbortSignal,
  leftOut?: Map<string, string>,
): Promise<ManifestFind[]> {
  const { files } = await listFolder(folder).catch(() => ({ files: [] }));
  const finds: ManifestFind[] = [];
  for (const name of files) {
    const find = await lookAtManifest(join(folder, name), signal, leftOut);
    if (find) finds.push(find);
  }
  return finds;
}

async function lookAtManifest(
  file: string,
  signal?: AbortSignal,
  leftOut?: Map<string, string>,
): Promise<ManifestFind | undefined> {
  if (!/\.(csv|jsonl|ndjson|parquet)$/i.test(file)) return undefined;
  const found = { video: await readAs(file, 'video', signal), image: await readAs(file, 'image', signal) };
  const kind = found.video.samples >= found.image.samples ? 'video' : 'image';
  const { samples, labels, exists, folders } = found[kind];
  if (samples > 0 && !exists && found[kind].only > 0)
    leftOut?.set(
      file,
      `It names ${count(samples, kind)} in ${count(labels, 'class')}, and none of the first is there.`,
    );
  if (samples === 0 || !exists) return undefined;
  const others = found[otherKind(kind)].only;
  const stem = basename(file, extname(file));
  const title =
    plainNames.test(stem) || splitOf(stem) ? `${basename(dirname(file))}${splitOf(stem) ? `-${stem}` : ''}` : stem;
  const mixed = others > 0 ? `; mixed: ${count(others, otherKind(kind))} among them will be left out` : '';
  const reason = `${count(samples, kind)} in ${count(labels, 'class')}: named by the manifest ${basename(file)}${mixed}.`;
  return { find: { kind, format: 'manifest', reason, samples, classes: labels, place: file, title }, folders };
}

/** What a manifest names of one kind, and whether any of its first files is there. */
async function readAs(file: string, kind: MediaKind, signal?: AbortSignal) {
  const labels = new Set<string>();
  const folders = new Set<string>();
  let samples = 0;
  let only = 0;
  let exists = false;
  for await (const { sample } of readManifest(file, kind, signal)) {
    if (!sample) continue;
    if (samples < 100 && !exists) exists = existsSync(sample.file);
    samples++;
    if (mediaKind(sample.file) === kind) only++;
    labels.add(sample.label);
    const path = relative(dirname(file), sample.file).split(sep);
    folders.add(path.length === 1 ? '' : path[0]!);
  }
  return { samples, labels: labels.size, exists, only, folders };
}

function otherKind(kind: MediaKind): MediaKind {
  return kind === 'video' ? 'image' : 'video';
}

function listWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
