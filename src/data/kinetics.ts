// Kinetics-400, 600 and 700: CSV (`label,youtube_id,time_start,time_end,split`) or JSON keyed by YouTube id. The files are
// called `<id>_000417_000427.mp4`, or only `<id>.mp4`, wherever they lie; each holds its clip and nothing else. A file with
// other times is another clip, maybe of another class or split, and never stands for a line.
import { basename, extname } from 'node:path';
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
import { type Entry, failure, quoted, type SplitName } from './entries.ts';
import { splitOf } from './folders.ts';
import type { DatasetSource, ListFormat } from './format.ts';
import { readCsv } from './lines.ts';
import { type ListedRow, placeByStem } from './place.ts';

export const kinetics: ListFormat = {
  title: 'Kinetics',
  kind: 'video',
  async recognise(lists) {
    const own = await kineticsLists(lists);
    return own.length === 0 ? undefined : { by: own.map(({ name }) => name) };
  },
  read,
};

/** A list that there is as CSV and as JSON is read once, as CSV. */
async function kineticsLists(lists: readonly ListFile[]): Promise<ListFile[]> {
  const own: ListFile[] = [];
  for (const list of lists) {
    const isCsv = /\.csv$/i.test(list.name);
    if (!isCsv && !/\.json$/i.test(list.name)) continue;
    const head = (await firstLines(list.file, isCsv ? 1 : 12)).join('\n').slice(0, 4000);
    const isOurs = isCsv
      ? /(^|,)"?youtube_id"?(,|$)/.test(head.replace(/^\uFEFF/, '')) && head.includes('time_start')
      : /^\s*\{\s*"[\w-]{11}"\s*:\s*\{/.test(head) && head.includes('"segment"');
    if (isOurs) own.push(list);
  }
  const stems = new Set(own.filter(({ name }) => /\.csv$/i.test(name)).map(({ file }) => stemOf(file)));
  return own.filter(({ name, file }) => /\.csv$/i.test(name) || !stems.has(stemOf(file)));
}

function stemOf(file: string): string {
  return basename(file, extname(file)).toLowerCase();
}

async function* read(source: DatasetSource): AsyncGenerator<Entry> {
  const all = await annotationFiles(source.root);
  const lists = await kineticsLists(all);
  if (lists.length === 0)
    yield noList(source.root, 'Kinetics', 'a CSV with the columns label,youtube_id,time_start,time_end,split');
  const named = all.filter(({ name }) => /\.(csv|json)$/i.test(name) && splitOfList(name));
  const csv = new Set(lists.map(({ file }) => stemOf(file)));
  yield* unread(
    named.filter(({ file }) => !csv.has(stemOf(file))),
    lists,
    'a CSV begins with label,youtube_id,time_start,time_end,split, a JSON with {"<youtube id>": {',
  );
  const rows: ListedRow[] = [];
  for (const list of lists) yield* collectRows(list.file, rows, readList(list, source.signal), source);
  yield* placeByStem(rows, source);
}

async function* readList(list: ListFile, signal?: AbortSignal): AsyncGenerator<RowOrProblem> {
  for await (const clip of /\.csv$/i.test(list.name) ? csvClips(list, signal) : jsonClips(list)) {
    if (typeof clip.wrong === 'string') yield failure(list.file, clip.wrong, clip.line);
    else if (clip.label === '') yield { lacks: 'label' };
    else yield toRow(clip);
  }
}

/** The names of files have six digits for a time. */
const mostSeconds = 999_999;

interface Clip {
  line: number;
  label: string;
  id: string;
  start: number;
  end: number;
  split: SplitName | null;
  /** What is wrong with the line, as a sentence. */
  wrong?: string;
}

function toRow({ line, label, id, start, end, split }: Clip): RowOrProblem {
  const six = (seconds: number) => String(Math.floor(seconds)).padStart(6, '0');
  const stem = `${id}_${six(start)}_${six(end)}`;
  return { line, label, split, path: `${label}/${stem}.mp4`, stems: [stem, id] };
}

function toClip(line: number, text: Record<'label' | 'id' | 'start' | 'end' | 'split', string>, list: ListFile): Clip {
  const split = text.split === '' ? (splitOfList(list.name) ?? null) : (splitOf(text.split) ?? null);
  const [start, end] = [Number(text.start), Number(text.end)];
  const clip: Clip = { line, label: text.label, id: text.id, start, end, split };
  if (!/^[\w-]{11}$/.test(text.id))
    clip.wrong = `${quoted(text.id)} is no YouTube id: it should have 11 letters, digits, "-" or "_".`;
  else if (text.start === '' || text.end === '' || !(start >= 0) || !(end > start) || end > mostSeconds)
    clip.wrong = `time_start and time_end must be seconds, the start first, but are ${quoted(text.start)} and ${quoted(text.end)}.`;
  else if (text.split !== '' && split === null)
    clip.wrong = `${quoted(text.split)} is no split: write train, val or test.`;
  return clip;
}

async function* csvClips(list: ListFile, signal?: AbortSignal): AsyncGenerator<Clip> {
  let names: string[] | undefined;
  for await (const { line, fields, error } of readCsv(list.file, ',', signal)) {
    if (!names) {
      names = fields.map((name) => name.toLowerCase());
      continue;
    }
    const field = (name: string) => fields[names!.indexOf(name)]?.trim() ?? '';
    const wrong =
      error ??
      (fields.length === names.length ? undefined : `it has ${fields.length} values for ${names.length} columns`);
    const text = {
      label: field('label'),
      id: field('youtube_id'),
      start: field('time_start'),
      end: field('time_end'),
      split: field('split'),
    };
    const clip = toClip(line, text, list);
    yield wrong === undefined
      ? clip
      : { ...clip, wrong: `This line cannot be used: ${wrong}. Put a label with a comma in double quotes.` };
  }
}

async function* jsonClips(list: ListFile): AsyncGenerator<Clip> {
  for (const entry of await readJsonEntries(list.file)) {
    const value = parseEntry(entry) as { annotations?: { label?: unknown; segment?: unknown } } | undefined;
    const segment = Array.isArray(value?.annotations?.segment) ? value.annotations.segment : [];
    const text = {
      label: textField(value?.annotations, 'label') ?? '',
      id: entry.key,
      start: String(segment[0] ?? ''),
      end: String(segment[1] ?? ''),
      split: textField(value, 'subset') ?? '',
    };
    const clip = toClip(entry.line, text, list);
    yield value === undefined
      ? { ...clip, wrong: entry.wrong ?? 'This entry is not valid JSON. Mend it, or fetch the list again.' }
      : clip;
  }
}
