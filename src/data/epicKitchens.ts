// EPIC-Kitchens-100: CSV with one action a line, which is a time range of a long video (or of its frame folder) with a verb
// and a noun. Each is a dataset of cover.json with its own head: "column": "verb" and "column": "noun".
import { annotationFiles, firstLines, type ListFile, noList, splitOfList, unread } from './annotations.ts';
import { collectRows, type RowOrProblem } from './collect.ts';
import { type Entry, failure, quoted, warning } from './entries.ts';
import type { DatasetSource, ListFormat } from './format.ts';
import { readCsv } from './lines.ts';
import { type ListedRow, placeByStem } from './place.ts';

export const epicKitchens: ListFormat = {
  title: 'EPIC-Kitchens',
  kind: 'video',
  async recognise(lists) {
    const own = (await epicLists(lists)).map(({ name }) => name);
    return own.length === 0 ? undefined : { by: own, variants: [{ column: 'verb' }, { column: 'noun' }] };
  },
  read,
};

const mostFrameRate = 1000;
const listName = /^EPIC.*_(train|val|validation|test)\b.*\.csv$/i;

async function epicLists(lists: readonly ListFile[]): Promise<ListFile[]> {
  const own: ListFile[] = [];
  for (const list of lists) {
    if (!/\.csv$/i.test(list.name) || !/train|val|test/i.test(list.name)) continue;
    const [head = ''] = await firstLines(list.file, 1);
    if (/narration_id/.test(head) && /start_timestamp/.test(head) && /video_id/.test(head)) own.push(list);
  }
  return own;
}

async function* read(source: DatasetSource): AsyncGenerator<Entry> {
  const column = source.column === 'noun' ? 'noun' : 'verb';
  const lists = await annotationFiles(source.root);
  const names = new Map<string, string>();
  const classes = lists.find(({ name }) => new RegExp(`${column}_classes.*\\.csv$`, 'i').test(name));
  if (classes) yield* collectRows(classes.file, undefined, readClasses(classes, names));
  else
    yield warning(
      source.root,
      `There is no ${column}_classes.csv in ${source.root}: classes are called by their numbers.`,
    );
  const rows: ListedRow[] = [];
  const own = await epicLists(lists);
  if (own.length === 0) yield noList(source.root, 'EPIC-Kitchens', 'EPIC_100_train.csv');
  const strange: ListFile[] = [];
  // The lists of sentences for retrieval have narrations only, and are no lists of actions.
  for (const list of lists)
    if (listName.test(list.name) && !/^narration_id,narration\b/.test((await firstLines(list.file, 1))[0] ?? ''))
      strange.push(list);
  yield* unread(strange, own, 'its first line should have narration_id, video_id, start_timestamp and others');
  for (const list of own) yield* collectRows(list.file, rows, readList(list, column, names, source.signal), source);
  setFrameRates(rows);
  yield* placeByStem(rows, source);
}

/**
 * The videos have 50 or 60 frames a second, which no list says; but each line names a place by time and by frame. The last one
 * of a video tells most exactly: frames are numbered whole.
 */
function setFrameRates(rows: readonly ListedRow[]): void {
  const last = new Map<string, ListedRow>();
  const videoOf = ({ stems }: ListedRow) => stems![0]!;
  for (const row of rows)
    if (row.frameCount !== undefined && row.end! > (last.get(videoOf(row))?.end ?? 0)) last.set(videoOf(row), row);
  for (const row of rows) {
    const { firstFrame, frameCount, end } = last.get(videoOf(row)) ?? {};
    const rate = Math.round((firstFrame! + frameCount! - 1) / end!);
    if (rate >= 1 && rate <= mostFrameRate) row.frameRate = rate;
  }
}

/** `id,key,category,instances`: the key is the class's name. */
async function* readClasses({ file }: ListFile, names: Map<string, string>): AsyncGenerator<RowOrProblem> {
  for await (const { line, fields, error } of readCsv(file, ',')) {
    const [id, key] = fields;
    if (/^\d+$/.test(id ?? '') && key && error === undefined) names.set(id!, key);
    else if (names.size > 0 || line > 1)
      yield failure(file, 'This line should be the number and the name of a class.', line);
  }
}

async function* readList(
  list: ListFile,
  column: 'verb' | 'noun',
  names: ReadonlyMap<string, string>,
  signal?: AbortSignal,
): AsyncGenerator<RowOrProblem> {
  const split = splitOfList(list.name) ?? null;
  let header: string[] | undefined;
  for await (const { line, fields, error } of readCsv(list.file, ',', signal)) {
    if (!header) {
      header = fields;
      continue;
    }
    const field = (name: string) => fields[header!.indexOf(name)]?.trim() ?? '';
    const id = field(`${column}_class`);
    const label = names.size > 0 ? names.get(id) : id;
    const [start, end] = [seconds(field('start_timestamp')), seconds(field('stop_timestamp'))];
    const video = field('video_id');
    if (error !== undefined) yield failure(list.file, `This line cannot be used: ${error}.`, line);
    else if (!/^[\w-]+$/.test(video))
      yield failure(list.file, `${quoted(video)} is no video_id, such as P01_102.`, line);
    else if (start === undefined || end === undefined || start >= end)
      yield failure(
        list.file,
        'start_timestamp and stop_timestamp should be such as 00:00:00.54, the start first.',
        line,
      );
    else if (id === '') yield { lacks: column };
    else if (label === undefined)
      yield failure(
        list.file,
        `The ${column}_class ${quoted(id)} does not stand in the list of ${column} classes.`,
        line,
      );
    else {
      const [first, last] = [Number(field('start_frame')), Number(field('stop_frame'))];
      const isRange = Number.isSafeInteger(first) && Number.isSafeInteger(last) && first > 0 && last >= first;
      const frames = isRange ? { firstFrame: first, frameCount: last - first + 1 } : {};
      const path = `${video.split('_')[0]}/videos/${video}.MP4`;
      yield { line, label, split, path, stems: [video], start, end, ...frames };
    }
  }
}

/** "00:01:02.50" → 62.5; undefined for anything else. */
function seconds(text: string): number | undefined {
  const match = /^(\d{1,4}):(\d{1,2}):(\d{1,2}(?:\.\d{1,9})?)$/.exec(text);
  if (!match) return undefined;
  const value = Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3]);
  return Math.round(value * 1000) / 1000;
}
