// From the rows of annotation lists to samples: where each listed clip lies below the media folder. A row whose file is
// not found is a sample all the same, at the place where it is expected: looking at it then tells that it is missing.
import { existsSync } from 'node:fs';
import { basename, extname, isAbsolute, join, normalize } from 'node:path';
import { throwIfAborted } from '../base/errors.ts';
import { slashed } from '../base/pathText.ts';
import type { Entry, MediaKind, SplitName } from './entries.ts';
import { listFolder } from './folders.ts';
import { isMedia } from './mediaFiles.ts';

export interface ListedRow {
  /** The list that names it, absolute, and its 1-based line there. */
  list: string;
  line: number;
  label: string;
  split: SplitName | null;
  /** As the list names the file, or as it is expected to be called; "/" between the parts. */
  path: string;
  /** Names without ending under which it may lie anywhere below the media folder, the likeliest first. */
  stems?: readonly string[];
  /** Seconds inside the file. */
  start?: number;
  end?: number;
  /** Of frame folders: the first frame's number and how many there are, where the list says so. */
  firstFrame?: number;
  frameCount?: number;
  /** Of frame folders: frames a second, where the list tells. */
  frameRate?: number;
  /** The list says that it is a folder of frames. */
  isFrames?: boolean;
}

export interface PlaceOptions {
  media: string;
  kind: MediaKind;
  signal?: AbortSignal | undefined;
}

const probes = 24;
const mostPrefixes = 3000;

/** Rows that name paths. Each split's paths begin in one folder, at most two below the media folder, which is found. */
export async function* placeByPath(rows: readonly ListedRow[], { media, signal }: PlaceOptions): AsyncGenerator<Entry> {
  const prefixes = new Map<SplitName | null, string>();
  for (const row of rows) {
    let prefix = prefixes.get(row.split);
    if (prefix === undefined) {
      const paths = rows.filter(({ split }) => split === row.split).map(({ path }) => slashed(path));
      prefix = (await findPrefix(media, paths, prefixes.values(), signal)) ?? '';
      prefixes.set(row.split, prefix);
    }
    const path = slashed(row.path);
    const absolute = isAbsolute(path);
    yield sampleAt(
      row,
      absolute ? path : prefix + path,
      absolute ? normalize(path) : join(media, prefix, path),
      row.isFrames,
    );
  }
}

/** Whether any file of these rows, which name paths, is there. */
export async function isAnyThere(rows: readonly ListedRow[], { media, signal }: PlaceOptions): Promise<boolean> {
  const paths = rows.map(({ path }) => slashed(path));
  return (
    (await findPrefix(media, paths, [], signal)) !== undefined ||
    paths.some((path) => isAbsolute(path) && existsSync(path))
  );
}

/** Rows that name ids: their files are looked for by name, at most four folders below the media folder. */
export async function* placeByStem(rows: readonly ListedRow[], options: PlaceOptions): AsyncGenerator<Entry> {
  const wanted = new Set<string>();
  for (const { stems } of rows) for (const stem of stems ?? []) wanted.add(stem);
  const found = new Map<string, Place>();
  const add = (stem: string, place: Place) => {
    if (!found.has(stem) || (found.get(stem)!.isFrames && !place.isFrames)) found.set(stem, place);
  };
  await findStems('', 0, wanted, add, options);
  for (const row of rows) {
    const stem = row.stems?.find((name) => found.has(name));
    yield sampleIn(options.media, row, stem === undefined ? undefined : found.get(stem)!);
  }
}

export interface Place {
  /** Below the media folder. */
  path: string;
  isFrames: boolean;
}

/** Hands on what lies below `path`, a folder so deep in the media folder, and is called by one of the names. */
export async function findStems(
  path: string,
  depth: number,
  wanted: ReadonlySet<string>,
  add: (stem: string, place: Place) => void,
  { media, kind, signal }: PlaceOptions,
): Promise<void> {
  throwIfAborted(signal, 'Indexing');
  const { files, folders } = await listFolder(join(media, path)).catch(() => ({ files: [], folders: [] }));
  const inside = (name: string) => (path === '' ? name : `${path}/${name}`);
  for (const name of files) {
    if (!isMedia(name, kind)) continue;
    const stem = basename(name, extname(name));
    if (wanted.has(stem)) add(stem, { path: inside(name), isFrames: false });
  }
  for (const name of folders) {
    if (kind === 'video' && wanted.has(name)) add(name, { path: inside(name), isFrames: true });
    else if (depth < 4) await findStems(inside(name), depth + 1, wanted, add, { media, kind, signal });
  }
}

