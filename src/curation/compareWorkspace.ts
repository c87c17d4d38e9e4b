// "Find duplicates and leaks": the index is brought up to date, all datasets are compared, and the findings are remembered.
import type { WorkspaceConfig } from '../config/experiment.ts';
import { indexProgress } from '../data/indexProgress.ts';
import { updateIndex } from '../data/updateIndex.ts';
import type { JobEvent } from '../protocol/events.ts';
import { type FoundDuplicates, findDuplicates } from './findDuplicates.ts';

export interface CompareOptions {
  ffmpeg?: string | undefined;
  signal?: AbortSignal | undefined;
  onEvent(event: Extract<JobEvent, { event: 'progress' }>): void;
}

/** Throws UserError and CancelledError; what was read until then is kept. */
export async function compareWorkspace(
  workspace: string,
  config: WorkspaceConfig,
  { ffmpeg, signal, onEvent }: CompareOptions,
): Promise<FoundDuplicates> {
  await updateIndex(workspace, config, { signal, onProgress: indexProgress(onEvent) });
  const datasets = Object.keys(config.datasets);
  const { unreadable: passedOver } = config;
  const onProgress = compareProgress(onEvent);
  return findDuplicates({ workspace, datasets, passedOver, store: true, ffmpeg, signal, onProgress });
}

/** For `findDuplicates`: its counts as events of a job. */
export function compareProgress(
  notify: (event: Extract<JobEvent, { event: 'progress' }>) => void,
): NonNullable<Parameters<typeof findDuplicates>[0]['onProgress']> {
  return (dataset, counted) => notify({ event: 'progress', task: 'compare', dataset, ...counted });
}
