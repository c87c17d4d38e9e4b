// What a runner answers about datasets: each answer is one call of the part that knows.
import { addDatasets } from '../config/edit.ts';
import { checkWorkspaceText, loadWorkspace, requireWorkspace } from '../config/workspace.ts';
import { compareWorkspace } from '../curation/compareWorkspace.ts';
import { duplicateProblems } from '../curation/storedFindings.ts';
import { listClasses, listDatasets, listProblems, listSamples } from '../data/datasetIndex.ts';
import { discoverDatasets } from '../data/discover.ts';
import { watchPlan } from '../data/watchPlan.ts';
import type { datasetRequests } from '../protocol/datasets.ts';
import type { Handlers } from '../protocol/endpoint.ts';
import type { RunnerSurface } from '../protocol/runner.ts';
import type { RunnerOptions } from './handlers.ts';
import { updateAndProbe } from './updateAndProbe.ts';

export function datasetHandlers(options: RunnerOptions): Pick<Handlers<RunnerSurface>, keyof typeof datasetRequests> {
  return {
    'config/check': async ({ workspace, text }) =>
      text === undefined ? (await loadWorkspace(workspace)).problems : checkWorkspaceText(workspace, text),
    'config/discover': ({ workspace, folder }, signal) => discoverDatasets(folder, signal, workspace),
    'config/addDatasets': ({ workspace, datasets }) => addDatasets(workspace, datasets),

    'index/update': (params, signal) => updateAndProbe(params, options, signal),
    'index/watchPlan': async ({ workspace }) => watchPlan(workspace, await requireWorkspace(workspace)),
    'index/datasets': ({ workspace }) => listDatasets(workspace),
    'index/classes': ({ workspace, dataset, split }) => listClasses(workspace, dataset, split),
    'index/samples': ({ workspace, ...page }) => listSamples(workspace, page),
    'index/problems': async ({ workspace }) => [
      ...(await listProblems(workspace)),
      ...(await duplicateProblems(workspace)),
    ],
    'duplicates/find': async ({ workspace }, signal) => {
      const config = await requireWorkspace(workspace);
      const { ffmpeg, notify: onEvent } = options;
      return (await compareWorkspace(workspace, config, { ffmpeg, signal, onEvent })).report;
    },
  };
}
