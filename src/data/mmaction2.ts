// mmaction2's lists: `some/path/000.mp4 1` (videos) and `some/directory-1 163 1` (frame folders with the number of frames),
// split from the right, because paths may have spaces. A label map names the numbers, where there is one.
import { basename } from 'node:path';
import { annotationFiles, firstLines, type ListFile, noList, splitOfList, unread } from './annotations.ts';
import { collectRows, listLines, type RowOrProblem } from './collect.ts';
import { type Entry, failure, type MediaKind, quoted, warning } from './entries.ts';
import type { DatasetSource, ListFormat } from './format.ts';
import { readLines } from './lines.ts';
import { isMedia } from './mediaFiles.ts';
import { isAnyThere, type ListedRow, placeByPath } from './place.ts';

const mapName = /^(label_?map.*|classes|class_?names?|labels)\.txt$/i;
const foldName = /split[_-]?0?([1-9])/i;
/** From the right, so that no line takes long, whatever stands in it. */
const framesLine = /^(.*\S)\s+(\d{1,15})\s+(\d{1,15})$/;
const videoLine = /^(.*\S)\s+(\d{1,15})$/;

export const mmaction2: ListFormat = {
  title: 'mmaction2 lists',
  kind: 'video',
  async recognise(lists, folder) {
    const own: ListFile[] = [];
    for (const list of lists) if (await isList(list)) own.push(list);
    if (own.length === 0) return undefined;
    const folds = [...new Set(own.map(({ name }) => Number(foldName.exec(name)?.[1] ?? 0)))].filter(Boolean).sort();
    const others = folds.slice(1).join(' or ');
    const first = own.filter(({ name }) => foldOf(name) === 0 || foldOf(name) === folds[0]);
    const left = await otherKind(first, [], { root: folder, media: folder, kind: 'video', fold: folds[0] ?? 1 });
    return {
      by: first.filter((list) => !left.includes(list)).map(({ name }) => name),
      ...(others && { choice: `This is split ${folds[0]}; write "fold": ${others} for another` }),
      variants: [folds.length === 0 || folds[0] === 1 ? {} : { fold: folds[0]! }],
    };
  },
  read,
};

function foldOf(name: string): number {
  return Number(foldName.exec(name)?.[1] ?? 0);
}

async function isList({ name, file }: ListFile): Promise<boolean> {
  if (!/\.txt$/i.test(name) || !splitOfList(name) || mapName.test(name)) return false;
  const lines = await firstLines(file, 5);
  return lines.length > 0 && lines.every((line) => isRow(line, 'video') || isRow(line, 'image'));
}

function isRow(line: string, kind: MediaKind): boolean {
  const video = videoLine.exec(line.trim());
  if (video && isMedia(video[1]!, kind)) return true;
  return kind === 'video' && framesLine.test(line.trim()) && Number(framesLine.exec(line.trim())![2]) > 0;
}

async function* read(source: DatasetSource): AsyncGenerator<Entry> {
  const { root, fold } = source;
  const isOne = /\.txt$/i.test(root);
  const files = isOne ? [{ name: basename(root), file: root }] : await annotationFiles(root);
  const lists: ListFile[] = [];
  for (const list of files)
    if (isOne || ((await isList(list)) && (foldOf(list.name) === 0 || foldOf(list.name) === fold))) lists.push(list);
  if (lists.length === 0) yield noList(root, 'mmaction2', 'train_list.txt with lines "path label"');
  const named = files.filter(
    ({ name }) => /\.txt$/i.test(name) && splitOfList(name) && !mapName.test(name) && [0, fold].includes(foldOf(name)),
  );
  yield* unread(named, lists, 'its first lines should be "path label" or, for frames, "folder number label"');
  const names: string[] = [];
  const map = files.filter(({ name }) => mapName.test(name));
  if (map.length > 1)
    yield warning(
      root,
      `There are ${map.length} label maps (${map.map(({ name }) => name).join(', ')}); the first is used.`,
    );
  if (map[0]) yield* collectRows(map[0].file, undefined, readMap(map[0], names));
  const left = await otherKind(lists, names, source);
  if (left.length > 0)
    yield warning(
      root,
      `A split is read from lists of videos or of frame folders, not from both. Not read: ${left.map(({ name }) => name).join(', ')}. Take the others away to have these read.`,
    );
  const rows: ListedRow[] = [];
  for (const list of lists) if (!left.includes(list)) yield* collect(list, rows, names, source);
  yield* placeByPath(rows, source);
}

function collect(list: ListFile, rows: ListedRow[], names: readonly string[], { kind, signal }: DatasetSource) {
  return collectRows(list.file, rows, readList(list, kind, names, signal), { signal, anywhere: true });
}

/**
 * Of splits that have lists of videos and lists of frame folders, which name the same clips: the lists of the kind that is not on
 * the disk, of frame folders where both are.
 */
async function otherKind(
  lists: readonly ListFile[],
  names: readonly string[],
  source: DatasetSource,
): Promise<ListFile[]> {
  const left: ListFile[] = [];
  for (const split of new Set(lists.map(({ name }) => splitOfList(name)))) {
    const videos: ListFile[] = [];
    const frames: ListFile[] = [];
    for (const list of lists.filter(({ name }) => splitOfList(name) === split))
      ((await namesVideos(list, source.kind)) ? videos : frames).push(list);
    if (videos.length === 0 || frames.length === 0) continue;
    const isThere = async (some: readonly ListFile[]) => {
      const rows: ListedRow[] = [];
      // What is wrong with a list is told when it is read in earnest.
      for (const list of some) for await (const _ of collect(list, rows, names, source));
      return isAnyThere(rows, source);
    };
    left.push(...(!(await isThere(videos)) && (await isThere(frames)) ? videos : frames));
  }
  return left;
}

async function namesVideos({ file }: ListFile, kind: MediaKind): Promise<boolean> {
  const [line = ''] = await firstLines(file, 1);
  return isMedia(videoLine.exec(line.trim())?.[1] ?? '', kind);
}

/** Line i names class i, from 0. */
async function* readMap({ file }: ListFile, names: string[]): AsyncGenerator<RowOrProblem> {
  for await (const { text, number } of readLines(file)) {
    names.push(text.trim());
    if (text.trim() === '') yield warning(file, 'This line is empty, but counts as a class without a name.', number);
  }
}

async function* readList(
  { name, file }: ListFile,
  kind: MediaKind,
  names: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<RowOrProblem> {
  const split = splitOfList(name) ?? null;
  for await (const row of listLines(file, signal)) {
    if (row.problem) {
      yield row;
      continue;
    }
    const { number: line, text } = row;
    const video = videoLine.exec(text.trim());
    const frames = framesLine.exec(text.trim());
    const isVideo = video !== null && isMedia(video[1]!, kind);
    if (!isVideo && (frames === null || kind === 'image')) {
      yield failure(
        file,
        `This line should be "path label" or, for frames, "folder number label"; it is left out.`,
        line,
      );
      continue;
    }
    const number = isVideo ? video[2]! : frames![3]!;
    const label = names.length > 0 ? names[Number(number)] : number;
    if (!label) {
      yield failure(file, `The label ${number} has no line in the label map, which has ${names.length}.`, line);
      continue;
    }
    if (isVideo) yield { line, label, split, path: video[1]! };
    else if (Number(frames![2]) === 0)
      yield failure(file, `${quoted(frames![1]!)} has 0 frames; it is left out.`, line);
    else yield { line, label, split, path: frames![1]!, isFrames: true, frameCount: Number(frames![2]) };
  }
}
