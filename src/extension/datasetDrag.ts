// Dragging in the Datasets tree: a folder from the Explorer or the system adds its datasets; samples on another class of their
// dataset are relabelled, on "excluded" left out.
import { DataTransferItem, FileType, type TreeDragAndDropController, Uri, window, workspace } from 'vscode';
import { plural } from '../base/format.ts';
import type { AddDataset } from './addDataset.ts';
import type { Curation } from './curation.ts';
import type { Node, SampleNode } from './datasetNodes.ts';
import type { Messages } from './messages.ts';
import { requireWorkspace } from './workspaceFolder.ts';

const ownType = 'application/vnd.code.tree.cover.datasets';
const listType = 'text/uri-list';
/** More samples than this are relabelled only when a person confirms it. */
const mostUnasked = 20;

export function datasetDrag(
  addDataset: AddDataset,
  curation: Curation,
  messages: Messages,
): TreeDragAndDropController<Node> {
  return {
    dragMimeTypes: [listType],
    dropMimeTypes: [ownType, listType],
    handleDrag: (nodes, transfer) => {
      const samples = nodes.filter((node) => node.type === 'sample');
      if (samples.length === 0) return;
      transfer.set(ownType, new DataTransferItem(samples));
      const list = samples.map(({ sample }) => Uri.file(sample.file).toString()).join('\r\n');
      transfer.set(listType, new DataTransferItem(list));
    },
    handleDrop: (target, transfer) =>
      messages.guard(async () => {
        const own: unknown = transfer.get(ownType)?.value;
        if (Array.isArray(own)) return dropSamples(curation, own as SampleNode[], target);
        const list = await transfer.get(listType)?.asString();
        for (const folder of await foldersOf(list ?? '')) await addDataset.run(folder);
      }),
  };
}

/** What dropping samples on a row means: undefined where it means nothing. */
export function dropMeaning(
  samples: readonly SampleNode[],
  target: Node | undefined,
): { ids: string[]; label: string } | { ids: string[]; exclude: true } | undefined {
  if (!target || target.type === 'more' || target.type === 'split' || target.type === 'dataset') return undefined;
  const dataset = target.type === 'sample' ? target.sample.dataset : target.dataset.name;
  const own = samples.filter(({ sample }) => sample.dataset === dataset);
  if (target.type === 'excluded') {
    const ids = own.filter(({ sample }) => !sample.excluded).map(({ sample }) => sample.id);
    return ids.length > 0 ? { ids, exclude: true } : undefined;
  }
  const label = target.type === 'sample' ? target.sample.label : target.label;
  const ids = own.filter(({ sample }) => sample.label !== label).map(({ sample }) => sample.id);
  return ids.length > 0 ? { ids, label } : undefined;
}

async function dropSamples(curation: Curation, samples: SampleNode[], target: Node | undefined): Promise<void> {
  const meaning = dropMeaning(samples, target);
  if (!meaning) return;
  const folder = requireWorkspace();
  const { ids } = meaning;
  if ('exclude' in meaning) {
    await curation.exclude(folder, ids);
    return;
  }
  if (ids.length > mostUnasked) {
    const relabel = 'Relabel';
    const question = `Relabel ${plural(ids.length, 'sample')} as "${meaning.label}"?`;
    if ((await window.showWarningMessage(question, { modal: true }, relabel)) !== relabel) return;
  }
  await curation.relabel(folder, ids, meaning.label);
}

/** The folders of a list of addresses, one a line; a file stands for its folder. */
async function foldersOf(list: string): Promise<Uri[]> {
  const folders = new Map<string, Uri>();
  for (const line of list.split(/\r?\n/)) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const uri = Uri.parse(line.trim());
    if (uri.scheme !== 'file' && uri.scheme !== 'vscode-remote') continue;
    const local = Uri.file(uri.path);
    const { type } = await workspace.fs.stat(local);
    const folder = (type & FileType.Directory) === 0 ? Uri.joinPath(local, '..') : local;
    folders.set(folder.toString(), folder);
  }
  return [...folders.values()];
}
