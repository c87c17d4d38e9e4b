// Something-Something V2: JSON lists `{"id":"78687","template":"Holding [something] next to [something]"}`, the classes in
// labels.json, answers of the test list in a CSV; clips are `<id>.webm`, or frame folders with a frame list.
import {
  annotationFiles,
  firstLines,
  type ListFile,
  noList,
  parseEntry,
  readJsonEntries,
  splitOfList,
  textField,
  unread,
} from './annotations.ts';
import {
  collectRows,
  leavesFolder,
  listLines,
  type RowOrProblem,
  unreadable,
  unusable,
  unusablePath,
} from './collect.ts';
import { count, type Entry, excerpt, failure, quoted, warning } from './entries.ts';
import type { DatasetSource, ListFormat } from './format.ts';
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
  if (answered) yield* collectRows(answered.file, undefined, readAnswers(answered, answers));
  const rows: ListedRow[] = [];
  for (const list of lists.filter(({ name }) => jsonName.test(name)))
    yield* collectRows(list.file, rows, jsonRows(list, known, answers), source);
  const frames = new Map<string, FrameFolder>();
  const frameLists: ListFile[] = [];
  for (const list of lists) if (await isFrameList(list)) frameLists.push(list);
  yield* unread(
    lists.filter(({ name }) => /^(train|val|validation|test)\.(csv|txt)$/i.test(name)),
    frameLists,
    'a list of frames begins with original_vido_id video_id frame_id path labels',
  );
  for (const list of frameLists)
    yield* collectRows(list.file, undefined, readFrameList(list, frames, signal), { signal });
  if (frames.size === 0) {
    if (rows.length === 0) yield noList(root, 'Something-Something with labels', 'something-something-v2-train.json');
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
): AsyncGenerator<RowOrProblem> {
  const split = splitOfList(list.name) ?? null;
  for (const entry of await readJsonEntries(list.file)) {
    const value = parseEntry(entry);
    const id = textField(value, 'id');
    if (value === undefined || id === undefined) {
      yield failure(
        list.file,
        entry.wrong ?? 'This entry should be {"id": …, "template": …}. Mend it, or fetch the list again.',
        entry.line,
      );
      continue;
    }
    const label = (textField(value, 'template') ?? answers.get(id) ?? '').replace(/[[\]]/g, '').trim();
    if (label === '') yield { lacks: 'label' };
    else if (known.size > 0 && !known.has(label))
      yield failure(
        list.file,
        `Clip ${excerpt(id)} has the label ${quoted(label)}, which the list of labels does not have.`,
        entry.line,
      );
    else yield { line: entry.line, label, split, path: `${id}.webm`, stems: [id] };
  }
}

async function* readClasses(list: ListFile | undefined): AsyncGenerator<Entry, Set<string>> {
  const classes = new Set<string>();
  if (!list) return classes;
  try {
    for (const { key, line, wrong } of await readJsonEntries(list.file))
      if (wrong === undefined) classes.add(key.replace(/[[\]]/g, '').trim());
      else yield failure(list.file, wrong, line);
  } catch (error) {
    yield unreadable(list.file, error);
  }
  return classes;
}

/** `<id>;<label>`, which a later release gives for the test list. */
async function* readAnswers({ file }: ListFile, answers: Map<string, string>): AsyncGenerator<RowOrProblem> {
  for await (const row of listLines(file)) {
    const match = /^(\d+)\s*;\s*(.+)$/.exec(row.problem ? '' : row.text.trim());
    if (row.problem) yield row;
    else if (match) answers.set(match[1]!, match[2]!);
    else yield failure(file, 'This line should be an id, ";" and a label.', row.number);
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
  let isHeader = true;
  for await (const row of listLines(file, signal)) {
    if (row.problem) {
      yield row;
      continue;
    }
    const { number: line, text } = row;
    if (isHeader) {
      isHeader = false;
      continue;
    }
    const match = /^(\S+)\s+\S+\s+\S+\s+(\S+)(?:\s+(.*))?$/.exec(text.trim());
    const frame = Number(/(?<!\d)(\d{1,15})\.\w+$/.exec(match?.[2] ?? '')?.[1]);
    if (!match || !Number.isInteger(frame)) {
      yield failure(file, 'This line should be original_vido_id video_id frame_id path labels.', line);
      continue;
    }
    const folderEnd = match[2]!.search(/[\\/][^\\/]*$/);
    if (folderEnd <= 0) {
      yield failure(file, `${quoted(match[2]!)} should be a folder inside the dataset, "/" and a picture.`, line);
      continue;
    }
    const path = match[2]!.slice(0, folderEnd);
    const label = (match[3] ?? '').replace(/^"|"$/g, '').trim();
    const known = folders.get(match[1]!);
    if (path !== known?.path) {
      // Without a label here, a JSON list may tell it.
      const wrong = (label === '' ? unusablePath(path) : unusable(label, path)) ?? leavesFolder(path);
      if (wrong !== undefined) {
        yield failure(file, wrong, line);
        continue;
      }
    }
    if (known) {
      known.count = Math.max(known.count, frame - known.first + 1);
      continue;
    }
    folders.set(match[1]!, { list: file, line, label, split, path, first: frame, count: 1 });
  }
}
