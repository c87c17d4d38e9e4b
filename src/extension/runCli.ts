// What was clicked on a run, as a command. Pure.
import type { RunSummary } from '../protocol/runs.ts';
import { isResumable } from './runRows.ts';

/** The command that goes on with the run, or judges it again. */
export function cliOf(summary: Pick<RunSummary, 'run' | 'state' | 'experiment'>): string[] {
  if (isResumable(summary)) return ['train', '--resume', summary.run];
  return summary.state === 'running' ? ['train', '--experiment', summary.experiment] : ['evaluate', summary.run];
}
