// "Open Dataset Page": from a row of the tree, with its class as a filter where the row is one, or by name from the palette.
import { commands, type Disposable, type ExtensionContext, window } from 'vscode';
import { UserError } from '../base/errors.ts';
import { dotted, plural } from '../base/format.ts';
import type { PredictionsOf, SampleFilters } from '../protocol/datasetQueries.ts';
import type { Node } from './datasetNodes.ts';
import { type DatasetPanelParts, datasetPanelKind } from './datasetPanel.ts';
import type { Indexing } from './indexing.ts';
import type { Messages } from './messages.ts';
import { pageOf } from './sampleActions.ts';
import { Panels } from './webviewPanel.ts';
import { requireWorkspace } from './workspaceFolder.ts';

/** What the command is called with by other parts: a dataset's name, and where to begin. */
export interface DatasetArgument {
  dataset: string;
  filters?: SampleFilters;
  predictions?: PredictionsOf;
}

export function registerDatasetPage(
  context: ExtensionContext,
  parts: DatasetPanelParts,
  messages: Messages,
): Disposable {
  const panels = new Panels(context, datasetPanelKind(parts), (error) => void messages.failed(error));
  return commands.registerCommand('cover.openDataset', (argument: Node | DatasetArgument | undefined) =>
    messages.guard(async () => {
      const workspace = requireWorkspace();
      const subject = argument === undefined ? await pickDataset(parts.indexing) : subjectOf(argument);
      if (subject) await panels.show({ workspace, ...subject });
    }),
  );
}

/** Of a whole dataset the page stays as it is where it is open. */
function subjectOf(argument: Node | DatasetArgument): DatasetArgument {
  if (!('type' in argument)) return argument;
  return argument.type === 'dataset' ? { dataset: argument.dataset.name } : pageOf(argument);
}

async function pickDataset(indexing: Indexing): Promise<DatasetArgument | undefined> {
  const datasets = await indexing.datasets();
  if (datasets.length === 0)
    throw new UserError('no-datasets', 'There is no dataset yet. Add Dataset… finds those below a folder.');
  if (datasets.length === 1) return { dataset: datasets[0]!.name };
  const items = datasets.map(({ name, kind, samples, classes }) => ({
    label: name,
    description: dotted(kind, plural(samples, 'sample'), plural(classes, 'class', 'classes')),
  }));
  const picked = await window.showQuickPick(items, { title: 'Dataset', matchOnDescription: true });
  return picked && { dataset: picked.label };
}
