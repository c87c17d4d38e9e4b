// The runs of a workspace, as their state.json files tell it.
import { readdir } from 'node:fs/promises';
import { z } from 'zod';
import { UserError } from '../base/errors.ts';
import type { RunSummary } from '../protocol/runs.ts';
import { openRun, type RunFolder, runsFolder } from './runFolder.ts';

/** Every run, newest first. A folder that is no run is passed over; a damaged run is listed as interrupted. */
export async function listRuns(workspace: string): Promise<RunSummary[]> {
  const entries = await readdir(runsFolder(workspace), { withFileTypes: true }).catch(() => []);
  const runs = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => openRun(workspace, entry.name).catch(() => undefined)),
  );
  return runs
    .filter((run) => run !== undefined)
    .map((run) => run.summary())
    .sort((a, b) => Date.parse(b.started) - Date.parse(a.started) || (a.run < b.run ? 1 : -1));
}

/** The newest run that ended well; evaluations of what was not trained here are none. Throws UserError `no-run`. */
export async function newestRun(workspace: string): Promise<RunFolder> {
  for (const { state, run } of await listRuns(workspace)) {
    const folder = state === 'done' ? await openRun(workspace, run) : undefined;
    if (folder && !(await isForeign(folder))) return folder;
  }
  throw new UserError('no-run', `No run in ${runsFolder(workspace)} has finished yet. Train one first.`);
}

/** Whether the folder is an evaluation of predictions or of a model from elsewhere (evaluation/evaluationFolder.ts). */
async function isForeign(folder: RunFolder): Promise<boolean> {
  const { evaluationOf } = await folder
    .readExperiment(z.object({ evaluationOf: z.unknown() }))
    .catch(() => ({ evaluationOf: undefined }));
  return evaluationOf !== undefined;
}
