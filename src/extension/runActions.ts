// What can be done to a run from its page and from the Runs tree, each a short way to what does it.
import { commands, FileType, workspace as files, Uri, window } from 'vscode';
import { CancelledError, UserError } from '../base/errors.ts';
import { asLabel, asMessage } from '../base/shownText.ts';
import type { RunSummary } from '../protocol/runs.ts';
import type { RunAction } from '../protocol/runView.ts';
import { copyCli } from './copyCli.ts';
import type { Jobs } from './jobs.ts';
import type { Messages } from './messages.ts';
import { notifiedJob } from './notifiedJob.ts';
import { reveal } from './reveal.ts';
import { cliOf } from './runCli.ts';
import type { Runners } from './runners.ts';
import { isTraining, runRow } from './runRows.ts';
import { savedName } from './savedName.ts';

export class RunActions {
  constructor(
    private readonly runners: Runners,
    private readonly jobs: Jobs,
    private readonly messages: Messages,
  ) {}

  /** Does it, or throws a UserError. */
  async run(workspace: string, summary: RunSummary, action: RunAction): Promise<void> {
    const { run } = summary;
    const experiment = Uri.joinPath(Uri.file(summary.folder), 'experiment.json');
    switch (action) {
      case 'stop':
        return this.stop(workspace, run, false);
      case 'stopNow':
        return this.stop(workspace, run, true);
      case 'resume':
        return void (await commands.executeCommand('cover.resumeRun', summary));
      case 'retry':
        return void (await commands.executeCommand('cover.retryRun', summary));
      case 'evaluate':
        return void (await commands.executeCommand('cover.evaluateRun', summary));
      case 'exportOnnx':
        return this.exportOnnx(workspace, run);
      case 'copyCli':
        return copyCli(cliOf(summary));
      case 'openExperiment':
        return void (await window.showTextDocument(experiment, { preview: true }));
      case 'compareSettings':
        return this.compareSettings(workspace, summary);
      case 'reveal':
        return reveal(experiment, { manager: true });
      case 'openLog':
        return this.openLog(workspace, run);
    }
  }

  /** Lets the person pick some of the other runs, newest first. */
  async pick(workspace: string, title: string, others: (run: RunSummary) => boolean): Promise<RunSummary[]> {
    const runs = (await this.trainings(workspace)).filter(others);
    if (runs.length === 0) throw new UserError('no-run', 'There is no other run yet.');
    const items = runs.map((run) => ({ label: asLabel(run.run), description: asLabel(runRow(run).description), run }));
    const picked = await window.showQuickPick(items, { title, matchOnDescription: true, canPickMany: true });
    return (picked ?? []).map(({ run }) => run);
  }

  /** Moves the run's folder to the trash, after asking. */
  async remove({ run, folder }: Pick<RunSummary, 'run' | 'folder'>): Promise<boolean> {
    if (this.jobs.ofRun(run)) throw new UserError('run-running', `"${run}" is being trained. Stop it first.`, folder);
    const remove = 'Move to Trash';
    const detail = 'Its checkpoints, model and evaluation go with it.';
    const asked = await window.showWarningMessage(
      asMessage(`Delete the run "${run}"?`),
      { modal: true, detail },
      remove,
    );
    if (asked !== remove) return false;
    const target = Uri.file(folder);
    const { type } = await files.fs.stat(target);
    // A link would lead out of the runs' folder.
    const useTrash = type === FileType.Directory;
    await files.fs.delete(target, { recursive: useTrash, useTrash }).then(undefined, async (error: unknown) => {
      if (!useTrash) throw error;
      const forever = 'Delete Permanently';
      const words = asMessage(`There is no trash for "${run}". Delete it for good?`);
      if ((await window.showWarningMessage(words, { modal: true, detail }, forever)) !== forever)
        throw new CancelledError();
      await files.fs.delete(target, { recursive: true, useTrash: false });
    });
    return true;
  }

  /** After the step; `now`: at once. What stops already is not ended at once by a second click on the same button. */
  async stop(workspace: string, run: string, now = false): Promise<void> {
    const job = this.jobs.ofRun(run);
    if (!job) {
      await this.runners.ask('runs/stop', { workspace, run, now });
      return;
    }
    if (!job.cancelling) job.cancel();
    if (now) job.cancel(); // asked a second time it ends at once
  }

  private async exportOnnx(workspace: string, run: string): Promise<void> {
    const target = await window.showSaveDialog({
      defaultUri: Uri.joinPath(Uri.file(workspace), savedName(run, 'onnx')),
      filters: { 'ONNX model': ['onnx'] },
      title: 'Export ONNX',
    });
    if (!target) return;
    const out = target.fsPath;
    const { checkpoint } = await notifiedJob(
      this.runners,
      { title: `Exporting ${run}`, name: 'export' },
      (runner, signal) => runner.endpoint.request('runs/exportOnnx', { workspace, run, out }, signal),
    );
    window.setStatusBarMessage(asLabel(`${run} (${checkpoint}) is in ${files.asRelativePath(target)}`), 8000);
  }

  private async trainings(workspace: string): Promise<RunSummary[]> {
    return (await this.runners.ask('runs/list', { workspace })).filter(isTraining);
  }

  private async compareSettings(workspace: string, { run, folder }: RunSummary): Promise<void> {
    const runs = (await this.trainings(workspace)).filter((other) => other.run !== run);
    if (runs.length === 0) throw new UserError('no-run', 'There is no other run to compare with yet.');
    const items = runs.map((other) => ({
      label: asLabel(other.run),
      description: asLabel(runRow(other).description),
      other,
    }));
    const picked = await window.showQuickPick(items, {
      title: `Compare settings of ${run} with`,
      matchOnDescription: true,
    });
    if (!picked) return;
    const file = (each: string) => Uri.joinPath(Uri.file(each), 'experiment.json');
    const title = `${picked.other.run} ↔ ${run}: settings`;
    await commands.executeCommand('vscode.diff', file(picked.other.folder), file(folder), title);
  }

  /** What its process wrote, where that is kept; else the extension's log. */
  private async openLog(workspace: string, run: string): Promise<void> {
    const { file, tail } = await this.runners.ask('runs/log', { workspace, run });
    if (file !== null && tail !== '') await window.showTextDocument(Uri.file(file), { preview: true });
    else this.messages.log.show(true);
  }
}
