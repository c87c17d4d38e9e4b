// "Add Dataset": a folder (picked, or from the Explorer) is searched for datasets, the person picks among what was
// found, and cover.json is written; then the index is brought up to date.
import { type QuickPickItem, Uri, window } from 'vscode';
import { UserError } from '../base/errors.ts';
import { dotted, plural } from '../base/format.ts';
import { asLabel } from '../base/shownText.ts';
import type { Indexing } from './indexing.ts';
import type { RunnerResult, Runners } from './runners.ts';
import { requireWorkspace } from './workspaceFolder.ts';

type Found = RunnerResult<'config/discover'>[number];

export class AddDataset {
  constructor(
    private readonly runners: Runners,
    private readonly indexing: Indexing,
  ) {}

  async run(folder?: Uri): Promise<void> {
    const workspace = requireWorkspace();
    const from = folder ?? (await pickFolder(workspace));
    if (!from) return;
    const found = await this.runners.ask('config/discover', { workspace, folder: from.fsPath });
    if (found.length === 0)
      throw new UserError(
        'no-dataset',
        `No dataset was found in ${from.fsPath}: it should hold one folder per class with videos or images in them, or a manifest (CSV or JSONL).`,
        from.fsPath,
      );
    const chosen = found.length === 1 ? found : await choose(found);
    if (!chosen || chosen.length === 0) return;
    const datasets = chosen.map(({ reason: _, samples: __, classes: ___, ...dataset }) => dataset);
    const names = await this.runners.ask('config/addDatasets', { workspace, datasets });
    await this.indexing.update();
    window.setStatusBarMessage(`$(check) Added ${names.join(', ')} to cover.json`, 8000);
  }
}

async function pickFolder(workspace: string): Promise<Uri | undefined> {
  const picked = await window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    defaultUri: Uri.file(workspace),
    openLabel: 'Add Dataset',
    title: 'Folder with one dataset, or several',
  });
  return picked?.[0];
}

async function choose(found: readonly Found[]): Promise<Found[] | undefined> {
  const items = found.map((each): QuickPickItem & { found: Found } => ({
    found: each,
    label: each.name,
    description: dotted(each.kind, plural(each.samples, 'sample'), plural(each.classes, 'class', 'classes')),
    detail: asLabel(dotted(each.path, each.reason)),
    picked: true,
  }));
  const picked = await window.showQuickPick(items, {
    canPickMany: true,
    ignoreFocusOut: true,
    title: 'Add to cover.json',
    placeHolder: 'Datasets that were found',
  });
  return picked?.map((item) => item.found);
}
