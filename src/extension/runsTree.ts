// The Runs tree: every run of the workspace, newest first, with the live progress of the jobs at work laid over what the run
// folders say. While any is trained they are looked at again every few seconds, as long as the view is shown.
import { EventEmitter, ThemeColor, ThemeIcon, type TreeDataProvider, TreeItem, workspace } from 'vscode';
import { messageOf } from '../base/errors.ts';
import { asName, shown } from '../base/shownText.ts';
import type { RunSummary } from '../protocol/runs.ts';
import type { Job, Jobs } from './jobs.ts';
import { ListedRows } from './listedRows.ts';
import type { Runners } from './runners.ts';
import { isTraining, runRow } from './runRows.ts';
import { findWorkspace } from './workspaceFolder.ts';

const pollMs = 5000;
/** A row is drawn at most this often while its job tells of steps. */
const redrawMs = 500;

export class RunsTree implements TreeDataProvider<RunSummary> {
  private readonly changed = new EventEmitter<RunSummary | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly list = new ListedRows(() => this.read());
  /** As the editor has them. */
  private runs: readonly RunSummary[] = [];
  private readonly heardOf = new WeakSet<Job>();
  private soon: NodeJS.Timeout | undefined;
  private poll: NodeJS.Timeout | undefined;

  constructor(
    private readonly runners: Runners,
    private readonly jobs: Jobs,
    private readonly isVisible: () => boolean,
    /** One line above the rows: why there are none. */
    private readonly say: (line: string | undefined) => void,
  ) {
    jobs.onEvent(({ job, event }) => {
      // Of a job that is new here the row may be missing, or say how the run ended before.
      const isNew = !this.heardOf.has(job);
      this.heardOf.add(job);
      if (event.event === 'started' || isNew) this.refresh();
      else if (event.event === 'step') this.redrawSoon(job.run);
    });
    jobs.onStopping((job) => this.redrawRow(job.run));
    jobs.onEnd(() => this.refresh());
  }

  /** Reads the run folders again. */
  refresh(): void {
    if (this.isVisible()) void this.redraw();
    else {
      this.list.forget();
      this.changed.fire(undefined);
    }
  }

  async getChildren(): Promise<RunSummary[]> {
    const runs = await this.list.rows();
    this.runs = runs;
    return [...runs];
  }

  getTreeItem(run: RunSummary): TreeItem {
    const job = this.jobs.ofRun(run.run);
    const row = runRow(run, job?.latest('step'), job?.cancelling);
    const item = new TreeItem(asName(row.label));
    item.id = run.run;
    item.description = shown(row.description);
    item.tooltip = row.tooltip;
    item.iconPath = new ThemeIcon(row.icon, row.colour === undefined ? undefined : new ThemeColor(row.colour));
    item.contextValue = row.context;
    item.command = { command: 'cover.openRun', title: 'Open Run', arguments: [run] };
    return item;
  }

  dispose(): void {
    clearTimeout(this.soon);
    clearTimeout(this.poll);
    this.changed.dispose();
  }

  private async redraw(): Promise<void> {
    if (await this.list.isChanged()) return this.changed.fire(undefined);
    // A job says more than the run's folder, such as that it is stopping.
    for (const run of this.runs) if (this.jobs.ofRun(run.run)) this.changed.fire(run);
  }

  private async read(): Promise<RunSummary[]> {
    const folder = findWorkspace();
    if (folder === undefined || !workspace.isTrusted) return [];
    let runs: RunSummary[] = [];
    try {
      const found = await this.runners.ask('runs/list', { workspace: folder });
      this.say(undefined);
      // What was not trained here has a tree of its own.
      runs = found.filter(isTraining).toSorted((a, b) => b.started.localeCompare(a.started));
    } catch (error) {
      this.say(messageOf(error));
    }
    this.jobs.consider(folder, runs);
    this.pollWhileTraining(runs);
    return runs;
  }

  private redrawSoon(name: string | undefined): void {
    if (this.soon) return;
    this.soon = setTimeout(() => {
      this.soon = undefined;
      this.redrawRow(name);
    }, redrawMs);
  }

  private redrawRow(name: string | undefined): void {
    const run = this.runs.find((each) => each.run === name);
    if (run) this.changed.fire(run);
  }

  private pollWhileTraining(runs: readonly RunSummary[]): void {
    clearTimeout(this.poll);
    const training = runs.some((run) => run.state === 'running');
    if (training && this.isVisible()) this.poll = setTimeout(() => this.refresh(), pollMs);
  }
}
