// "Stop Training": of the run that was clicked. Rows may be drawn anew while one is clicked, and the palette has none: then the person
// says which, also where only one is training, since what was meant may have ended meanwhile.
import { window } from 'vscode';
import { UserError } from '../base/errors.ts';
import { count, dotted, timeLeft } from '../base/format.ts';
import { asLabel } from '../base/shownText.ts';
import type { Job, Jobs } from './jobs.ts';
import type { RunActions } from './runActions.ts';
import { requireWorkspace } from './workspaceFolder.ts';

export async function stopTraining(
  { jobs, actions }: { jobs: Pick<Jobs, 'running'>; actions: Pick<RunActions, 'stop'> },
  named: { run?: string | undefined } | undefined,
): Promise<void> {
  if (named?.run !== undefined) return actions.stop(requireWorkspace(), named.run);
  const { running } = jobs;
  if (running.length === 0) throw new UserError('not-training', 'No run is training.');
  const items = running.map((job) => ({
    job,
    label: asLabel(job.run ?? 'the training that is just starting'),
    description: far(job),
  }));
  const placeHolder = 'It stops after its step, with a checkpoint, and can be resumed';
  const picked = await window.showQuickPick(items, { title: 'Stop which training?', placeHolder });
  // One that has ended meanwhile has nothing to stop; one that stops already is not ended at once by being chosen here.
  if (picked && jobs.running.includes(picked.job) && !picked.job.cancelling) picked.job.cancel();
}

function far(job: Job): string {
  const step = job.latest('step');
  if (job.cancelling) return 'stopping already';
  return step ? dotted(`step ${count(step.step)} of ${count(step.steps)}`, timeLeft(step.eta)) : '';
}
