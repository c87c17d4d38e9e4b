// The Datasets tree: what the index holds, fetched as it is opened, a page at a time, under the filter where there is one. It shows
// what the index knows; `indexing.ts` brings the index up to date.
import {
  type CancellationToken,
  EventEmitter,
  ThemeColor,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  workspace,
} from 'vscode';
import { CancelledError, messageOf } from '../base/errors.ts';
import { asName, shown } from '../base/shownText.ts';
import type { DatasetSummary, IndexedSample } from '../protocol/datasets.ts';
import {
  type ClassNode,
  type DatasetNode,
  type ExcludedNode,
  type MoreNode,
  type Node,
  nodeId,
  paged,
  pageSize,
  type Row,
  rowOf,
  type SampleNode,
  type SplitNode,
} from './datasetNodes.ts';
import { FetchedRows, type Marks } from './fetchedRows.ts';
import { decoratedUri, dimmedColour } from './rowDecorations.ts';
import type { RunnerParams, RunnerResult, Runners } from './runners.ts';
import type { Filtered } from './sampleFilter.ts';
import { sampleTooltip } from './sampleTooltip.ts';
import { findWorkspace } from './workspaceFolder.ts';

/** Under a filter that leaves so few samples the classes are open. */
const fewFound = 60;

export class DatasetsTree implements TreeDataProvider<Node> {
  private readonly changed = new EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  /** How many children of a node are shown, by its id; `pageSize` where absent. */
  private readonly shown = new Map<string, number>();
  private filtered: Filtered | undefined;
  private rows = new FetchedRows();
  /** Rows that are being fetched to take the place of `rows`. */
  private next: FetchedRows | undefined;
  /** How many answers the editor waits for. */
  private waiting = 0;

  constructor(
    private readonly runners: Pick<Runners, 'ask'>,
    /** The datasets as indexed; the whole workspace is indexed first where it never was. */
    private readonly datasets: () => Promise<DatasetSummary[]>,
    /** One line above the rows: why there are none. */
    private readonly say: (line: string | undefined) => void,
  ) {}

  /**
   * Shows the index as it is now. While the editor draws rows anew it knows none of them, and a click or a drag then comes without
   * its row: so the new rows are fetched first, and drawn only where they are others.
   */
  async refresh(): Promise<void> {
    const before = this.rows;
    if (this.waiting > 0 || before.children.size === 0) return this.startOver();
    this.next?.asking.abort();
    const next = new FetchedRows();
    this.next = next;
    try {
      await this.fetchLike(before, next);
    } catch {
      if (this.next === next) this.startOver(); // the editor asks again, and is told why not
      return;
    }
    if (this.next !== next) return;
    this.next = undefined;
    if (next.isLike(before)) return before.goOnWith(next);
    next.forgetAllBut(before.asked);
    this.rows = next;
    this.changed.fire(undefined);
  }

  /** Shows samples whose path has a text only, and what holds them; undefined: all. */
  filter(filtered: Filtered | undefined): void {
    const isSame = filtered?.text === this.filtered?.text;
    this.filtered = filtered;
    if (isSame) return void this.refresh();
    this.shown.clear();
    this.startOver();
  }

  showMore({ parent }: MoreNode): void {
    const id = nodeId(parent);
    this.shown.set(id, (this.shown.get(id) ?? pageSize) + pageSize);
    this.rows.forget(id);
    this.changed.fire(parent);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    const { rows } = this;
    const id = idOf(node);
    rows.asked.add(id);
    const known = rows.children.get(id);
    if (known) return known;
    this.waiting++;
    try {
      const children = await this.fetch(rows, node);
      // Others may have taken their place meanwhile: what was asked this late is new enough for them too.
      if (!rows.asking.signal.aborted) this.rows.children.set(id, children);
      return children;
    } catch (error) {
      if (error instanceof CancelledError) return []; // newer rows are on their way
      throw error;
    } finally {
      this.waiting--;
    }
  }

