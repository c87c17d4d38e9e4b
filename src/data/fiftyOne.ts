// FiftyOne's classification export: labels.json with `{"classes": […], "labels": {"000001": 0}}` beside data/, in which the
// files are called by the keys. A label is a class's number, its name, or an object with `label`.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { cutOff, firstLines, jsonEntries, noList, parseEntry, textField } from './annotations.ts';
import { collectRows, type RowOrProblem } from './collect.ts';
import { type Entry, excerpt, failure, quoted } from './entries.ts';
import { listFolder, splitFolders } from './folders.ts';
import type { DatasetSource, ListFormat } from './format.ts';
import { readText } from './lines.ts';
import { type ListedRow, placeByStem } from './place.ts';

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
    yield* collectRows(file, rows, readLabels(file, split), source);
    const media = join(source.media, part);
    for await (const entry of placeByStem(rows, { ...source, media })) {
      if (entry.sample && part !== '') entry.sample.path = `${part}/${entry.sample.path}`;
      yield entry;
    }
  }
}

async function* readLabels(file: string, split: ListedRow['split']): AsyncGenerator<RowOrProblem> {
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
      const name = entry.key.split('/').at(-1)!;
      yield { line: entry.line, label, split, path: `data/${entry.key}`, stems: [name, name.replace(/\.\w+$/, '')] };
    }
  }
}
