// Moments in Time: `trainingSet.csv` and `validationSet.csv` without a header, `blocking/clip.mp4,blocking,<yes>,<no>`, and
// `moments_categories.txt` with `clapping,4`. The videos lie in training/ and validation/, in folders of their classes.
import { annotationFiles, firstLines, type ListFile, noList } from './annotations.ts';
import { collectRows, listLines, type RowOrProblem } from './collect.ts';
import { type Entry, failure, quoted } from './entries.ts';
import type { DatasetSource, ListFormat } from './format.ts';
import { readCsv } from './lines.ts';
import { type ListedRow, placeByPath } from './place.ts';

const listName = /^(training|validation)Set\.csv$/i;
const categoriesName = /^moments_categories\.txt$/i;

export const momentsInTime: ListFormat = {
  title: 'Moments in Time',
  kind: 'video',
  async recognise(lists) {
    const own: string[] = [];
    for (const { name, file } of lists)
      if (listName.test(name) && /^[^,/]+\/[^,]+,[^,]+,\d+,\d+\s*$/.test((await firstLines(file, 1))[0] ?? ''))
        own.push(name);
    return own.length === 0 ? undefined : { by: own };
  },
  read,
};

async function* read(source: DatasetSource): AsyncGenerator<Entry> {
  const lists = await annotationFiles(source.root);
  const categories = lists.find(({ name }) => categoriesName.test(name));
  const known = new Set<string>();
  if (categories) yield* collectRows(categories.file, undefined, readCategories(categories, known));
  const rows: ListedRow[] = [];
  const own = lists.filter(({ name }) => listName.test(name));
  if (own.length === 0) yield noList(source.root, 'Moments in Time', 'trainingSet.csv');
  for (const list of own) yield* collectRows(list.file, rows, readList(list, known, source.signal), source);
  yield* placeByPath(rows, source);
}

async function* readCategories({ file }: ListFile, known: Set<string>): AsyncGenerator<RowOrProblem> {
  for await (const row of listLines(file)) {
    const match = /^(.+),\s*\d+$/.exec(row.problem ? '' : row.text.trim());
    if (row.problem) yield row;
    else if (match) known.add(match[1]!.trim());
    else yield failure(file, 'This line should be a class, "," and its number.', row.number);
  }
}

async function* readList(
  { name, file }: ListFile,
  known: ReadonlySet<string>,
  signal?: AbortSignal,
): AsyncGenerator<RowOrProblem> {
  const split = /^training/i.test(name) ? 'train' : 'val';
  for await (const { line, fields, error } of readCsv(file, ',', signal)) {
    const [path, label] = fields;
    if (error !== undefined || fields.length < 2 || !path || !label)
      yield failure(file, 'This line should be class/file.mp4,class,positive answers,negative answers.', line);
    else if (known.size > 0 && !known.has(label))
      yield failure(
        file,
        `${quoted(path)} has the label ${quoted(label)}, which moments_categories.txt does not have.`,
        line,
      );
    else yield { line, label, split, path };
  }
}
