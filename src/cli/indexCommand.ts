// `cover index`: brings the index up to date, and tells what it holds and what is wrong.
import { requireWorkspace } from '../config/workspace.ts';
import { listProblems } from '../data/datasetIndex.ts';
import { indexProgress } from '../data/indexProgress.ts';
import { updateIndex } from '../data/updateIndex.ts';
import type { DatasetSummary } from '../protocol/runner.ts';
import type { Context, ExitCode } from './context.ts';
import { datasetTable } from './tables.ts';

export async function indexCommand(context: Context): Promise<ExitCode> {
  const { output, colour } = context;
  const datasets = await indexWorkspace(context);
  for (const { name, kind, path, samples, classes, problems, splits } of datasets)
    output.event({ event: 'dataset', name, kind, path, samples, classes, problems, splits });
  output.result(datasetTable(datasets, colour));
  return 0;
}

/** Updates the index with progress, and reports every problem. */
export async function indexWorkspace({ workspace, output, signal }: Context): Promise<DatasetSummary[]> {
  const config = await requireWorkspace(workspace);
  const onProgress = indexProgress((event) => output.event(event));
  const datasets = await updateIndex(workspace, config, { signal, onProgress });
  for (const problem of await listProblems(workspace)) output.event({ event: 'problem', problem });
  output.settle();
  return datasets;
}
