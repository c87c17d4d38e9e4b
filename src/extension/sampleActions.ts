// What can be done with rows of the Datasets tree: with the row clicked and the others that are selected, or, from a key or the
// palette, with what is selected.
import { commands, env, type QuickPickItem, Uri, ViewColumn, window } from 'vscode';
import { CancelledError } from '../base/errors.ts';
import { dotted, plural } from '../base/format.ts';
import { asLabel } from '../base/shownText.ts';
import type { IndexedSample, Sample } from '../protocol/datasets.ts';
import { copyCli } from './copyCli.ts';
import type { Curation } from './curation.ts';
import type { ClassNode, Node } from './datasetNodes.ts';
import { reveal } from './reveal.ts';
import type { Runners } from './runners.ts';
import { requireWorkspace } from './workspaceFolder.ts';

/** Samples of a class that are asked for at once. */
const pageOfIds = 5000;
/** Tabs that one action opens at most. */
const mostOpened = 10;
const mostSimilar = 60;

export interface SampleActionsOptions {
  runners: Pick<Runners, 'ask'>;
  curation: Curation;
  /** The rows that are selected. */
  selection(): readonly Node[];
  /** The text that the tree is filtered by: an action on a class is one on what of it is shown. */
  filter(): string | undefined;
  openClip(sample: Sample, column: ViewColumn): Promise<void>;
}

type Handler = (node?: Node, nodes?: readonly Node[]) => Promise<unknown>;

export function sampleActions(options: SampleActionsOptions): Record<string, Handler> {
  const { runners, curation, openClip } = options;
  const chosen = (node?: Node, nodes?: readonly Node[]): readonly Node[] => {
    if (!node) return options.selection();
    return nodes?.includes(node) ? nodes : [node];
  };
  const samplesOf = (node?: Node, nodes?: readonly Node[]): IndexedSample[] => {
    const samples = chosen(node, nodes).flatMap((each) => (each.type === 'sample' ? [each.sample] : []));
    if (samples.length === 0) {
      // Also where the rows were drawn anew while a menu was open: nothing has gone wrong.
      window.setStatusBarMessage('Select samples in the Datasets view first', 5000);
      throw new CancelledError();
    }
    return samples;
  };
  /** Samples selected, and those of classes selected, once a person confirmed it. */
  const idsFor = async (what: string, node?: Node, nodes?: readonly Node[]): Promise<string[]> => {
    const rows = chosen(node, nodes);
    const classes = rows.filter((each) => each.type === 'class');
    const samples = rows.flatMap((each) => (each.type === 'sample' ? [each.sample.id] : []));
    if (classes.length === 0 && samples.length === 0) samplesOf(); // says what to do
    if (classes.length > 0 && !(await confirmed(what, classes, options.filter()))) return [];
    const ids = await Promise.all(classes.map((each) => idsOfClass(runners, each, options.filter())));
    return [...new Set([...samples, ...ids.flat()])];
  };
  const open = async (column: ViewColumn, node?: Node, nodes?: readonly Node[]) => {
    for (const sample of samplesOf(node, nodes).slice(0, mostOpened)) await openClip(sample, column);
  };
  const handlers: Record<string, Handler> = {
    'cover.openSample': (node, nodes) => open(ViewColumn.Active, node, nodes),
    'cover.openSampleBeside': (node, nodes) => open(ViewColumn.Beside, node, nodes),
    'cover.revealSample': async (node, nodes) => reveal(Uri.file(samplesOf(node, nodes)[0]!.file)),
    'cover.excludeSamples': async (node, nodes) =>
      curation.exclude(requireWorkspace(), await idsFor('Exclude', node, nodes)),
    'cover.includeSamples': async (node, nodes) =>
      curation.include(
        requireWorkspace(),
        samplesOf(node, nodes).map(({ id }) => id),
      ),
    'cover.relabelSamples': async (node, nodes) =>
      curation.relabel(requireWorkspace(), await idsFor('Relabel', node, nodes)),
    'cover.tagSamples': async (node, nodes) => curation.tag(requireWorkspace(), await idsFor('Tag', node, nodes)),
    'cover.untagSamples': async (node, nodes) => curation.untag(requireWorkspace(), await idsFor('Untag', node, nodes)),
    'cover.copySamplePath': async (node, nodes) => copy(samplesOf(node, nodes).map(({ file }) => file)),
    'cover.copySampleId': async (node, nodes) => copy(samplesOf(node, nodes).map(({ id }) => id)),
    'cover.copyExcludeCommand': async (node, nodes) =>
      copyCli(['edit', 'exclude', ...samplesOf(node, nodes).map(({ id }) => id)]),
    'cover.findSimilar': async (node, nodes) => {
      const [sample] = samplesOf(node, nodes);
      const found = await pickSimilar(runners, sample!);
      if (found) await openClip(found, ViewColumn.Active);
    },
    'cover.showInDataset': async (node) => {
      const [row] = chosen(node);
      const shown = row && pageOf(row, options.filter());
      if (shown) await commands.executeCommand('cover.openDataset', shown);
    },
  };
  const guarded = Object.entries(handlers).map(([id, handler]) => [id, onRowsThatAreThere(handler)] as const);
  return {
    ...Object.fromEntries(guarded),
    'cover.undoEdit': () => curation.undo(),
    'cover.copyEditCommand': () => curation.copyLast(),
  };
}

