// ImageNet-1k and 21k: folders named by synset (`n01440764`), in train/ and val/ or without splits; names of the classes in
// `LOC_synset_mapping.txt` or like lists; a flat val/ with `LOC_val_solution.csv` or the devkit's ground truth.
import { join, sep } from 'node:path';
import { annotationFiles, type ListFile, noList } from './annotations.ts';
import { readClassFolders } from './classFolders.ts';
import { collectRows, listLines, type RowOrProblem } from './collect.ts';
import { type Batch, count, type Entry, type FoundSample, failure, type Problemed, warning } from './entries.ts';
import { listFolder } from './folders.ts';
import type { DatasetSource, ListFormat } from './format.ts';
import { readStructures } from './matFile.ts';
import { isMedia } from './mediaFiles.ts';
import type { ListedRow } from './place.ts';

const synset = /^n\d{8}$/;
/** Where archives and mirrors put train/ and val/. */
const places = ['', 'Data/CLS-LOC', 'ILSVRC/Data/CLS-LOC', 'CLS-LOC'];

export const imageNet: ListFormat = {
  title: 'ImageNet',
  kind: 'image',
  async recognise(lists, folder) {
    const base = await imageFolder(folder);
    if (base === undefined) return undefined;
    const own = lists.map(({ name }) => name).filter((name) => namesList.test(name) || valList.test(name));
    return { by: [...own, 'folders named like n01440764'] };
  },
  read,
};

const namesList = /^(LOC_synset_mapping|synset_words|words|map_clsloc|ILSVRC2012_mapping|imagenet.*synsets?)\.txt$/i;
const valList = /^(LOC_val_solution\.csv|ILSVRC2012_validation_ground_truth\.txt)$/i;

/** The folder with train/ or with the synsets themselves, or undefined where there is none. */
async function imageFolder(root: string): Promise<string | undefined> {
  for (const place of places) {
    const base = join(root, place);
    const folders = await foldersOf(base);
    // One such folder may be a class among others; a split folder of them, or two, are no accident.
    if (folders.filter((name) => synset.test(name)).length > 1) return base;
    if (folders.includes('train') && (await foldersOf(join(base, 'train'))).some((name) => synset.test(name)))
      return base;
  }
  return undefined;
}

async function foldersOf(folder: string): Promise<string[]> {
  const { folders } = await listFolder(folder).catch(() => ({ folders: [] }));
  return folders;
}

async function* read(source: DatasetSource): AsyncGenerator<Entry | Batch> {
  const { root, media, kind, signal } = source;
  const lists = await annotationFiles(root, 3);
  const names = new Map<string, string>();
  const order: string[] = [];
  for (const list of await annotationFiles(root, 3, /^meta\.mat$/i))
    yield* collectRows(list.file, undefined, readDevkit(list, names, order), { signal });
  for (const list of lists.filter(({ name }) => namesList.test(name)))
    yield* collectRows(list.file, undefined, readNames(list, names, order), { signal });
  const named = (id: string) => (names.has(id) ? `${id} ${names.get(id)}` : id);
  const base = (await imageFolder(media)) ?? media;
  const val = join(base, 'val');
  const { files, folders } = await listFolder(val).catch(() => ({ files: [], folders: [] }));
  const flat = files.some((name) => isMedia(name, kind)) && !folders.some((name) => synset.test(name));
  const list =
    lists.find(({ name }) => /^LOC_val_solution/i.test(name)) ?? lists.find(({ name }) => valList.test(name));
  const listed: FoundSample[] = [];
  if (flat && list) yield* readFlat(list, base, order, named, listed, source);
  const rename = (id: string) => (source.rename ? source.rename(named(id)) : named(id));
  let unlabelled = '';
  let isEmpty = true;
  const inFolders = new Set<string>();
  for await (const entry of readClassFolders(base, kind, signal, rename)) {
    if (!entry.problem) {
      isEmpty = false;
      const [first] = entry.samples;
      if (first?.split === 'val') inFolders.add(first.label);
      yield { ...entry, holdsOut: entry.holdsOut || listed.length > 0 };
      continue;
    }
    const { problem } = entry;
    if (flat && problem.file === val) unlabelled = problem.message;
    // The test images of the archive lie in one folder and have no labels; folders of lists are no classes.
    else if (problem.file !== join(base, 'test') && !lists.some(({ file }) => file.startsWith(problem.file + sep)))
      yield entry;
  }
  if (isEmpty && !flat) yield noList(root, 'ImageNet', 'train/ with folders named like n01440764');
  // Another folder that counts as val may have classes of the list: one class comes from one place.
  const rest = listed.filter(({ label }) => !inFolders.has(source.rename?.(label) ?? label));
  if (list && rest.length < listed.length)
    yield warning(
      list.file,
      `${count(listed.length - rest.length, 'line')} of this list left out: other images of val lie in folders of these classes.`,
    );
  for (const sample of rest) yield { sample };
  if (!flat || list) return;
  const advice = 'Put LOC_val_solution.csv or the ground truth of the devkit into the dataset’s folder.';
  yield warning(val, `The images of val have no labels (${unlabelled.replace(/\.$/, '')}). ${advice}`);
}

