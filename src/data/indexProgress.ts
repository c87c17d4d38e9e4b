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

/** For `discoverDatasets`: tells its counts, of a search that takes longer than a moment. */
export function searchProgress(
  notify: (event: Extract<JobEvent, { event: 'progress' }>) => void,
): (done: number, total: number) => void {
  const began = Date.now();
  // How many folders there are is not known before the end: nor is the time left.
  const count = paced((_, counted) => notify({ event: 'progress', task: 'search', ...counted, eta: null }));
  return (done, total) => {
    if (Date.now() - began > momentMs) count('search', done, total);
  };
}

const momentMs = 1000;

/** For `updateIndex`: tells its counts, with rate and time left. */
export function indexProgress(
  notify: (event: Extract<JobEvent, { event: 'progress' }>) => void,
): (progress: IndexProgress) => void {
  const count = paced((dataset, counted) => notify({ event: 'progress', task: 'index', dataset, ...counted }));
  return ({ dataset, done, total }) => count(dataset, done, total);
}
