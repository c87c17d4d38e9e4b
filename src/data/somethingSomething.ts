// Something-Something V2: JSON lists `{"id":"78687","template":"Holding [something] next to [something]"}`, the classes in
// labels.json, answers of the test list in a CSV; clips are `<id>.webm`, or frame folders with a frame list.
import {
  annotationFiles,
  firstLines,
  type ListFile,
  parseEntry,
  readJsonEntries,
  splitOfList,
  textField,
} from './annotations.ts';
import { collectRows, type RowOrProblem, unreadable } from './collect.ts';
import { count, type Entry, failure, warning } from './entries.ts';
import type { DatasetSource, ListFormat } from './format.ts';
import { readLines } from './lines.ts';
import { type ListedRow, placeByPath, placeByStem } from './place.ts';

const jsonName = /^(something-something-v2-)?(train|validation|test)\.json$/i;
const labelsName = /^(something-something-v2-)?labels\.json$/i;

export const somethingSomething: ListFormat = {
  title: 'Something-Something V2',
  kind: 'video',
  async recognise(lists) {
    const own: ListFile[] = [];
    for (const list of lists) {
      if (jsonName.test(list.name) && /"template"|"placeholders"/.test((await firstLines(list.file, 8)).join(' ')))
        own.push(list);
      else if (await isFrameList(list)) own.push(list);
    }
    return own.length === 0 ? undefined : { by: own.map(({ name }) => name) };
  },
  read,
};

async function isFrameList({ name, file }: ListFile): Promise<boolean> {
  return (
    /\.(csv|txt)$/i.test(name) && /^(original_vido_id|original_video_id)\s/.test((await firstLines(file, 1))[0] ?? '')
  );
}

async function* read(source: DatasetSource): AsyncGenerator<Entry> {
  const { root, signal } = source;
  const lists = await annotationFiles(root);
  const known = yield* readClasses(lists.find(({ name }) => labelsName.test(name)));
  const answers = new Map<string, string>();
  const answered = lists.find(({ name }) => /test-?answers\.csv$/i.test(name));
  if (answered) yield* collectRows(answered.file, [], readAnswers(answered, answers));
  const rows: ListedRow[] = [];
  for (const list of lists.filter(({ name }) => jsonName.test(name))) {
    const left = { unlabelled: 0 };
    yield* collectRows(list.file, rows, jsonRows(list, known, answers, left), signal);
    if (left.unlabelled > 0)
      yield warning(
        list.file,
        `${count(left.unlabelled, 'clip')} of this list left out: they have no label, as in the test list.`,
      );
  }
  const frames = new Map<string, FrameFolder>();
  for (const list of lists)
    if (await isFrameList(list)) yield* collectRows(list.file, [], readFrameList(list, frames, signal), signal);
  if (frames.size === 0) {
    if (rows.length === 0)
      yield failure(root, `No list of ${root} names a clip with a label. Put the train and validation JSON there.`);
    yield* placeByStem(rows, source);
    return;
  }
  const inFolders: ListedRow[] = [];
  const others: ListedRow[] = [];
  for (const row of rows) {
    const folder = frames.get(row.stems![0]!);
    if (folder)
      inFolders.push({ ...row, path: folder.path, isFrames: true, firstFrame: folder.first, frameCount: folder.count });
    else others.push(row);
    frames.delete(row.stems![0]!);
  }
  // What only the frame list names is used where that tells its class.
  let unlabelled = 0;
  for (const { label, ...folder } of frames.values()) {
    if (label === '') unlabelled++;
    else inFolders.push({ ...folder, label, isFrames: true, firstFrame: folder.first, frameCount: folder.count });
  }
  if (unlabelled > 0)
    yield warning(root, `${count(unlabelled, 'clip')} of the frame lists left out: no JSON list tells their label.`);
  yield* placeByPath(inFolders, source);
  yield* placeByStem(others, source);
}

async function* jsonRows(
  list: ListFile,
  known: ReadonlySet<string>,
  answers: ReadonlyMap<string, string>,
  left: { unlabelled: number },
): AsyncGenerator<RowOrProblem> {
  const split = splitOfList(list.name) ?? null;
  for (const entry of await readJsonEntries(list.file)) {
    const value = parseEntry(entry);
    const id = textField(value, 'id');
    if (value === undefined || id === undefined) {
      yield failure(
        list.file,
        'This entry should be {"id": …, "template": …}. Mend it, or fetch the list again.',
        entry.line,
      );
      continue;
    }
    const label = (textField(value, 'template') ?? answers.get(id) ?? '').replace(/[[\]]/g, '').trim();
    if (label === '') left.unlabelled++;
    else if (known.size > 0 && !known.has(label))
      yield failure(
        list.file,
        `Clip ${id} has the label "${label}", which the list of labels does not have.`,
        entry.line,
      );
    else yield { line: entry.line, label, split, path: `${id}.webm`, stems: [id] };
  }
}

async function* readClasses(list: ListFile | undefined): AsyncGenerator<Entry, Set<string>> {
  const classes = new Set<string>();
  if (!list) return classes;
  try {
    for (const { key } of await readJsonEntries(list.file)) classes.add(key.replace(/[[\]]/g, '').trim());
  } catch (error) {
    yield unreadable(list.file, error);
  }
  return classes;
}

/** `<id>;<label>`, which a later release gives for the test list. */
async function* readAnswers({ file }: ListFile, answers: Map<string, string>): AsyncGenerator<RowOrProblem> {
  for await (const { number, text } of readLines(file)) {
    const match = /^\s*(\d+)\s*;\s*(.+?)\s*$/.exec(text);
    if (match) answers.set(match[1]!, match[2]!);
    else if (text.trim() !== '') yield failure(file, 'This line should be an id, ";" and a label.', number);
  }
}

type FrameFolder = Pick<ListedRow, 'list' | 'line' | 'label' | 'split' | 'path'> & { first: number; count: number };

/** One line a frame: `original_vido_id video_id frame_id path labels`. The numbers in the names may start anywhere. */
async function* readFrameList(
  { name, file }: ListFile,
  folders: Map<string, FrameFolder>,
  signal?: AbortSignal,
): AsyncGenerator<RowOrProblem> {
  const split = splitOfList(name) ?? null;
  for await (const { number: line, text } of readLines(file, signal)) {
    if (line === 1 || text.trim() === '') continue;
    const match = /^(\S+)\s+\S+\s+\S+\s+(\S+?)(?:\s+(.*))?$/.exec(text.trim());
    const frame = Number(/(\d+)\.\w+$/.exec(match?.[2] ?? '')?.[1]);
    if (!match || !Number.isInteger(frame)) {
      yield failure(file, 'This line should be original_vido_id video_id frame_id path labels.', line);
      continue;
    }
    const known = folders.get(match[1]!);
    if (known) {
      known.count = Math.max(known.count, frame - known.first + 1);
      continue;
    }
    const path = match[2]!.slice(0, Math.max(0, match[2]!.lastIndexOf('/')));
    const label = (match[3] ?? '').replace(/^"|"$/g, '').trim();
    folders.set(match[1]!, { list: file, line, label, split, path, first: frame, count: 1 });
  }
}
