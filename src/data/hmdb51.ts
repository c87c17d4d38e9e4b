// HMDB51: one file a class and fold, `brush_hair_test_split1.txt`, with lines `name.avi 1`: 0 unused in this fold, 1 train,
// 2 test. The videos lie in folders of their classes.
import { annotationFiles, type ListFile, noList } from './annotations.ts';
import { collectRows, listLines, type RowOrProblem } from './collect.ts';
import { type Entry, failure } from './entries.ts';
import type { DatasetSource, ListFormat } from './format.ts';
import { type ListedRow, placeByPath } from './place.ts';

const listName = /^(.+)_test_split([123])\.txt$/i;

export const hmdb51: ListFormat = {
  title: 'HMDB51',
  kind: 'video',
  async recognise(lists) {
    const named = lists.flatMap(({ name }) => listName.exec(name) ?? []).length;
    if (named === 0) return undefined;
    const folds = [...new Set(lists.flatMap(({ name }) => Number(listName.exec(name)?.[2] ?? 0)))]
      .filter(Boolean)
      .sort();
    const own = lists.map(({ name }) => name).filter((name) => Number(listName.exec(name)?.[2]) === folds[0]);
    const others = folds.slice(1).join(' or ');
    return {
      by: own.length > 1 ? [own[0]!, `${own.length - 1} like it`] : own,
      ...(others && { choice: `This is fold ${folds[0]}; write "fold": ${others} for another` }),
      variants: [folds[0] === 1 ? {} : { fold: folds[0]! }],
    };
  },
  read,
};

async function* read(source: DatasetSource): AsyncGenerator<Entry> {
  const { root, fold, signal } = source;
  const lists = (await annotationFiles(root)).filter(({ name }) => Number(listName.exec(name)?.[2]) === fold);
  if (lists.length === 0) yield noList(root, `fold ${fold} of HMDB51`, `brush_hair_test_split${fold}.txt`);
  const rows: ListedRow[] = [];
  for (const list of lists) yield* collectRows(list.file, rows, readList(list, signal), source);
  yield* placeByPath(rows, source);
}

async function* readList({ name, file }: ListFile, signal?: AbortSignal): AsyncGenerator<RowOrProblem> {
  const label = listName.exec(name)![1]!;
  for await (const row of listLines(file, signal)) {
    if (row.problem) {
      yield row;
      continue;
    }
    const { number } = row;
    const match = /^(.+)\s([012])$/.exec(row.text.trim());
    if (!match) yield failure(file, 'This line should be a file name and 0 (unused), 1 (train) or 2 (test).', number);
    else if (match[2] === '0') yield { lacks: '' };
    else {
      const split = match[2] === '1' ? 'train' : 'test';
      yield { line: number, label, split, path: `${label}/${match[1]!.trimEnd()}` };
    }
  }
}
