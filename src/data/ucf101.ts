// UCF101: `trainlist01.txt` with `Class/v_Class_g08_c01.avi 1`, `testlist01.txt` without the number, three folds;
// `classInd.txt` has the numbers.
import { annotationFiles, type ListFile } from './annotations.ts';
import { collectRows, listLines, type RowOrProblem } from './collect.ts';
import { type Entry, failure, quoted } from './entries.ts';
import type { DatasetSource, ListFormat } from './format.ts';
import { type ListedRow, placeByPath } from './place.ts';

const listName = /^(train|test)list0?([123])\.txt$/i;

export const ucf101: ListFormat = {
  title: 'UCF101',
  kind: 'video',
  async recognise(lists) {
    const named = lists.map(({ name }) => name).filter((name) => listName.test(name));
    const folds = [...new Set(named.map((name) => Number(listName.exec(name)![2])))].sort();
    if (folds.length === 0 || !named.some((name) => /^train/i.test(name))) return undefined;
    const others = folds.slice(1).join(' or ');
    return {
      by: named.filter((name) => Number(listName.exec(name)![2]) === folds[0]),
      ...(others && { choice: `This is fold ${folds[0]}; write "fold": ${others} for another` }),
      variants: [folds[0] === 1 ? {} : { fold: folds[0]! }],
    };
  },
  read,
};

async function* read(source: DatasetSource): AsyncGenerator<Entry> {
  const lists = await annotationFiles(source.root);
  const classes = new Map<string, number>();
  const numbered = lists.find(({ name }) => /^classInd\.txt$/i.test(name));
  if (numbered) yield* collectRows(numbered.file, undefined, readClasses(numbered, classes));
  const rows: ListedRow[] = [];
  for (const part of ['train', 'test'] as const) {
    const list = lists.find(({ name }) => {
      const match = listName.exec(name);
      return match?.[1]?.toLowerCase() === part && Number(match[2]) === source.fold;
    });
    if (!list) {
      const name = `${part}list0${source.fold}.txt`;
      yield failure(source.root, `There is no ${name} in ${source.root}. Put it there, or choose another "fold".`);
      continue;
    }
    yield* collectRows(list.file, rows, readList(list, part, classes, source.signal), source);
  }
  yield* placeByPath(rows, source);
}

async function* readList(
  { file }: ListFile,
  split: 'train' | 'test',
  classes: ReadonlyMap<string, number>,
  signal?: AbortSignal,
): AsyncGenerator<RowOrProblem> {
  for await (const row of listLines(file, signal)) {
    if (row.problem) {
      yield row;
      continue;
    }
    const { number } = row;
    // Names of files may have spaces: only a number at the very end is not of them.
    const [, path = '', id] = /^(.*\.\w+)(?:\s+(\d+))?$/.exec(row.text.trim()) ?? [];
    const [, label] = /^([^/\\]+)[/\\]/.exec(path) ?? [];
    if (label === undefined) {
      yield failure(file, 'This line should be Class/file.avi, with the class number after it.', number);
      continue;
    }
    const expected = classes.get(label);
    if (id !== undefined && classes.size > 0 && expected !== Number(id)) {
      const told = expected === undefined ? 'does not have this class' : `says ${expected}`;
      yield failure(file, `The class ${quoted(label)} has the number ${id} here, but classInd.txt ${told}.`, number);
    } else yield { line: number, label, split, path };
  }
}

async function* readClasses({ file }: ListFile, classes: Map<string, number>): AsyncGenerator<RowOrProblem> {
  for await (const row of listLines(file)) {
    const match = /^(\d+)\s+(.+)$/.exec(row.problem ? '' : row.text.trim());
    if (row.problem) yield row;
    else if (match) classes.set(match[2]!, Number(match[1]));
    else yield failure(file, 'This line should be a number and a class name.', row.number);
  }
}
