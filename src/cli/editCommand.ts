// `cover edit`: leaves samples out, takes them in again, gives them another class, or tags, without touching annotation files. Ids come
// as arguments, or one a line on stdin, so that a list made by another program needs no script.
import { stdin } from 'node:process';
import { createInterface } from 'node:readline';
import { UserError } from '../base/errors.ts';
import { count, dotted, plural } from '../base/format.ts';
import { asTag } from '../base/tags.ts';
import { requireWorkspace } from '../config/workspace.ts';
import { editSamples } from '../curation/editSamples.ts';
import { knownSamples } from '../data/editQueries.ts';
import { readEdits } from '../data/editsFile.ts';
import { indexProgress } from '../data/indexProgress.ts';
import { updateIndex } from '../data/updateIndex.ts';
import type { SampleEdit } from '../protocol/curation.ts';
import type { DatasetSummary } from '../protocol/datasets.ts';
import type { Context, ExitCode } from './context.ts';
import { printable, table } from './tables.ts';

export type EditAction = 'exclude' | 'include' | 'relabel' | 'tag' | 'untag';

export interface EditOptions {
  /** Of relabel; absent: as the dataset says. */
  label?: string;
  newClass?: boolean;
  /** Of tag and untag. */
  tag?: string;
}

const said = {
  exclude: 'Excluded',
  include: 'Included again',
  relabel: 'Relabelled',
  tag: 'Tagged',
  untag: 'Untagged',
} as const;

export async function editCommand(
  { workspace, output, signal }: Context,
  action: EditAction,
  given: readonly string[],
  { label, newClass = false, tag = '' }: EditOptions = {},
): Promise<ExitCode> {
  const ids = [...new Set(await idsOf(given))];
  if (ids.length === 0)
    throw new UserError('no-ids', 'No sample was named. Give ids such as clips/run/a.mp4, or one a line on stdin.');
  const config = await requireWorkspace(workspace, {}, (problem) => output.event({ event: 'problem', problem }));
  const onProgress = indexProgress((event) => output.event(event));
  const update = () => updateIndex(workspace, config, { signal, onProgress });
  const change: Omit<SampleEdit, 'id'> = {
    exclude: { excluded: true },
    include: { excluded: false },
    relabel: { label: label ?? null },
    tag: { tag: [tag] },
    untag: { untag: [tag] },
  }[action];
  const edits = ids.map((id): SampleEdit => ({ id, ...change }));
  const edit = async () => {
    if (change.excluded !== true && typeof change.label !== 'string' && !change.tag)
      await requireSomethingOf(workspace, ids, signal);
    return editSamples(workspace, edits, { newClass });
  };
  // What the index does not know yet may be new on the disk.
  const { changed } = await edit().catch(async (error) => {
    if (!(error instanceof UserError && ['unknown-sample', 'unknown-class'].includes(error.code))) throw error;
    await update();
    return edit();
  });
  const datasets = changed > 0 ? await update() : [];
  output.settle();
  const about = change.tag || change.untag ? { tag: asTag(tag) } : {};
  output.event({ event: 'edited', action, ...about, samples: ids.length, changed });
  const concerned = datasets.filter(({ name }) => ids.some((id) => id.startsWith(`${name}/`)));
  const same = ids.length - changed;
  const what = about.tag === undefined ? said[action] : `${said[action]} "${about.tag}"`;
  const told = `${what}: ${plural(changed, 'sample')}${same > 0 ? ` (${count(same)} so already)` : ''}.`;
  output.result([told, ...concerned.map(summaryLine)].map(printable).join('\n'));
  return 0;
}

/** To take an edit back there must be the sample or, where its file is gone, the edit: a mistyped id is not "so already". */
async function requireSomethingOf(workspace: string, ids: readonly string[], signal: AbortSignal): Promise<void> {
  const { samples } = await readEdits(workspace, signal);
  const known = new Set((await knownSamples(workspace, ids)).map(({ id }) => id));
  const unknown = ids.filter((id) => !samples.has(id) && !known.has(id));
  if (unknown[0] === undefined) return;
  const more = unknown.length === 1 ? '' : ` and ${plural(unknown.length - 1, 'other')}`;
  throw new UserError(
    'unknown-sample',
    `There is no sample "${unknown[0]}"${more}, and no edit of it. An id is "<dataset>/<path inside it>"; "cover edit list" shows those with edits.`,
  );
}

/**
 * Every edit as it stands in the file; lines that cannot be read are told, and make the command fail. With `tag` the ids of those
 * that have it and nothing else, one a line, as other commands read them from stdin.
 */
export async function listEditsCommand(
  { workspace, output, colour, signal }: Context,
  { tag }: { tag?: string } = {},
): Promise<ExitCode> {
  const { file, samples, problems } = await readEdits(workspace, signal);
  for (const problem of problems) output.event({ event: 'problem', problem });
  const wanted = tag === undefined ? undefined : asTag(tag);
  const listed = [...samples].filter(([, { tags }]) => wanted === undefined || tags.includes(wanted));
  for (const [id, { excluded, label, tags }] of listed)
    output.event({
      ...{ event: 'edit', id },
      ...(excluded && { excluded }),
      ...(label !== null && { label }),
      ...(tags.length > 0 && { tags }),
    });
  output.settle();
  if (wanted !== undefined && listed.length === 0) output.note(`No sample has the tag "${printable(wanted)}".`);
  else if (wanted !== undefined) output.result(listed.map(([id]) => printable(id)).join('\n'));
  else if (listed.length === 0) output.result(`No edits: ${file} has none.`);
  else {
    const rows = listed.map(([id, { excluded, label, tags }]) => [
      ...[id, excluded ? 'excluded' : '', label ?? '', tags.join(', ')],
    ]);
    output.result(table(['sample', 'state', 'label', 'tags'], rows, 4, colour));
  }
  return problems.length > 0 ? 1 : 0;
}

/** "clips: 38 samples · 4 classes · 5 excluded · 2 relabelled · 7 tagged". */
function summaryLine({ name, samples, classes, excluded = 0, relabelled = 0, tagged = 0 }: DatasetSummary): string {
  const counts = dotted(
    plural(samples, 'sample'),
    plural(classes, 'class', 'classes'),
    excluded > 0 && `${count(excluded)} excluded`,
    relabelled > 0 && `${count(relabelled)} relabelled`,
    tagged > 0 && `${count(tagged)} tagged`,
  );
  return `${name}: ${counts}`;
}

async function idsOf(given: readonly string[]): Promise<string[]> {
  const fromStdin = given.includes('-') || (given.length === 0 && !stdin.isTTY);
  const ids = given.filter((id) => id !== '-');
  if (!fromStdin) return ids;
  for await (const line of createInterface({ input: stdin })) {
    const id = line.replace(/^\uFEFF/, '').trimEnd(); // lists made on Windows may begin with a mark
    if (id !== '') ids.push(id);
  }
  return ids;
}