/**
 * '' or a folder with "/" at its end: the one below which most of the paths exist; undefined where none does. `known` are
 * those of other splits.
 */
async function findPrefix(
  media: string,
  all: readonly string[],
  known: Iterable<string>,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const paths = all.filter((path) => !isAbsolute(path));
  const step = Math.max(1, Math.floor(paths.length / probes));
  const probed = paths.filter((_, index) => index % step === 0).slice(0, probes);
  const probe = (prefix: string) => probed.filter((path) => existsSync(join(media, prefix, path))).length;
  const found = await bestPrefix(media, [''], probe, probed.length, signal);
  if (found !== undefined) return found;
  // A few classes of a large dataset may lie between the probes: then what is on the disk tells which paths to look for.
  const wanted = byFirstPart(paths);
  const look = (prefix: string) => countExisting(join(media, prefix), wanted, signal);
  return bestPrefix(media, new Set([...known, '']), look, paths.length, signal);
}

/** Of `first`, the folders in `media` and, where nothing is there, those inside them: where `count` finds most; `all` is enough. */
async function bestPrefix(
  media: string,
  first: Iterable<string>,
  count: (prefix: string) => number | Promise<number>,
  all: number,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  let best: string | undefined;
  let most = 0;
  const hasAll = async (prefix: string): Promise<boolean> => {
    throwIfAborted(signal, 'Indexing');
    const number = await count(prefix);
    if (number > most) {
      best = prefix;
      most = number;
    }
    return number === all;
  };
  for (const prefix of first) if (await hasAll(prefix)) return best;
  const outer = await foldersIn(media);
  for (const name of outer) if (await hasAll(`${name}/`)) return best;
  if (most > 0) return best;
  let tried = 0;
  for (const name of outer)
    for (const inner of await foldersIn(join(media, name)))
      if (tried++ < mostPrefixes && (await hasAll(`${name}/${inner}/`))) return best;
  return best;
}

/** What follows the first part of each path, by that part; '' where nothing does. */
function byFirstPart(paths: readonly string[]): Map<string, string[]> {
  const parts = new Map<string, string[]>();
  for (const path of paths) {
    const slash = path.indexOf('/');
    const part = slash < 0 ? path : path.slice(0, slash);
    const rest = slash < 0 ? '' : path.slice(slash + 1);
    const known = parts.get(part);
    if (known) known.push(rest);
    else parts.set(part, [rest]);
  }
  return parts;
}

/** How many of the paths exist below `folder`: only what paths begin with is listed, and no path is looked at by itself. */
async function countExisting(
  folder: string,
  wanted: ReadonlyMap<string, readonly string[]>,
  signal: AbortSignal | undefined,
): Promise<number> {
  throwIfAborted(signal, 'Indexing');
  const { files, folders } = await listFolder(folder).catch(() => ({ files: [], folders: [] }));
  let number = 0;
  for (const name of [...files, ...folders]) number += wanted.get(name)?.filter((rest) => rest === '').length ?? 0;
  for (const name of folders) {
    const inside = wanted.get(name)?.filter((rest) => rest !== '') ?? [];
    if (inside.length > 0) number += await countExisting(join(folder, name), byFirstPart(inside), signal);
  }
  return number;
}

async function foldersIn(folder: string): Promise<string[]> {
  return (await listFolder(folder).catch(() => ({ folders: [] }))).folders;
}

/** A row's sample where its file was found; else where it is expected. */
export function sampleIn(media: string, row: ListedRow, place: Place | undefined): Entry {
  const path = place?.path ?? row.path;
  return sampleAt(row, path, join(media, path), place?.isFrames ?? row.isFrames);
}

function sampleAt(row: ListedRow, path: string, file: string, isFrames = false): Entry {
  return {
    sample: {
      path,
      file,
      label: row.label.normalize('NFC'),
      split: row.split,
      // Frames have no times: a range of them is one of numbers.
      start: isFrames ? null : (row.start ?? null),
      end: isFrames ? null : (row.end ?? null),
      list: row.list,
      line: row.line,
      ...(isFrames && {
        frames: {
          ...(row.firstFrame !== undefined && { first: row.firstFrame }),
          ...(row.frameCount !== undefined && { count: row.frameCount }),
          ...(row.frameRate !== undefined && { rate: row.frameRate }),
        },
      }),
    },
  };
}