  getTreeItem(node: Node): TreeItem {
    const row = rowOf(node);
    const item = new TreeItem(asName(row.label), this.stateOf(node));
    // Under a filter the rows are others: what is opened then says nothing of what is open without.
    item.id = this.filtered ? `filtered ${nodeId(node)}` : nodeId(node);
    item.description = shown(row.description);
    item.iconPath = row.dimmed ? new ThemeIcon(row.icon, new ThemeColor(dimmedColour)) : new ThemeIcon(row.icon);
    item.contextValue = row.context;
    const decorated = decoratedUri(nodeId(node), row);
    if (decorated) item.resourceUri = decorated;
    item.accessibilityInformation = { label: spoken(row) };
    // A sample's is made when it is asked for (`resolveTreeItem`).
    if (node.type !== 'sample') item.tooltip = row.tooltip;
    else item.command = { command: 'cover.showPredictions', title: 'Show Predictions', arguments: [node] };
    if (node.type === 'more') item.command = { command: 'cover.showMore', title: 'Show More', arguments: [node] };
    return item;
  }

  async resolveTreeItem(item: TreeItem, node: Node, token: CancellationToken): Promise<TreeItem> {
    const folder = findWorkspace();
    if (node.type === 'sample' && folder !== undefined)
      item.tooltip = await sampleTooltip(this.runners, folder, node, token);
    return item;
  }

  /** Forgets what was fetched; the editor asks for what it shows. */
  private startOver(): void {
    this.next?.asking.abort();
    this.next = undefined;
    this.rows.asking.abort();
    this.rows = new FetchedRows();
    this.changed.fire(undefined);
  }

  /** Fetches into `next` what of `before` there still is. */
  private async fetchLike(before: FetchedRows, next: FetchedRows, node?: Node): Promise<void> {
    const children = await this.fetch(next, node);
    next.children.set(idOf(node), children);
    for (const child of children) if (before.children.has(nodeId(child))) await this.fetchLike(before, next, child);
  }

  private async fetch(rows: FetchedRows, node: Node | undefined): Promise<Node[]> {
    if (!node) return this.roots();
    if (node.type === 'dataset') return this.splits(node);
    if (node.type === 'split') return this.classes(rows, node);
    if (node.type === 'class' || node.type === 'excluded') return this.samplesOf(rows, node);
    return [];
  }

  private stateOf(node: Node): TreeItemCollapsibleState {
    if (node.type === 'sample' || node.type === 'more') return TreeItemCollapsibleState.None;
    if (!this.filtered) return TreeItemCollapsibleState.Collapsed;
    const found = this.filtered.counts.reduce((sum, { samples }) => sum + samples, 0);
    const isOpen = node.type === 'dataset' || node.type === 'split' || found <= fewFound;
    return isOpen ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed;
  }

  private async roots(): Promise<Node[]> {
    if (!workspace.isTrusted) return []; // the welcome says why
    try {
      const datasets = await this.datasets();
      this.say(undefined);
      const { filtered } = this;
      if (!filtered) return datasets.map((dataset) => ({ type: 'dataset', dataset }));
      const nodes = datasets.flatMap((dataset): DatasetNode[] => {
        const own = filtered.counts.filter((each) => each.dataset === dataset.name);
        const found = own.reduce((sum, { samples }) => sum + samples, 0);
        return found > 0 ? [{ type: 'dataset', dataset, found }] : [];
      });
      if (nodes.length === 0 && datasets.length > 0) this.say(`No sample has "${filtered.text}" in its path.`);
      return nodes;
    } catch (error) {
      this.say(messageOf(error));
      return [];
    }
  }

