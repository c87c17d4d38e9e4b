// The index's counts as events of a job.
import { paced } from '../base/paced.ts';
import type { JobEvent } from '../protocol/events.ts';
import type { IndexProgress } from './updateIndex.ts';

/** For `probeMedia`: tells its counts, with rate and time left. */
export function probeProgress(
  notify: (event: Extract<JobEvent, { event: 'progress' }>) => void,
): (done: number, total: number) => void {
  const count = paced((_, counted) => notify({ event: 'progress', task: 'probe', ...counted }));
  return (done, total) => count('probe', done, total);
}

/** For `updateIndex`: tells its counts, with rate and time left. */
export function indexProgress(
  notify: (event: Extract<JobEvent, { event: 'progress' }>) => void,
): (progress: IndexProgress) => void {
  const count = paced((dataset, counted) => notify({ event: 'progress', task: 'index', dataset, ...counted }));
  return ({ dataset, done, total }) => count(dataset, done, total);
}
