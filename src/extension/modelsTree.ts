// The Models tree: evaluations of what was not trained here, models and predictions, newest first.
import { EventEmitter, ThemeIcon, type TreeDataProvider, TreeItem, workspace } from 'vscode';
import { messageOf } from '../base/errors.ts';
import { asName, shown } from '../base/shownText.ts';
import type { RunSummary } from '../protocol/runs.ts';
import { ListedRows } from './listedRows.ts';
import type { Runners } from './runners.ts';
import { runRow } from './runRows.ts';
import { findWorkspace } from './workspaceFolder.ts';

export class ModelsTree implements TreeDataProvider<RunSummary> {
  private readonly changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly list = new ListedRows(() => this.read());

  constructor(
    private readonly runners: Runners,
    private readonly isVisible: () => boolean,
    /** One line above the rows: why there are none. */
    private readonly say: (line: string) => void,
  ) {}

  refresh(): void {
    if (this.isVisible()) void this.list.isChanged().then((is) => is && this.changed.fire(undefined));
    else {
      this.list.forget();
      this.changed.fire(undefined);
    }
  }

  async getChildren(): Promise<RunSummary[]> {
    return [...(await this.list.rows())];
  }

  getTreeItem(run: RunSummary): TreeItem {
    const { label, description, tooltip } = runRow(run);
    const item = new TreeItem(asName(label));
    item.id = run.run;
    item.description = shown(description);
    item.tooltip = tooltip;
    item.iconPath = new ThemeIcon(run.imported === 'model' ? 'package' : 'table');
    item.contextValue = `imported.${run.imported}`;
    item.command = { command: 'cover.openEvaluation', title: 'Open Evaluation', arguments: [run] };
    return item;
  }

  private async read(): Promise<RunSummary[]> {
    const folder = findWorkspace();
    if (folder === undefined || !workspace.isTrusted) return [];
    try {
      const runs = await this.runners.ask('runs/list', { workspace: folder });
      this.say('');
      return runs.filter(({ imported }) => imported !== undefined);
    } catch (error) {
      this.say(messageOf(error));
      return [];
    }
  }

  dispose(): void {
    this.changed.dispose();
  }
}
