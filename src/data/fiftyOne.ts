// FiftyOne's classification export: labels.json with `{"classes": […], "labels": {"000001": 0}}` beside data/, in which the
// files are called by the keys, which may have folders and mostly lack the ending. A label is a class's number, its name, or an object with `label`.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { endsOf, slashed, withoutEnding } from '../base/pathText.ts';
import { cutOff, firstLines, jsonEntries, noList, parseEntry, textField } from './annotations.ts';
import { collectRows, type RowOrProblem } from './collect.ts';
import { type Entry, excerpt, failure, type MediaKind, quoted } from './entries.ts';
import { listFolder, splitFolders } from './folders.ts';
import type { DatasetSource, ListFormat } from './format.ts';
import { readText } from './lines.ts';
import { isMedia } from './mediaFiles.ts';
import { findStems, type ListedRow, type Place, type PlaceOptions, sampleIn } from './place.ts';

export const fiftyOne: ListFormat = {
  title: 'FiftyOne',
  kind: 'image',
  async recognise(_, folder) {
    const lists = await labelFiles(folder);
    if (lists.length === 0) return undefined;
    const head = (await firstLines(lists[0]!.file, 3)).join(' ').slice(0, 20_000);
    return /"(classes|labels)"\s*:/.test(head) ? { by: lists.map(({ name }) => name) } : undefined;
  },
  read,
};

const dataFolder = 'data/';

/** labels.json of the folder, or of each of its split folders; only beside data/. */
async function labelFiles(folder: string) {
  const { folders } = await listFolder(folder).catch(() => ({ folders: [] }));
  const found = [];
  const splits = (await splitFolders(folder, folders)) ?? new Map();
  for (const [name, split] of [['', null] as const, ...splits]) {
    const file = join(folder, name, 'labels.json');
    const there = await Promise.all([file, join(folder, name, 'data')].map((path) => access(path))).catch(
      () => undefined,
    );
    if (there) found.push({ name: name === '' ? 'labels.json' : `${name}/labels.json`, file, part: name, split });
  }
  return found;
}

async function* read(source: DatasetSource): AsyncGenerator<Entry> {
  const lists = await labelFiles(source.root);
  if (lists.length === 0) {
    yield noList(source.root, 'FiftyOne', 'labels.json beside the folder data');
  }
  for (const { file, part, split } of lists) {
    const rows: ListedRow[] = [];
    yield* collectRows(file, rows, readLabels(file, split, source.kind), source);
    const media = join(source.media, part);
    for await (const entry of placeByKey(rows, { ...source, media })) {
      if (entry.sample && part !== '') entry.sample.path = `${part}/${entry.sample.path}`;
      yield entry;
    }
  }
}

/**
 * Each row's file is the one at its key. Where there is none, it is the only one whose folders are the key's as far as both
 * name some, unless another key could mean it too: files may have been moved together, or into one folder.
 */
async function* placeByKey(rows: readonly ListedRow[], options: PlaceOptions): AsyncGenerator<Entry> {
  const { media, kind } = options;
  const wanted = new Set(rows.flatMap(({ stems }) => stems!));
  const at = new Map<string, Place>();
  /** By what a path ends with; null where several do. */
  const ending = new Map<string, Place | null>();
  const listing = await listFolder(media).catch(() => undefined);
  const top = listing?.folders.includes('data') ? 'data' : '';
  const add = (_: string, place: Place) => {
    const path = top === '' ? place.path : place.path.slice(dataFolder.length);
    const bare = place.isFrames ? path : withoutEnding(path);
    for (const name of [path, bare]) if (!at.has(name)) at.set(name, place);
    for (const end of shorterEnds(bare)) ending.set(end, ending.has(end) ? null : place);
  };
  await findStems(top, top === '' ? 0 : 1, wanted, add, options);
  const places = rows.map(({ path }) => {
    const names = namesOf(path.slice(dataFolder.length), kind);
    const own = firstOf(at, names);
    return { own, likely: own ?? firstOf(ending, names) ?? firstOf(at, names.flatMap(shorterEnds)) };
  });
  const keys = new Map<Place | undefined, number>();
  for (const { likely } of places) keys.set(likely, (keys.get(likely) ?? 0) + 1);
  for (const [index, row] of rows.entries()) {
    const { own, likely } = places[index]!;
    yield sampleIn(media, row, own ?? (keys.get(likely) === 1 ? likely : undefined));
  }
}

/** A key as it stands and, where it has the ending of a file, without. */
function namesOf(key: string, kind: MediaKind): string[] {
  return isMedia(key, kind) ? [key, withoutEnding(key)] : [key];
}

function shorterEnds(path: string): string[] {
  return endsOf(path).slice(1);
}

function firstOf(places: ReadonlyMap<string, Place | null>, names: readonly string[]): Place | undefined {
  return names.map((name) => places.get(name)).find((place) => place) ?? undefined;
}

async function* readLabels(file: string, split: ListedRow['split'], kind: MediaKind): AsyncGenerator<RowOrProblem> {
  // "labels" itself may well not be closed: what is in it is read all the same.
  const entries = [...jsonEntries(await readText(file), 1, 0)];
  for (const { wrong, line } of entries) if (wrong !== undefined && wrong !== cutOff) yield failure(file, wrong, line);
  const classes = parseEntry(entries.find(({ key }) => key === 'classes') ?? { text: '[]' });
  const names: unknown[] = Array.isArray(classes) ? classes : [];
  const labels = entries.find(({ key }) => key === 'labels');
  if (!labels) yield failure(file, 'This file has no "labels": {"<file>": <class>}. Export the dataset again.');
  for (const entry of labels ? jsonEntries(labels.text, labels.line) : []) {
    const value = parseEntry(entry);
    const given = typeof value === 'object' ? textField(value, 'label') : value;
    const label = typeof given === 'number' ? names[given] : given;
    if (entry.wrong !== undefined) yield failure(file, entry.wrong, entry.line);
    else if (value === null)
      yield { lacks: 'label' }; // so FiftyOne writes it of a file that nobody has labelled
    else if (Array.isArray(value))
      yield failure(file, `${quoted(entry.key)} has several labels; a file of ours has one.`, entry.line);
    else if (typeof label !== 'string' || label === '')
      yield failure(
        file,
        `${quoted(entry.key)} has the label ${excerpt(entry.text)}, which "classes" does not have.`,
        entry.line,
      );
    else {
      const path = `${dataFolder}${slashed(entry.key)}`;
      const stems = namesOf(path, kind).map((name) => name.slice(name.lastIndexOf('/') + 1));
      yield { line: entry.line, label, split, path, stems };
    }
  }
}
