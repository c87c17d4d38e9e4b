// One status bar item: what CoVeR computes on, once that was asked for anyway, and the job at work with the time left.
// It never looks for a device itself, so it costs nothing before the first use and in an untrusted workspace.
import { MarkdownString, StatusBarAlignment, type StatusBarItem, window } from 'vscode';
import type { Jobs } from './jobs.ts';
import { type KnownDevice, statusOf } from './statusText.ts';
import { findWorkspace, hasConfig } from './workspaceFolder.ts';

/** The item is drawn at most this often while a job tells of steps. */
const redrawMs = 500;

export class StatusBar {
  private readonly item: StatusBarItem = window.createStatusBarItem('cover.status', StatusBarAlignment.Left, 10);
  private device: KnownDevice | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly subscriptions: { dispose(): void }[];

  constructor(private readonly jobs: Jobs) {
    this.item.name = 'CoVeR';
    this.subscriptions = [
      jobs.onEvent(() => this.drawSoon()),
      jobs.onStopping(() => this.draw()),
      jobs.onEnd(() => this.draw()),
    ];
    this.draw();
  }

  /** What was found when someone asked: the first that is there is what is taken by itself. */
  devices(devices: readonly (KnownDevice & { available: boolean })[]): void {
    this.device = devices.find(({ available }) => available);
    this.draw();
  }

  /** The workspace changed. */
  draw(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const folder = findWorkspace();
    const { running } = this.jobs;
    if (running.length === 0 && (folder === undefined || !hasConfig(folder))) {
      this.item.hide();
      return;
    }
    const job = running[0];
    const { text, tooltip, label } = statusOf(
      this.device,
      job && {
        run: job.run,
        others: running.length - 1,
        started: job.latest('started')?.device,
        step: job.latest('step'),
        progress: job.latest('progress'),
        cancelling: job.cancelling,
        study: job.run === undefined ? undefined : this.jobs.placeInStudy(job.run),
      },
    );
    this.item.text = text;
    this.item.accessibilityInformation = { label };
    const words = new MarkdownString(tooltip, true);
    words.isTrusted = { enabledCommands: ['cover.openRun', 'cover.stopRun', 'cover.openTrain', 'cover.showLog'] };
    this.item.tooltip = words;
    this.item.command =
      job?.run === undefined
        ? 'cover.openTrain'
        : { command: 'cover.openRun', title: 'Open Run', arguments: [{ run: job.run }] };
    this.item.show();
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const subscription of this.subscriptions) subscription.dispose();
    this.item.dispose();
  }

  private drawSoon(): void {
    this.timer ??= setTimeout(() => this.draw(), redrawMs);
  }
}
