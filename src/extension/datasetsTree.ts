// The Datasets tree: what the index holds, fetched as it is opened, a page at a time. It shows what the index knows;
// `indexing.ts` brings the index up to date.
import { EventEmitter, ThemeIcon, type TreeDataProvider, TreeItem, TreeItemCollapsibleState, workspace } from 'vscode';
import { messageOf } from '../base/errors.ts';
import type { DatasetSummary, IndexedSample } from '../protocol/datasets.ts';
import {
  type ClassNode,
  type MoreNode,
  type Node,
  nodeId,
  paged,
  pageSize,
  rowOf,
  type SplitNode,
} from './datasetNodes.ts';
import type { Runners } from './runners.ts';
import { findWorkspace } from './workspaceFolder.ts';

export class DatasetsTree implements TreeDataProvider<Node> {
  private readonly changed = new EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  /** How many children of a node are shown, by its id; `pageSize` where absent. */
  private readonly shown = new Map<string, number>();
  private readonly samples = new Map<string, IndexedSample[]>();

  constructor(
    private readonly runners: Runners,
    /** The datasets as indexed; the whole workspace is indexed first where it never was. */
    private readonly datasets: () => Promise<DatasetSummary[]>,
    /** One line above the rows: why there are none. */
    private readonly say: (line: string | undefined) => void,
  ) {}

  /** Forgets what was fetched and shows the index anew. */
  refresh(): void {
    this.samples.clear();
    this.changed.fire(undefined);
  }

  showMore(node: MoreNode): void {
    const id = nodeId(node.parent);
    this.shown.set(id, (this.shown.get(id) ?? pageSize) + pageSize);
    this.changed.fire(node.parent);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return this.roots();
    if (node.type === 'dataset') {
      const { dataset } = node;
      return dataset.splits.map(({ name, ...counts }) => ({ type: 'split', dataset, split: name, ...counts }));
    }
    if (node.type === 'split') return this.classes(node);
    if (node.type === 'class') return this.samplesOf(node);
    return [];
  }

  getTreeItem(node: Node): TreeItem {
    const row = rowOf(node);
    const leaf = node.type === 'sample' || node.type === 'more';
    const item = new TreeItem(row.label, leaf ? TreeItemCollapsibleState.None : TreeItemCollapsibleState.Collapsed);
    item.id = nodeId(node);
    item.description = row.description;
    item.tooltip = row.tooltip;
    item.iconPath = new ThemeIcon(row.icon);
    item.contextValue = node.type;
    if (node.type === 'sample')
      item.command = { command: 'cover.showPredictions', title: 'Show Predictions', arguments: [node] };
    if (node.type === 'more') item.command = { command: 'cover.showMore', title: 'Show More', arguments: [node] };
    return item;
  }

  private async roots(): Promise<Node[]> {
    if (!workspace.isTrusted) return []; // the welcome says why
    try {
      const datasets = await this.datasets();
      this.say(undefined);
      return datasets.map((dataset) => ({ type: 'dataset', dataset }));
    } catch (error) {
      this.say(messageOf(error));
      return [];
    }
  }

  private async classes(node: SplitNode): Promise<Node[]> {
    const folder = findWorkspace();
    if (folder === undefined) return [];
    const { dataset, split } = node;
    const found = await this.runners.ask('index/classes', { workspace: folder, dataset: dataset.name, split });
    const nodes = found.map((each): ClassNode => ({ type: 'class', dataset, split, ...each }));
    return paged<ClassNode>(node, nodes, this.shown.get(nodeId(node)) ?? pageSize);
  }

  private async samplesOf(node: ClassNode): Promise<Node[]> {
    const folder = findWorkspace();
    if (folder === undefined) return [];
    const id = nodeId(node);
    const wanted = this.shown.get(id) ?? pageSize;
    const known = this.samples.get(id) ?? [];
    while (known.length < Math.min(wanted, node.samples)) {
      const page = await this.runners.ask('index/samples', {
        workspace: folder,
        dataset: node.dataset.name,
        split: node.split,
        label: node.label,
        offset: known.length,
        limit: pageSize,
      });
      if (page.length === 0) break; // the index shrank meanwhile
      known.push(...page);
    }
    this.samples.set(id, known);
    const nodes = known.map((sample) => ({ type: 'sample', sample }) as const);
    return paged(node, nodes, wanted, Math.max(node.samples, known.length));
  }
}