/**
 * Rows may be drawn anew while the menu of one is open: its command then comes without the row, or without some of those selected,
 * and must not fall on what is selected otherwise. From a key or the palette it comes with no argument at all.
 */
function onRowsThatAreThere(handler: Handler): Handler {
  return async (...rows) => {
    const [node, nodes] = rows;
    if (rows.length === 0 || (node && (nodes ?? []).every(Boolean))) return handler(...rows);
    window.setStatusBarMessage('The rows have just changed: please choose them once more', 5000);
  };
}

/** The dataset page's filters that show what a row stands for. */
export function pageOf(node: Node, text?: string) {
  const under = text === undefined ? {} : { text };
  switch (node.type) {
    case 'dataset':
      return { dataset: node.dataset.name, filters: under };
    case 'split':
      return { dataset: node.dataset.name, filters: { splits: [node.split], ...under } };
    case 'class':
      return { dataset: node.dataset.name, filters: { splits: [node.split], labels: [node.label], ...under } };
    case 'excluded':
      return { dataset: node.dataset.name, filters: { excluded: true, ...under } };
    case 'sample': {
      const { id, dataset, split, label, excluded } = node.sample;
      const path = id.slice(dataset.length + 1).replace(/#[tf]=[\d.,]*$/, '');
      const where = excluded ? { excluded: true } : { splits: [split], labels: [label] };
      return { dataset, filters: { ...where, text: path } };
    }
    case 'more':
      return pageOf(node.parent, text);
  }
}

async function confirmed(what: string, classes: readonly ClassNode[], filter: string | undefined): Promise<boolean> {
  const number = classes.reduce((sum, { samples }) => sum + samples, 0);
  const where = classes.length === 1 ? `"${classes[0]!.label}" (${classes[0]!.split})` : `${classes.length} classes`;
  const part = filter === undefined ? 'all' : `what "${filter}" shows:`;
  const question = `${what} ${part} ${plural(number, 'sample')} of ${where}?`;
  return (await window.showWarningMessage(question, { modal: true }, what)) === what;
}

async function idsOfClass(
  runners: Pick<Runners, 'ask'>,
  { dataset, split, label }: ClassNode,
  filter: string | undefined,
): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const page = await runners.ask('index/samples', {
      ...{ workspace: requireWorkspace(), dataset: dataset.name, split, label },
      ...(filter !== undefined && { filter }),
      ...{ offset: ids.length, limit: pageOfIds },
    });
    for (const { id } of page) ids.push(id);
    if (page.length < pageOfIds) return ids;
  }
}

async function copy(lines: readonly string[]): Promise<void> {
  await env.clipboard.writeText(lines.join('\n'));
  window.setStatusBarMessage(
    `$(check) Copied ${lines.length === 1 ? asLabel(lines[0] ?? '') : plural(lines.length, 'line')}`,
    4000,
  );
}

async function pickSimilar(runners: Pick<Runners, 'ask'>, sample: IndexedSample): Promise<Sample | undefined> {
  const asked = { workspace: requireWorkspace(), id: sample.id, file: sample.file, limit: mostSimilar };
  const items = runners.ask('curation/similar', asked).then((found) =>
    found.map(({ sample: other, similarity }): QuickPickItem & { sample: Sample } => ({
      sample: other,
      label: asLabel(nameIn(other)),
      description: asLabel(dotted(other.dataset, other.split, other.label)),
      detail: `${Math.round(similarity * 100)} % alike`,
    })),
  );
  const title = `Names like ${nameIn(sample)}`;
  const placeHolder = 'Samples of all datasets and splits, the nearest names first';
  const picked = await window.showQuickPick(items, { title, placeHolder, matchOnDescription: true });
  return picked?.sample;
}

function nameIn({ id, dataset }: Sample): string {
  return id.slice(dataset.length + 1);
}
