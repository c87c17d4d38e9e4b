// The rows of the Runs tree as plain values: a run's state as an icon, how far it is, and in the end every head's
// top-1. Pure; `runsTree.ts` shows them.

import { bytes, count, dotted, percent, plural, timeLeft } from '../base/format.ts';
import type { HeadResult, JobEvent } from '../protocol/events.ts';
import type { RunSummary } from '../protocol/runs.ts';
import { taskNames } from '../protocol/taskNames.ts';

export interface RunRow {
  label: string;
  description: string;
  tooltip: string;
  icon: string;
  /** A theme colour's id, where the state has one. */
  colour?: string;
  /**
   * For `when` clauses: `run.running`, `run.judged` (there is an evaluation to open) or `run`; the latter two end in
   * `.resumable` where the run was stopped before its end.
   */
  context: string;
}

const states: Record<RunSummary['state'], { icon: string; colour?: string; word: string }> = {
  running: { icon: 'loading~spin', word: 'training' },
  done: { icon: 'pass', colour: 'testing.iconPassed', word: 'done' },
  cancelled: { icon: 'circle-slash', word: 'cancelled' },
  failed: { icon: 'error', colour: 'testing.iconFailed', word: 'failed' },
  interrupted: { icon: 'warning', colour: 'list.warningForeground', word: 'interrupted' },
};

/** How far, in five small squares: what a row of a tree has in place of a progress bar. */
function bar({ step, steps }: { step: number; steps: number }): string {
  const full = steps > 0 ? Math.floor(5 * Math.min(1, step / steps)) : 0;
  return `${'▰'.repeat(full)}${'▱'.repeat(5 - full)}`;
}

/** `step` is the newest one of a job that this window knows, which knows more than the run's folder. */
export function runRow(run: RunSummary, step?: Extract<JobEvent, { event: 'step' }>, cancelling = false): RunRow {
  const state = states[run.state];
  const judged = Object.keys(run.heads).length > 0;
  const progress = step ?? (run.steps > 0 ? { step: run.step, steps: run.steps, eta: run.eta ?? null } : undefined);
  const far = progress && `step ${count(progress.step)}/${count(progress.steps)}`;
  return {
    label: run.run,
    description:
      run.state === 'running'
        ? dotted(
            progress && far ? `${bar(progress)} ${far}` : 'starting',
            cancelling ? 'stopping after this step' : timeLeft(progress?.eta ?? null),
          )
        : dotted(
            run.state !== 'done' && state.word,
            run.state !== 'done' && far,
            judged ? headLine(run.heads) : run.state === 'done' && 'not judged',
            run.state === 'failed' && run.error !== null && run.error,
          ),
    tooltip: [
      `${run.run}: ${state.word}`,
      ...Object.entries(run.heads).map(
        ([head, result]) => `${head}: top-1 ${percent(result.top1)}, ${judgedOf(result)}`,
      ),
      run.protocol === undefined || !judged ? '' : `judged on ${run.protocol}`,
      `${run.device}, started ${run.started}`,
      run.error ?? '',
      run.folder,
    ]
      .filter(Boolean)
      .join('\n'),
    icon: state.icon,
    ...(state.colour !== undefined && { colour: state.colour }),
    context:
      run.state === 'running'
        ? 'run.running'
        : `${judged ? 'run.judged' : 'run'}${isResumable(run) ? '.resumable' : ''}`,
  };
}

/** Whether it was trained here: of an evaluation of something else there is no model to ask, and nothing to go on with. */
export function isTraining({ imported }: Pick<RunSummary, 'imported'>): boolean {
  return imported === undefined;
}

/** Whether a run ended before its time, so that it can be gone on with. */
export function isResumable({ state }: Pick<RunSummary, 'state'>): boolean {
  return state === 'cancelled' || state === 'interrupted' || state === 'failed';
}

/** "moves 92.3 % · digits 71.0 %": top-1 of every head. */
export function headLine(heads: Readonly<Record<string, HeadResult>>): string {
  return dotted(...Object.entries(heads).map(([head, result]) => `${head} ${percent(result.top1)}`));
}

function judgedOf(result: HeadResult): string {
  const missing = result.missing > 0 ? `, ${count(result.missing)} missing` : '';
  return `${plural(result.samples, 'sample')}${missing}`;
}

/** One line for a progress notification, from a job's newest event. */
export function progressLine(event: JobEvent): string | undefined {
  switch (event.event) {
    case 'started':
      return `starting on ${event.device}`;
    case 'progress': {
      const doing = taskNames[event.task];
      const what = event.dataset === undefined ? doing : `${doing} ${event.dataset}`;
      const told = event.task === 'fetch' ? bytes : count;
      return dotted(`${what}: ${told(event.done)} of ${told(event.total)}`, timeLeft(event.eta));
    }
    case 'step':
      return dotted(
        `step ${count(event.step)} of ${count(event.steps)}`,
        `loss ${event.loss.toFixed(3)}`,
        `${event.clipsPerSecond.toFixed(event.clipsPerSecond < 10 ? 1 : 0)} clips/s`,
        timeLeft(event.eta),
      );
    default:
      return undefined;
  }
}
