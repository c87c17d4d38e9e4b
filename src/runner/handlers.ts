// Answers every request of the runner. Each answer is one call of the part that knows; what is more than one call stands
// in a file of its own beside this one.
import { packageVersion } from '../base/paths.ts';
import { addDatasets } from '../config/edit.ts';
import { checkWorkspaceText, loadWorkspace, requireWorkspace } from '../config/workspace.ts';
import { compareWorkspace } from '../curation/compareWorkspace.ts';
import { duplicateProblems } from '../curation/storedFindings.ts';
import { listClasses, listDatasets, listProblems, listSamples } from '../data/datasetIndex.ts';
import { discoverDatasets } from '../data/discover.ts';
import { watchPlan } from '../data/watchPlan.ts';
import { listDevices } from '../engine/devices.ts';
import type { Handlers } from '../protocol/endpoint.ts';
import type { JobEvent } from '../protocol/events.ts';
import type { RunnerSurface } from '../protocol/runner.ts';
import { listRuns } from '../runs/listRuns.ts';
import { openRun } from '../runs/runFolder.ts';
import { jobHandlers } from './jobs.ts';
import { PredictorKeeper } from './predictorKeeper.ts';
import { updateAndProbe } from './updateAndProbe.ts';

export interface RunnerOptions {
  /** Path of a native ffmpeg, where one is set. */
  ffmpeg: string | undefined;
  notify(event: JobEvent): void;
}

/** `close` ends what is kept between requests; call it when nothing is being answered. */
export function createHandlers(options: RunnerOptions): {
  handlers: Handlers<RunnerSurface>;
  close(): Promise<void>;
} {
  const predictors = new PredictorKeeper(options.ffmpeg);
  const handlers: Handlers<RunnerSurface> = {
    'runner/hello': async () => ({ version: packageVersion(), pid: process.pid, node: process.version }),
    'devices/list': async () => {
      const devices = await listDevices();
      return devices.map(({ id, name, available, detail }) => ({ id, name, available, detail }));
    },

    'config/check': async ({ workspace, text }) =>
      text === undefined ? (await loadWorkspace(workspace)).problems : checkWorkspaceText(workspace, text),
    'config/discover': ({ workspace, folder }, signal) => discoverDatasets(folder, signal, workspace),
    'config/addDatasets': ({ workspace, datasets }) => addDatasets(workspace, datasets),

    'index/update': (params, signal) => updateAndProbe(params, options, signal),
    'index/watchPlan': async ({ workspace }) =>
      watchPlan(workspace, await requireWorkspace(workspace, { lenient: true })),
    'index/datasets': ({ workspace }) => listDatasets(workspace),
    'index/classes': ({ workspace, dataset, split }) => listClasses(workspace, dataset, split),
    'index/samples': ({ workspace, ...page }) => listSamples(workspace, page),
    'index/problems': async ({ workspace }) => [
      ...(await listProblems(workspace)),
      ...(await duplicateProblems(workspace)),
    ],
    'duplicates/find': async ({ workspace }, signal) => {
      const config = await requireWorkspace(workspace, { lenient: true });
      const { ffmpeg, notify: onEvent } = options;
      return (await compareWorkspace(workspace, config, { ffmpeg, signal, onEvent })).report;
    },

    'runs/list': ({ workspace }) => listRuns(workspace),
    'runs/get': async ({ workspace, run }) => {
      const folder = await openRun(workspace, run);
      return { summary: folder.summary(), events: await folder.events() };
    },
    'evaluation/get': async ({ workspace, run, head }) => (await openRun(workspace, run)).readEvaluation(head),
    'evaluation/cell': async ({ workspace, run, head, truth, predicted, offset, limit }) =>
      (await openRun(workspace, run)).cellPredictions(head, truth, predicted, offset, limit),

    ...jobHandlers(options),
    'predict/file': ({ workspace, run, file, sample, topK }, signal) =>
      predictors.predict(workspace, run, { ...sample, file }, topK, signal),
  };
  return { handlers, close: () => predictors.close() };
}