  private splits({ dataset }: DatasetNode): Node[] {
    const { filtered } = this;
    const own = filtered?.counts.filter((each) => each.dataset === dataset.name);
    const left = (split: string | null) => own?.find((each) => each.split === split);
    const nodes: Node[] = [];
    for (const { name: split, samples, classes } of dataset.splits) {
      const counts = own ? left(split) : { samples, classes };
      if (counts) nodes.push({ type: 'split', dataset, split, samples: counts.samples, classes: counts.classes });
    }
    const excluded = own ? (left(null)?.samples ?? 0) : (dataset.excluded ?? 0);
    if (excluded > 0) nodes.push({ type: 'excluded', dataset, samples: excluded });
    return nodes;
  }

  private async classes(rows: FetchedRows, node: SplitNode): Promise<Node[]> {
    const { dataset, split } = node;
    const asked = { dataset: dataset.name, split };
    const text = this.filtered?.text;
    const found =
      text === undefined
        ? await this.ask(rows, 'index/classes', asked)
        : await this.ask(rows, 'curation/matches', { ...asked, filter: text });
    const { classes } = await this.marked(rows);
    const nodes = found.map(({ label, samples }): ClassNode => {
      const problems = classes.get(JSON.stringify([dataset.name, split, label]));
      return { type: 'class', dataset, split, label, samples, ...(problems !== undefined && { problems }) };
    });
    return paged<ClassNode>(node, nodes, this.shown.get(nodeId(node)) ?? pageSize);
  }

  private async samplesOf(rows: FetchedRows, node: ClassNode | ExcludedNode): Promise<Node[]> {
    const id = nodeId(node);
    const wanted = this.shown.get(id) ?? pageSize;
    const known = rows.samples.get(id) ?? [];
    while (known.length < Math.min(wanted, node.samples)) {
      const page = await this.page(rows, node, known.length);
      if (page.length === 0) break; // the index shrank meanwhile
      known.push(...page);
    }
    rows.samples.set(id, known);
    const { files } = await this.marked(rows);
    const nodes = known.map((sample): SampleNode => ({ type: 'sample', sample, problem: files.get(sample.file) }));
    return paged(node, nodes, wanted, Math.max(node.samples, known.length));
  }

  private page(rows: FetchedRows, node: ClassNode | ExcludedNode, offset: number): Promise<IndexedSample[]> {
    const filter = this.filtered && { filter: this.filtered.text };
    const asked = { dataset: node.dataset.name, ...filter, offset, limit: pageSize };
    return node.type === 'excluded'
      ? this.ask(rows, 'curation/excluded', asked)
      : this.ask(rows, 'index/samples', { ...asked, split: node.split, label: node.label });
  }

  private async ask<M extends 'index/classes' | 'index/samples' | 'curation/matches' | 'curation/excluded'>(
    rows: FetchedRows,
    method: M,
    params: Omit<RunnerParams<M>, 'workspace'>,
  ): Promise<RunnerResult<M>> {
    const folder = findWorkspace();
    if (folder === undefined) return [] as RunnerResult<M>;
    return this.runners.ask(method, { workspace: folder, ...params } as RunnerParams<M>, rows.asking.signal);
  }

  private marked(rows: FetchedRows): Promise<Marks> {
    const folder = findWorkspace();
    rows.marks ??= (
      folder === undefined ? Promise.resolve([]) : this.runners.ask('curation/marks', { workspace: folder })
    )
      .catch(() => []) // rows without marks are better than none
      .then((found) => {
        const marks: Marks = { files: new Map(), classes: new Map() };
        for (const { dataset, split, label, file, message } of found) {
          const key = JSON.stringify([dataset, split, label]);
          marks.classes.set(key, (marks.classes.get(key) ?? 0) + 1);
          marks.files.set(file, message);
        }
        return marks;
      });
    return rows.marks;
  }
}

function idOf(node: Node | undefined): string {
  return node ? nodeId(node) : '';
}

/** A row as a screen reader says it. */
function spoken({ label, description, badge, dimmed }: Row): string {
  return [label, description.replace('⚠', 'problems'), badge?.spoken, dimmed ? 'left out' : '']
    .filter(Boolean)
    .join(', ');
}
