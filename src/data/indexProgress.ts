// The index's counts as events of a job.
import { paced } from '../base/paced.ts';
import type { JobEvent } from '../protocol/events.ts';
import type { IndexProgress } from './updateIndex.ts';

/** For `updateIndex`: tells its counts, with rate and time left. */
export function indexProgress(
  notify: (event: Extract<JobEvent, { event: 'progress' }>) => void,
): (progress: IndexProgress) => void {
  const count = paced((dataset, counted) => notify({ event: 'progress', task: 'index', dataset, ...counted }));
  return ({ dataset, done, total }) => count(dataset, done, total);
}
