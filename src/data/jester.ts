// Jester: `jester-v1-train.csv` with `34870;Drumming Fingers`, or a CSV with the columns video_id and label. A clip is the
// frame folder of its id, `34870/00001.jpg`. Something-Something V1 has the same form.
import { annotationFiles, firstLines, type ListFile, noList, splitOfList } from './annotations.ts';
import { collectRows, listLines, type RowOrProblem } from './collect.ts';
import { type Entry, failure } from './entries.ts';
import type { DatasetSource, ListFormat } from './format.ts';
import { parseRecord } from './lines.ts';
import { type ListedRow, placeByStem } from './place.ts';

const listName = /^(jester|something-something)-v1-(train|validation|test)\.csv$|^(train|validation|test)\.csv$/i;

export const jester: ListFormat = {
  title: 'Jester',
  kind: 'video',
  async recognise(lists) {
    const own: ListFile[] = [];
    for (const list of lists) {
      if (!listName.test(list.name)) continue;
      const [first = ''] = await firstLines(list.file, 1);
      if (/^\d+;\S/.test(first) || /^video_id,label(,|$)/.test(first)) own.push(list);
    }
    return own.length === 0 ? undefined : { by: own.map(({ name }) => name) };
  },
  read,
};

async function* read(source: DatasetSource): AsyncGenerator<Entry> {
  const rows: ListedRow[] = [];
  const lists = (await annotationFiles(source.root)).filter(({ name }) => listName.test(name));
  if (lists.length === 0) yield noList(source.root, 'Jester', 'jester-v1-train.csv');
  for (const list of lists) yield* collectRows(list.file, rows, readList(list, source.signal), source);
  yield* placeByStem(rows, source);
}

async function* readList(list: ListFile, signal?: AbortSignal): AsyncGenerator<RowOrProblem> {
  const split = splitOfList(list.name) ?? null;
  let names: string[] | undefined;
  for await (const row of listLines(list.file, signal)) {
    if (row.problem) {
      yield row;
      continue;
    }
    const { number: line, text } = row;
    let [id, label] = /^(\d+)\s*(?:;\s*(.*))?$/.exec(text.trim())?.slice(1) ?? [];
    if (id === undefined) {
      const fields = parseRecord(text, ',');
      const isRecord = typeof fields !== 'string';
      if (isRecord && fields.includes('video_id')) {
        if (names) yield failure(list.file, 'This is a second header; it is left out.', line);
        names = fields;
        continue;
      }
      id = isRecord && names ? fields[names.indexOf('video_id')] : undefined;
      label = isRecord && names ? fields[names.indexOf('label')] : undefined;
    }
    if (id === undefined || !/^\d+$/.test(id))
      yield failure(list.file, 'This line should be an id, ";" and a label.', line);
    else if (!label) yield { lacks: 'label' };
    else yield { line, label, split, path: id, stems: [id], isFrames: true };
  }
}
