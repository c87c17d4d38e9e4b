// The Datasets explorer put together: the tree and its view, the filter, actions, dragging, and what brings each up to date.
import { commands, type Disposable, type TreeView, ViewColumn, window } from 'vscode';
import { dotted, plural } from '../base/format.ts';
import type { AddDataset } from './addDataset.ts';
import type { ClipSubject } from './clipPanel.ts';
import type { Curation } from './curation.ts';
import { datasetDrag } from './datasetDrag.ts';
import type { Node } from './datasetNodes.ts';
import { DatasetsTree } from './datasetsTree.ts';
import { FilterInput } from './filterInput.ts';
import type { Indexing } from './indexing.ts';
import type { Messages } from './messages.ts';
import { registerRowDecorations } from './rowDecorations.ts';
import type { Runners } from './runners.ts';
import { sampleActions } from './sampleActions.ts';
import { type Filtered, SampleFilter } from './sampleFilter.ts';
import type { Panels } from './webviewPanel.ts';
import { findWorkspace, requireWorkspace } from './workspaceFolder.ts';

export interface ExplorerServices {
  runners: Runners;
  indexing: Indexing;
  curation: Curation;
  addDataset: AddDataset;
  messages: Messages;
  clipPanels: Panels<ClipSubject>;
}

export class Explorer implements Disposable {
  readonly tree: DatasetsTree;
  private readonly view: TreeView<Node>;
  private readonly filter: SampleFilter;
  private readonly disposables: Disposable[];

  constructor({ runners, indexing, curation, addDataset, messages, clipPanels }: ExplorerServices) {
    this.tree = new DatasetsTree(
      runners,
      () => indexing.known(),
      (line) => this.say(line),
    );
    this.view = window.createTreeView('cover.datasets', {
      treeDataProvider: this.tree,
      dragAndDropController: datasetDrag(addDataset, curation, messages),
      canSelectMany: true,
      showCollapseAll: true,
    });
    this.filter = new SampleFilter(
      (text, signal) => runners.ask('curation/matchCounts', { workspace: requireWorkspace(), filter: text }, signal),
      (filtered) => this.show(filtered),
      (error) => void messages.failed(error),
    );
    const input = new FilterInput(this.filter);
    const actions = sampleActions({
      runners,
      curation,
      selection: () => this.view.selection,
      filter: () => this.filter.filtered?.text,
      openClip: (sample, column) =>
        clipPanels.show(
          { workspace: requireWorkspace(), file: sample.file, sample },
          column === ViewColumn.Beside ? column : undefined,
        ),
    });
    const handlers: Record<string, (...args: never[]) => Promise<unknown>> = {
      ...actions,
      'cover.filterSamples': async () => input.ask(),
      'cover.clearFilter': async () => this.filter.set(''),
    };
    this.disposables = [
      this.view,
      registerRowDecorations(),
      ...Object.entries(handlers).map(([id, handler]) =>
        commands.registerCommand(id, (...args: never[]) => {
          input.accept();
          return messages.guard(() => handler(...args));
        }),
      ),
      this.view.onDidChangeSelection(({ selection }) => selection.length > 0 && input.accept()),
      window.tabGroups.onDidChangeTabs(() => input.accept()), // as a row does that was selected before
      indexing.onUpdated(() => void this.refresh()),
      indexing.onProgress((line) => this.say(line)),
    ];
  }

  /** Shows the index anew, under the filter that is set. */
  async refresh(): Promise<void> {
    if (this.filter.text !== '' && findWorkspace() !== undefined) await this.filter.again();
    else await this.tree.refresh();
  }

  dispose(): void {
    this.filter.dispose();
    for (const one of this.disposables) one.dispose();
  }

  private say(line: string | undefined): void {
    this.view.message = line ?? '';
  }

  private show(filtered: Filtered | undefined): void {
    void commands.executeCommand('setContext', 'cover.filtered', filtered !== undefined);
    const found = filtered?.counts.reduce((sum, { samples }) => sum + samples, 0) ?? 0;
    this.view.description = filtered ? dotted(`"${filtered.text}"`, plural(found, 'sample')) : '';
    this.tree.filter(filtered);
  }
}
