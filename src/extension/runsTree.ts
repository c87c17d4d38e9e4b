// The Runs tree: every run of the workspace, newest first, with the live progress of the jobs at work laid over what the run
// folders say. While any is trained they are looked at again every few seconds, as long as the view is shown.
import { EventEmitter, ThemeColor, ThemeIcon, type TreeDataProvider, TreeItem, workspace } from 'vscode';
import { messageOf } from '../base/errors.ts';
import { shown } from '../base/shownText.ts';
import type { RunSummary } from '../protocol/runs.ts';
import type { Job, Jobs } from './jobs.ts';
import type { Runners } from './runners.ts';
import { isTraining, runRow } from './runRows.ts';
import { findWorkspace } from './workspaceFolder.ts';

const pollMs = 5000;
/** A row is drawn at most this often while its job tells of steps. */
const redrawMs = 500;

export class RunsTree implements TreeDataProvider<RunSummary> {
  private readonly changed = new EventEmitter<RunSummary | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private runs: RunSummary[] = [];
  private readonly heardOf = new WeakSet<Job>();
  private redraw: NodeJS.Timeout | undefined;
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
    jobs.onEnd(() => this.refresh());
  }

  /** Reads the run folders again. */
  refresh(): void {
    this.changed.fire(undefined);
  }

  async getChildren(): Promise<RunSummary[]> {
    const folder = findWorkspace();
    if (folder === undefined || !workspace.isTrusted) return [];
    try {
      const runs = await this.runners.ask('runs/list', { workspace: folder });
      this.say(undefined);
      // What was not trained here has a tree of its own.
      this.runs = runs.filter(isTraining).toSorted((a, b) => b.started.localeCompare(a.started));
    } catch (error) {
      this.say(messageOf(error));
      this.runs = [];
    }
    this.jobs.consider(folder, this.runs);
    this.pollWhileTraining();
    return this.runs;
  }

  getTreeItem(run: RunSummary): TreeItem {
    const job = this.jobs.ofRun(run.run);
    const row = runRow(run, job?.latest('step'), job?.cancelling);
    const item = new TreeItem(shown(row.label));
    item.id = run.run;
    item.description = shown(row.description);
    item.tooltip = row.tooltip;
    item.iconPath = new ThemeIcon(row.icon, row.colour === undefined ? undefined : new ThemeColor(row.colour));
    item.contextValue = row.context;
    item.command = { command: 'cover.openRun', title: 'Open Run', arguments: [run] };
    return item;
  }

  dispose(): void {
    clearTimeout(this.redraw);
    clearTimeout(this.poll);
    this.changed.dispose();
  }

  private redrawSoon(name: string | undefined): void {
    if (this.redraw) return;
    this.redraw = setTimeout(() => {
      this.redraw = undefined;
      const run = this.runs.find((each) => each.run === name);
      if (run) this.changed.fire(run);
    }, redrawMs);
  }

  private pollWhileTraining(): void {
    clearTimeout(this.poll);
    const training = this.runs.some((run) => run.state === 'running');
    if (training && this.isVisible()) this.poll = setTimeout(() => this.refresh(), pollMs);
  }
}
