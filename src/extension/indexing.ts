// Keeps the index up to date and tells who shows it. Only one update runs at a time: a newer one aborts the older.
import { EventEmitter, ProgressLocation, window } from 'vscode';
import { asMessage } from '../base/shownText.ts';
import type { DatasetSummary } from '../protocol/datasets.ts';
import type { JobEvent } from '../protocol/events.ts';
import type { Runners } from './runners.ts';
import { progressLine } from './runRows.ts';
import { findWorkspace, hasConfig, requireWorkspace } from './workspaceFolder.ts';

export class Indexing {
  private readonly updatedEmitter = new EventEmitter<string>();
  /** With the workspace, after its index changed. */
  readonly onUpdated = this.updatedEmitter.event;
  private readonly progressEmitter = new EventEmitter<string | undefined>();
  /** One line while an update runs, undefined after it. */
  readonly onProgress = this.progressEmitter.event;
  private readonly knownEmitter = new EventEmitter<string>();
  /** With the workspace, when its datasets were told without an update. */
  readonly onKnown = this.knownEmitter.event;
  /** Workspaces whose last update found no dataset: asking once more finds none either, as long as nothing changes. */
  private readonly empty = new Set<string>();
  private updating: { controller: AbortController; probe: boolean; result: Promise<DatasetSummary[]> } | undefined;

  constructor(
    private readonly runners: Runners,
    private readonly viewId: string,
  ) {}

  /** The datasets as indexed. Waits for an update that runs, and makes the first one where there never was any. */
  async datasets(): Promise<DatasetSummary[]> {
    const workspace = findWorkspace();
    if (workspace === undefined || !hasConfig(workspace)) return [];
    if (this.updating) return this.updating.result;
    const known = await this.runners.ask('index/datasets', { workspace });
    if (known.length === 0 && !this.empty.has(workspace)) return this.update();
    setTimeout(() => this.knownEmitter.fire(workspace));
    return known;
  }

  /** The datasets as the index has them now, though an update may run; the first one is waited for. */
  async known(): Promise<DatasetSummary[]> {
    const workspace = findWorkspace();
    if (workspace === undefined || !this.updating) return this.datasets();
    const known = await this.runners.ask('index/datasets', { workspace });
    return known.length > 0 ? known : this.datasets();
  }

  /** The index was changed by other means than an update, or could not be updated: who shows it asks again. */
  changed(): void {
    const workspace = findWorkspace();
    if (workspace !== undefined) this.updatedEmitter.fire(workspace);
  }

  /** Brings the index up to date after files changed, once an update that runs has ended. */
  async follow(): Promise<void> {
    const workspace = findWorkspace();
    if (workspace === undefined || !hasConfig(workspace)) return;
    while (this.updating) await this.updating.result.catch(() => undefined);
    await this.update();
  }

  /** As `update`, and asks files that are not known yet what they are; with progress and Cancel, since it may take hours. */
  async probe(): Promise<void> {
    const options = { location: ProgressLocation.Notification, title: 'CoVeR', cancellable: true };
    await window.withProgress(options, async (progress, token) => {
      const told = this.onProgress(
        (message) => message !== undefined && progress.report({ message: asMessage(message) }),
      );
      try {
        const result = this.update(true);
        // Whatever update goes on with it by then.
        token.onCancellationRequested(() => this.updating?.controller.abort());
        await result;
      } catch (error) {
        if (!token.isCancellationRequested) throw error;
        const workspace = findWorkspace();
        if (workspace !== undefined) this.updatedEmitter.fire(workspace); // what was probed is kept
      } finally {
        told.dispose();
      }
    });
  }

  /** Brings the index up to date with cover.json and the files. Replaces an update that runs, and goes on with its probing; both then end with this. */
  update(probe = this.updating?.probe ?? false): Promise<DatasetSummary[]> {
    this.updating?.controller.abort();
    const controller = new AbortController();
    const result: Promise<DatasetSummary[]> = this.work(controller.signal, probe).catch((error) => {
      if (controller.signal.aborted && this.updating && this.updating.controller !== controller)
        return this.updating.result;
      throw error;
    });
    const updating = { controller, probe, result };
    this.updating = updating;
    const finish = () => {
      if (this.updating !== updating) return;
      this.updating = undefined;
      this.progressEmitter.fire(undefined);
    };
    void result.then(finish, finish);
    return result;
  }

  /** Called with what the question runner tells while it indexes. */
  hear(event: JobEvent): void {
    if (event.event === 'progress' && this.updating) this.progressEmitter.fire(progressLine(event));
  }

  dispose(): void {
    this.updating?.controller.abort();
    this.updatedEmitter.dispose();
    this.progressEmitter.dispose();
    this.knownEmitter.dispose();
  }

  private async work(signal: AbortSignal, probe: boolean): Promise<DatasetSummary[]> {
    const workspace = requireWorkspace();
    this.empty.delete(workspace);
    const datasets = await window.withProgress({ location: { viewId: this.viewId } }, () =>
      this.runners.ask('index/update', { workspace, ...(probe && { probe }) }, signal),
    );
    if (datasets.length === 0) this.empty.add(workspace);
    // After the caller has its answer: who listens asks for the datasets again and must not wait for this very update.
    setTimeout(() => this.updatedEmitter.fire(workspace));
    return datasets;
  }
}
