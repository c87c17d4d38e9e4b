// A run's own model as one to be judged on another dataset or split than it held out: its model.onnx, with the views and the
// frames that its experiment takes.
import { UserError } from '../base/errors.ts';
import { resolvedExperimentSchema } from '../config/resolved.ts';
import { requireWorkspace } from '../config/workspace.ts';
import { headOutput } from '../model/inferenceGraph.ts';
import { newestRun } from '../runs/listRuns.ts';
import { openRun } from '../runs/runFolder.ts';
import { requireDataset } from './datasetSplit.ts';
import type { ModelRequest } from './evaluateModel.ts';

/** `run` absent: the newest finished one. Throws UserError `no-dataset`, and `no-head` where the run has no head for the dataset and none is named. */
export async function runAsModel(
  workspace: string,
  run: string | undefined,
  dataset: string,
  output: string | undefined,
): Promise<Pick<ModelRequest, 'model' | 'output' | 'sampling' | 'clips' | 'crops' | 'name'>> {
  const folder = run === undefined ? await newestRun(workspace) : await openRun(workspace, run);
  const { datasets, sampling, views } = await folder.readExperiment(resolvedExperimentSchema);
  const heads = datasets.map(({ name }) => name);
  if (output === undefined && !heads.includes(dataset)) {
    requireDataset(await requireWorkspace(workspace), dataset); // a mistyped one is told as that
    throw new UserError(
      'no-head',
      `The run "${folder.id}" has no head "${dataset}". Say which of its heads to judge: --output, one of ${heads.map(headOutput).join(', ')}.`,
      folder.folder,
    );
  }
  return {
    model: folder.file('model.onnx'),
    output: output ?? headOutput(dataset),
    ...{ sampling, clips: views.clips, crops: views.crops, name: `${folder.id}-on-${dataset}` },
  };
}
