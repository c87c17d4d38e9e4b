// What a runner answers to the dataset page. Here meet the index, a run's stored predictions and known leaks and copies.
import { join } from 'node:path';
import { findingMarks } from '../curation/findingMarks.ts';
import type { DatasetQueries, Query } from '../data/datasetQueries.ts';
import { mediaFolders } from '../data/mediaFolders.ts';
import type { Joined } from '../data/sampleTable.ts';
import type { datasetQueryRequests } from '../protocol/datasetQueries.ts';
import type { Handlers } from '../protocol/endpoint.ts';
import type { RunnerSurface } from '../protocol/runner.ts';
import { openRun } from '../runs/runFolder.ts';

/** `queries` keeps tables between questions: close it at the end. */
export function datasetQueryHandlers(
  queries: DatasetQueries,
): Pick<Handlers<RunnerSurface>, keyof typeof datasetQueryRequests> {
  return {
    'dataset/samples': async (page, signal) => queries.page(page, await joinedOf(page), signal),
    'dataset/facets': async (query, signal) => queries.facets(query, await joinedOf(query), signal),
    'dataset/ids': async (page, signal) => queries.ids(page, await joinedOf(page), signal),
    'dataset/folders': ({ workspace, dataset }) => mediaFolders(workspace, dataset),
  };
}

async function joinedOf({ workspace, dataset, predictions }: Query): Promise<Joined> {
  const marks = findingMarks(workspace, dataset);
  if (!predictions) return { marks };
  const { folder } = await openRun(workspace, predictions.run);
  return { marks, predictions: { file: join(folder, 'predictions.parquet'), head: predictions.head } };
}