/** `n01440764 tench, Tinca tinca`, or `n02119789 1 kit_fox`, which gives the devkit's numbers as well. */
async function* readNames(
  { name: listName, file }: ListFile,
  names: Map<string, string>,
  order: string[],
): AsyncGenerator<RowOrProblem> {
  for await (const row of listLines(file)) {
    if (row.problem) {
      yield row;
      continue;
    }
    const { number } = row;
    const match = /^(?:(\d{1,6})\s+)?(n\d{8})\s+(?:(\d{1,6})\s+)?(.+)$/.exec(row.text.trim());
    if (!match) {
      if (!/^imagenet/i.test(listName))
        yield failure(file, 'This line should be a synset such as n01440764 and its name.', number);
      continue;
    }
    const index = match[1] ?? match[3];
    if (index !== undefined) order[Number(index)] = match[2]!;
    if (!names.has(match[2]!)) names.set(match[2]!, match[4]!.split(',')[0]!.replaceAll('_', ' ').trim());
  }
}

/** The devkit's table of synsets, of which those with a number up to 1,000 are the classes. */
async function* readDevkit(
  { file }: ListFile,
  names: Map<string, string>,
  order: string[],
): AsyncGenerator<RowOrProblem> {
  let isTold = false;
  for (const row of await readStructures(file, ['ILSVRC2012_ID', 'WNID', 'words'])) {
    const [id, wnid, words] = ['ILSVRC2012_ID', 'WNID', 'words'].map((field) => row.get(field));
    if (typeof id !== 'number' || !(id >= 1 && id < 100_000) || typeof wnid !== 'string' || !synset.test(wnid)) {
      if (!isTold)
        yield failure(file, 'A synset here has no number, or no id such as n01440764. Fetch the devkit again.');
      isTold = true;
    } else {
      order[Math.floor(id)] = wnid;
      names.set(
        wnid,
        String(words ?? '')
          .split(',')[0]!
          .trim(),
      );
    }
  }
}

/** Adds the images of a flat val/ to `samples`. */
async function* readFlat(
  list: ListFile,
  base: string,
  order: readonly string[],
  named: (id: string) => string,
  samples: FoundSample[],
  { signal }: DatasetSource,
): AsyncGenerator<Problemed> {
  const isTruth = /\.txt$/i.test(list.name);
  if (isTruth && order.length === 0) {
    const advice =
      'Put meta.mat of the devkit, or map_clsloc.txt (lines as "n02119789 1 kit_fox"), beside it, or use LOC_val_solution.csv.';
    yield failure(
      list.file,
      `The numbers of this list mean the devkit's order of the classes, which is not there. ${advice}`,
    );
    return;
  }
  const rows: ListedRow[] = [];
  yield* collectRows(list.file, rows, flatRows(list.file, isTruth, order, signal), { signal });
  for (const { path, label, split, line } of rows) {
    const place = { path, file: join(base, path), start: null, end: null, list: list.file, line };
    samples.push({ ...place, label: named(label), split });
  }
}

/** Line i of the devkit's ground truth is of image i. */
async function* flatRows(
  file: string,
  isTruth: boolean,
  order: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<RowOrProblem> {
  let begun = false;
  for await (const row of listLines(file, signal)) {
    if (row.problem) {
      yield row;
      continue;
    }
    const { number: line } = row;
    const text = row.text.trim();
    const isHeader = !begun && text.startsWith('ImageId');
    begun = true;
    if (isHeader) continue;
    const match = isTruth ? /^(\d{1,6})$/.exec(text) : /^([\w.-]+)\s*,\s*(n\d{8})\b/.exec(text);
    const label = isTruth ? order[Number(match?.[1])] : match?.[2];
    if (!match || label === undefined) {
      const should = isTruth ? 'be the number of a class' : 'be an image, "," and a synset';
      yield failure(file, `This line should ${should}.`, line);
      continue;
    }
    const image = isTruth ? `ILSVRC2012_val_${String(line).padStart(8, '0')}` : match[1]!;
    yield { line, label, split: 'val', path: `val/${image}.JPEG` };
  }
}
