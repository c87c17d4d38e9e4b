// Says how a training ended that this window found at work: as of its own, a message with what can be done next.
import { commands, type Disposable, window } from 'vscode';
import { UserError } from '../base/errors.ts';
import { asLabel, asMessage } from '../base/shownText.ts';
import type { Jobs } from './jobs.ts';
import type { Messages } from './messages.ts';
import { headLine } from './runRows.ts';
import type { JobOutcome } from './trainingJob.ts';

export function tellFoundEnds(jobs: Jobs, messages: Messages): Disposable {
  return jobs.onEnd(({ job, outcome }) => {
    if (jobs.isFound(job) && !jobs.isOfStudy(job.run)) void messages.guard(() => tell(job.run, outcome, messages));
  });
}

async function tell(run: string, outcome: JobOutcome, messages: Messages): Promise<void> {
  if (outcome.state === 'failed') {
    const [resume, open] = ['Resume', 'Open Run'];
    const picked = await messages.failed(new UserError('training-failed', outcome.message), resume, open);
    if (picked === resume) await commands.executeCommand('cover.resumeRun', { run });
    else if (picked === open) await commands.executeCommand('cover.openRun', { run });
  } else if (outcome.state === 'done') {
    const open = 'Open Evaluation';
    const text = asMessage(`${run} is trained. Top-1: ${headLine(outcome.heads)}.`);
    if ((await window.showInformationMessage(text, open)) === open)
      await commands.executeCommand('cover.openEvaluation', { run });
  } else {
    window.setStatusBarMessage(`$(circle-slash) ${asLabel(run)} was stopped; what it learned is kept.`, 8000);
  }
}
