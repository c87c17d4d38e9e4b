// Edits of samples, checked against the index before they are written: whoever excludes a sample or gives it another class is told
// at once where there is no such sample, or no such class.
import { UserError } from '../base/errors.ts';
import { plural } from '../base/format.ts';
import { asTag, mostTags, sortedTags, wrongTag } from '../base/tags.ts';
import { requireWorkspace, workspaceFile } from '../config/workspace.ts';
import { editIndex } from '../data/editIndex.ts';
import { classNames, knownSamples } from '../data/editQueries.ts';
import { changeEdits, type SampleEdit } from '../data/editsFile.ts';
import type { SampleEdit as EditRequest } from '../protocol/curation.ts';

export interface EditedSamples {
  /** Samples that are different now. */
  changed: number;
  /** What undoes it: of each sample only what is different now. */
  before: EditRequest[];
  /** The index has followed. */
  indexed: boolean;
}

/** In this process one after the other: the index follows in the same order. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * Writes edits into cover.edits.jsonl, all or none; the index follows at once, or where another program holds it with its next
 * update. Throws UserError `unknown-sample`, `unknown-class` (unless `newClass`), `bad-tag`, `too-many-tags`, `excluded-in-config`,
 * `edits-busy`, `edits-unreadable`, `edits-unwritable`.
 */
export async function editSamples(
  workspace: string,
  edits: readonly EditRequest[],
  { newClass = false } = {},
): Promise<EditedSamples> {
  const own = await check(workspace, edits, newClass);
  const work = turn.then(() => write(workspace, edits, own));
  turn = work.catch(() => undefined);
  return work;
}

/** The dataset's own class of every sample. */
async function check(
  workspace: string,
  edits: readonly EditRequest[],
  newClass: boolean,
): Promise<ReadonlyMap<string, string>> {
  for (const tag of new Set(edits.flatMap(({ tag }) => tag ?? []))) {
    const wrong = wrongTag(asTag(tag));
    if (wrong !== undefined) throw new UserError('bad-tag', `${wrong} Choose another.`);
  }
  const known = await knownSamples(
    workspace,
    edits.map(({ id }) => id),
  );
  const own = new Map(known.map((sample) => [sample.id, sample.own]));
  // What takes an edit back may be of a sample that is not there any more.
  const unknown = edits.filter(
    ({ id, excluded, label, tag = [] }) => !own.has(id) && (excluded || typeof label === 'string' || tag.length > 0),
  );
  if (unknown[0] && !newClass) {
    const more = unknown.length === 1 ? '' : ` and ${plural(unknown.length - 1, 'other')}`;
    throw new UserError(
      'unknown-sample',
      `The index has no sample "${unknown[0].id}"${more}. An id is "<dataset>/<path inside it>"; refresh the index where files are new.`,
    );
  }
  if (!newClass) await checkClasses(workspace, edits);
  await checkIncluded(workspace, edits);
  return own;
}

async function checkClasses(workspace: string, edits: readonly EditRequest[]): Promise<void> {
  const wanted = new Map<string, Set<string>>();
  for (const { id, label } of edits) {
    if (typeof label !== 'string') continue;
    const dataset = datasetOf(id);
    wanted.set(dataset, (wanted.get(dataset) ?? new Set()).add(label));
  }
  for (const [dataset, labels] of wanted) {
    const classes = new Set(await classNames(workspace, dataset));
    const wrong = [...labels].find((label) => !classes.has(label));
    if (wrong !== undefined)
      throw new UserError(
        'unknown-class',
        `"${dataset}" has no class "${wrong}". Choose one that it has, or ask for a new class (--new-class).`,
      );
  }
}

/** An edit cannot include what cover.json excludes: it says so itself. */
async function checkIncluded(workspace: string, edits: readonly EditRequest[]): Promise<void> {
  const included = edits.filter(({ excluded }) => excluded === false);
  if (included.length === 0) return;
  const { datasets } = await requireWorkspace(workspace);
  for (const { id } of included) {
    const path = id.slice(id.indexOf('/') + 1);
    const list = datasets[datasetOf(id)]?.exclude ?? [];
    if (list.includes(path) || list.includes(path.replace(/#[tf]=[\d.,]*$/, ''))) {
      const file = workspaceFile(workspace);
      const told = `"${id}" is excluded in cover.json. Take it out of "exclude" there.`;
      throw new UserError('excluded-in-config', told, file);
    }
  }
}

async function write(
  workspace: string,
  edits: readonly EditRequest[],
  own: ReadonlyMap<string, string>,
): Promise<EditedSamples> {
  const before = new Map<string, Omit<SampleEdit, 'line'>>();
  const after = new Map<string, SampleEdit>();
  let all: ReadonlyMap<string, SampleEdit> = after;
  await changeEdits(workspace, (samples) => {
    all = samples;
    for (const { id, excluded, label, tag, untag } of edits) {
      const { line, ...old } = samples.get(id) ?? { excluded: false, label: null, tags: [], line: 0 };
      if (!before.has(id)) before.set(id, old);
      const wanted = label?.normalize('NFC').trim();
      const next = {
        excluded: excluded ?? old.excluded,
        // The dataset's own class is no edit.
        label: label === undefined ? old.label : wanted === own.get(id) ? null : (wanted ?? null),
        tags: retagged(id, old.tags, tag, untag),
        line,
      };
      after.set(id, next);
      samples.set(id, next);
    }
  });
  const changed = [...before].flatMap(([id, { excluded, label, tags }]): EditRequest[] => {
    const now = after.get(id)!;
    const came = now.tags.filter((tag) => !tags.includes(tag));
    const went = tags.filter((tag) => !now.tags.includes(tag));
    const was = {
      ...(now.excluded !== excluded && { excluded }),
      ...(now.label !== label && { label }),
      ...(went.length > 0 && { tag: went }),
      ...(came.length > 0 && { untag: came }),
    };
    return Object.keys(was).length > 0 ? [{ id, ...was }] : [];
  });
  const config = await requireWorkspace(workspace);
  const indexed = await editIndex(workspace, config, before.keys(), all).then(
    () => true,
    () => false, // it can always be made again, and the next update does it
  );
  return { changed: changed.length, before: changed, indexed };
}

function retagged(
  id: string,
  old: readonly string[],
  tag: readonly string[] = [],
  untag: readonly string[] = [],
): readonly string[] {
  const gone = new Set(untag.map(asTag));
  const tags = sortedTags([...old.filter((one) => !gone.has(one)), ...tag.map(asTag)]);
  if (tags.length > mostTags)
    throw new UserError('too-many-tags', `"${id}" would have more than ${mostTags} tags. Take one off first.`);
  return tags;
}

function datasetOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}
