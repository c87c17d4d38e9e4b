// Diving48: JSON lists `{"vid_name":"_8Vy3dlHg2w_00000","label":3,"start_frame":0,"end_frame":241}` and
// `Diving48_vocab.json`, a list of what each class is made of. A clip is a file of its own; the frames tell its length.
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
import { collectRows, type RowOrProblem } from './collect.ts';
import { type Entry, excerpt, failure } from './entries.ts';
import type { DatasetSource, ListFormat } from './format.ts';
import { type ListedRow, placeByStem } from './place.ts';

const vocabularyName = /vocab.*\.json$/i;
const listName = /(train|test|val).*\.json$/i;

export const diving48: ListFormat = {
  title: 'Diving48',
  kind: 'video',
  async recognise(lists) {
    const own = await divingLists(lists);
    return own.length === 0 ? undefined : { by: own.map(({ name }) => name) };
  },
  read,
};

async function divingLists(lists: readonly ListFile[]): Promise<ListFile[]> {
  const own: ListFile[] = [];
  for (const list of lists)
    if (listName.test(list.name) && (await firstLines(list.file, 4)).join(' ').includes('"vid_name"')) own.push(list);
  // Two releases of the labels beside each other: the second is the corrected one.
  const second = own.filter(({ name }) => /v2/i.test(name));
  return second.length > 0 ? second : own;
}

async function* read(source: DatasetSource): AsyncGenerator<Entry> {
  const lists = await annotationFiles(source.root);
  const names: string[] = [];
  const vocabulary = lists.find(({ name }) => vocabularyName.test(name));
  if (vocabulary) yield* collectRows(vocabulary.file, undefined, readVocabulary(vocabulary, names));
  const rows: ListedRow[] = [];
  const own = await divingLists(lists);
  if (own.length === 0) yield noList(source.root, 'Diving48', 'Diving48_V2_train.json');
  // Of two releases one is meant to be left out.
  const named = lists.filter(({ name }) => listName.test(name) && !vocabularyName.test(name));
  const isSecond = own.some(({ name }) => /v2/i.test(name));
  yield* unread(
    named.filter(({ name }) => !isSecond || /v2/i.test(name)),
    own,
    'it should begin with [{"vid_name": …, "label": …}',
  );
  for (const list of own) yield* collectRows(list.file, rows, readList(list, names), source);
  yield* placeByStem(rows, source);
}

async function* readVocabulary({ file }: ListFile, names: string[]): AsyncGenerator<RowOrProblem> {
  for (const entry of await readJsonEntries(file)) {
    const value = parseEntry(entry);
    if (value === undefined)
      yield failure(file, entry.wrong ?? 'This entry is not valid JSON. Mend it, or fetch the list again.', entry.line);
    // A wrong entry keeps its place: the numbers of the others stay what they are.
    if (entry.wrong === undefined) names.push(Array.isArray(value) ? value.join('+') : String(value ?? ''));
  }
}

async function* readList({ name, file }: ListFile, names: readonly string[]): AsyncGenerator<RowOrProblem> {
  const split = splitOfList(name) ?? null;
  for (const entry of await readJsonEntries(file)) {
    const value = parseEntry(entry);
    const id = textField(value, 'vid_name');
    const number = textField(value, 'label');
    const label = names.length > 0 ? names[Number(number)] : number;
    if (id === undefined || number === undefined)
      yield failure(
        file,
        entry.wrong ?? 'This entry should be {"vid_name": …, "label": …}. Mend it, or fetch the list again.',
        entry.line,
      );
    else if (!label)
      yield failure(
        file,
        `Clip ${excerpt(id)} has the label ${excerpt(number)}, which the vocabulary does not have.`,
        entry.line,
      );
    else {
      const [first, last] = [Number(textField(value, 'start_frame')), Number(textField(value, 'end_frame'))];
      const isRange = Number.isSafeInteger(first) && Number.isSafeInteger(last) && first >= 0 && last > first;
      const frames = isRange ? { frameCount: last - first } : {};
      yield { line: entry.line, label, split, path: `${id}.mp4`, stems: [id], ...frames };
    }
  }
}
