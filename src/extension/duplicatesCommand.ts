// "Find Duplicates and Leaks": compares all samples in a runner of its own, with progress and Cancel. What was found is in the
// Problems panel, and as a whole in a text that can be opened.
import { commands, workspace as vscodeWorkspace, window } from 'vscode';
import { count, plural } from '../base/format.ts';
import type { DuplicatesReport, Finding } from '../protocol/duplicates.ts';
import type { Messages } from './messages.ts';
import { notifiedJob } from './notifiedJob.ts';
import type { Runners } from './runners.ts';

export class DuplicatesCommand {
  constructor(
    private readonly runners: Runners,
    private readonly messages: Messages,
    /** Shows what is remembered of the comparison. */
    private readonly found: (workspace: string) => Promise<void>,
  ) {}

  /** Resolves when the person has dealt with the message. Rejects as the runner does, or with CancelledError. */
  async run(workspace: string): Promise<void> {
    const report = await notifiedJob(
      this.runners,
      { title: 'Finding duplicates', name: 'duplicates' },
      ({ endpoint }, signal) => endpoint.request('duplicates/find', { workspace }, signal),
    );
    await this.found(workspace);
    await this.tell(report);
  }

  private async tell(report: DuplicatesReport): Promise<void> {
    const line = summaryOf(report);
    this.messages.log.info(line);
    if (report.total === 0) return void window.showInformationMessage(line);
    const leaks = Object.keys(report.leaking).length > 0;
    const [problems, all] = ['Show Problems', 'Show All'];
    const show = leaks ? window.showWarningMessage : window.showInformationMessage;
    const picked = await show(line, problems, all);
    if (picked === problems) await commands.executeCommand('workbench.actions.view.problems');
    if (picked !== all) return;
    const content = [line, '', ...report.findings.flatMap(linesOf)].join('\n');
    await window.showTextDocument(await vscodeWorkspace.openTextDocument({ content, language: 'plaintext' }));
  }
}

/** "1,240 samples compared: 3 groups of copies. Also held out: 12 training samples of clips." */
function summaryOf({ compared, unreadable, total, leaking, conflicts }: DuplicatesReport): string {
  const leaks = Object.entries(leaking).map(([dataset, own]) => {
    const number = Object.values(own).reduce((sum, each) => sum + each, 0);
    return `${plural(number, 'training sample')} of ${dataset}`;
  });
  return [
    `${plural(compared, 'sample')} compared: ${total === 0 ? 'no copies' : plural(total, 'group')}${total === 0 ? '' : ' of copies'}.`,
    leaks.length > 0 && `Also held out: ${leaks.join(', ')}.`,
    conflicts > 0 && `Labels differ in ${count(conflicts)}.`,
    unreadable > 0 && `${plural(unreadable, 'file')} could not be looked at.`,
  ]
    .filter(Boolean)
    .join(' ');
}

const evidenceNames = {
  bytes: 'same bytes',
  video: 'same part of',
  look: 'look the same',
  source: 'other parts of',
} as const;

function linesOf({ evidence, distance, detail, leak, conflict, size, samples }: Finding): string[] {
  const marks = [leak ? 'LEAK' : 'copies', conflict && 'labels differ'].filter(Boolean).join(', ');
  const how = [evidenceNames[evidence], detail, distance !== null && `(distance ${distance.toFixed(3)})`];
  return [
    `${marks}: ${how.filter(Boolean).join(' ')}`,
    ...samples.map(({ dataset, split, label, file }) => `  ${dataset} ${split}  ${label}  ${file}`),
    ...(size > samples.length ? [`  … and ${count(size - samples.length)} more`] : []),
    '',
  ];
}
