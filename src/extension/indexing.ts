// Keeps the index up to date and tells who shows it. Only one update runs at a time: a newer one aborts the older.
import { EventEmitter, window } from 'vscode';
import type { JobEvent } from '../protocol/events.ts';
import type { DatasetSummary } from '../protocol/runner.ts';
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
  private updating: { controller: AbortController; result: Promise<DatasetSummary[]> } | undefined;

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
    return known.length > 0 ? known : this.update();
  }

  /** Brings the index up to date with cover.json and the files. Replaces an update that runs; both then end with this. */
  update(): Promise<DatasetSummary[]> {
    this.updating?.controller.abort();
    const controller = new AbortController();
    const result: Promise<DatasetSummary[]> = this.work(controller.signal).catch((error) => {
      if (controller.signal.aborted && this.updating && this.updating.controller !== controller)
        return this.updating.result;
      throw error;
    });
    const updating = { controller, result };
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
  }

  private async work(signal: AbortSignal): Promise<DatasetSummary[]> {
    const workspace = requireWorkspace();
    const datasets = await window.withProgress({ location: { viewId: this.viewId } }, () =>
      this.runners.ask('index/update', { workspace }, signal),
    );
    // After the caller has its answer: who listens asks for the datasets again and must not wait for this very update.
    setTimeout(() => this.updatedEmitter.fire(workspace));
    return datasets;
  }
}
