// What became of a run of a study so far, in a word and a share. Pure.
import { count, duration } from '../../src/base/format.ts';
import type { StudyStep, ViewedStudy } from '../../src/protocol/studyView.ts';

export interface ArmState {
  kind: 'done' | 'training' | 'failed' | 'stopped' | 'waiting';
  /** Done of it, 0 … 1. */
  share: number;
  step: number;
  steps: number;
  text: string;
}

/** `newest`: the newest step of the run under way, which is newer than what was read of its folder. */
export function stateOf(arm: ViewedStudy['arms'][number], newest: StudyStep | undefined): ArmState {
  const { run, done, training, failed, seconds } = arm;
  const { step, steps } = training && newest !== undefined && newest.run === run ? newest : arm;
  const share = done ? 1 : steps > 0 ? Math.min(1, step / steps) : 0;
  const far = steps > 0 ? ` at step ${count(step)} of ${count(steps)}` : '';
  const known = { share, step, steps };
  if (done) return { ...known, kind: 'done', text: seconds === null ? 'finished' : `finished in ${duration(seconds)}` };
  if (training) return { ...known, kind: 'training', text: `training${far}` };
  if (run === null) return { ...known, kind: 'waiting', text: 'to come' };
  return failed
    ? { ...known, kind: 'failed', text: `failed${far}` }
    : { ...known, kind: 'stopped', text: `stopped${far}` };
}
