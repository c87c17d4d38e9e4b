// Recognises the well-known datasets in a folder by their annotation lists, and says by which, how much of what they name
// is there, and what else could be chosen.
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { throwIfAborted } from '../base/errors.ts';
import type { DatasetFormat } from '../protocol/datasets.ts';
import { annotationFiles } from './annotations.ts';
import type { Find } from './discover.ts';
import { count } from './entries.ts';
import { listFolder, splitFolders } from './folders.ts';
import type { FormatSettings, ListFormat, Recognised } from './format.ts';
import { listFormats } from './formats.ts';

export interface Listed {
  find: Find;
  /** How many of the files that were looked for are there. */
  hits: number;
}

/** At most so many of the named files are looked for: the index looks for all. */
const looked = 200;
/** As long as not a single one was found. */
const mostLooked = 100_000;

/**
 * What the lists in `folder`, and in folders of annotations inside it, name. Lists that lie in one folder with what they
 * name are left to the search of that folder. With several heads there are several finds.
 */
export async function findListed(folder: string, signal?: AbortSignal): Promise<Listed[]> {
  const lists = await annotationFiles(folder);
  const known: { format: DatasetFormat; listFormat: ListFormat; recognised: Recognised }[] = [];
  for (const [format, listFormat] of Object.entries(listFormats)) {
    const recognised = await listFormat.recognise(lists, folder);
    if (recognised) known.push({ format: format as DatasetFormat, listFormat, recognised });
  }
  const found: Listed[] = [];
  for (const { format, listFormat, recognised } of known) {
    const others = known.filter((other) => other.format !== format).map(({ format: name }) => name);
    if (await hasClassFolders(folder)) others.push('classFolders');
    for (const settings of recognised.variants ?? [{}])
      found.push(await tryFormat(folder, format, listFormat, settings, recognised, others, signal));
    if (found.some(({ hits }) => hits > 0)) break; // the first that fits; the others are told as a choice
  }
  const inside = new Set(lists.map(({ file }) => dirname(file)));
  const [only] = inside;
  const best = found.filter(({ hits }) => hits > 0);
  if (inside.size === 1 && only !== folder) {
    const own = await findListed(only!, signal);
    if (own.some(({ hits }) => hits > 0) || (best.length === 0 && own.length > 0)) return [];
  }
  if (best.length > 0) return best;
  // Nothing is there: the likeliest, with each of its heads, and the others are told as a choice.
  const named = found.filter(({ find }) => find.samples > 0);
  return named.filter(({ find }) => find.format === named[0]!.find.format);
}

async function tryFormat(
  folder: string,
  format: DatasetFormat,
  { title, kind, read }: ListFormat,
  settings: FormatSettings,
  { by, choice }: Recognised,
  others: readonly string[],
  signal?: AbortSignal,
): Promise<Listed> {
  const labels = new Set<string>();
  const files: string[] = [];
  let inFolders = 0; // they are there
  for await (const { sample, samples } of read({ root: folder, media: folder, kind, fold: 1, ...settings, signal })) {
    throwIfAborted(signal, 'Searching');
    if (samples?.[0]) {
      labels.add(samples[0].label);
      inFolders += samples.length;
    }
    if (!sample) continue;
    labels.add(sample.label);
    files.push(sample.file);
  }
  const step = Math.max(1, Math.floor(files.length / looked));
  const some = files.filter((_, index) => index % step === 0);
  const seen = some.filter((file) => existsSync(file)).length;
  // Few of a large dataset may be on the disk, and between those looked for.
  const hits = seen > 0 ? seen : isAnyThere(files) ? 1 : 0;
  const shown = by.length > 4 ? [...by.slice(0, 3), `${by.length - 3} more`] : by;
  const there =
    hits === some.length
      ? ''
      : hits + inFolders === 0
        ? ' None of the files was found: name their folder as "media".'
        : ` About ${Math.min(99, Math.ceil((100 * (some.length - hits)) / some.length))} % of them are not on the disk.`;
  const alternatives = others.length > 0 ? ` Could also be read as ${others.join(' or ')}: change "format".` : '';
  const head = settings.column === undefined ? '' : `, the head of ${settings.column}s`;
  const what = `${count(files.length + inFolders, kind)} in ${count(labels.size, 'class')}: ${title}${head}, by ${shown.join(', ')}.`;
  return {
    hits: hits + inFolders,
    find: {
      kind,
      format,
      ...settings,
      reason: what + there + (choice ? ` ${choice}.` : '') + alternatives,
      samples: files.length + inFolders,
      ...(hits + inFolders === 0 && { missing: true }),
      classes: labels.size,
      place: folder,
      title: basename(folder) + (settings.column === undefined ? '' : `-${settings.column}`),
    },
  };
}

/** Files are looked for only in folders that there are. */
function isAnyThere(files: readonly string[]): boolean {
  const folders = new Map<string, boolean>();
  let left = mostLooked;
  return files.some((file) => {
    const folder = dirname(file);
    const isThere = folders.get(folder) ?? existsSync(folder);
    folders.set(folder, isThere);
    return isThere && left-- > 0 && existsSync(file);
  });
}

/** Whether the folder itself looks like class folders in splits, as some archives come beside their lists. */
async function hasClassFolders(folder: string): Promise<boolean> {
  const { folders } = await listFolder(folder).catch(() => ({ folders: [] }));
  return (await splitFolders(folder, folders)) !== undefined;
}
