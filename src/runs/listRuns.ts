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
  const summaries = await Promise.all(runs.filter((run) => run !== undefined).map(summaryOf));
  return summaries.sort((a, b) => Date.parse(b.started) - Date.parse(a.started) || (a.run < b.run ? 1 : -1));
}

/** The newest run that ended well; evaluations of what was not trained here are none. Throws UserError `no-run`. */
export async function newestRun(workspace: string): Promise<RunFolder> {
  for (const { state, run, imported } of await listRuns(workspace))
    if (state === 'done' && imported === undefined) return openRun(workspace, run);
  throw new UserError('no-run', `No run in ${runsFolder(workspace)} has finished yet. Train one first.`);
}

/** With what it is an evaluation of, where it is no training. */
export async function summaryOf(folder: RunFolder): Promise<RunSummary> {
  const summary = folder.summary();
  // What took a step was trained: of those nothing needs to be read.
  const imported = summary.steps > 0 ? undefined : await importedKind(folder);
  return imported === undefined ? summary : { ...summary, imported };
}

const importedSchema = z.object({ evaluationOf: z.object({ kind: z.enum(['predictions', 'model']) }).optional() });

/** What the folder is an evaluation of, where that is from elsewhere (evaluation/evaluationFolder.ts). */
async function importedKind(folder: RunFolder): Promise<RunSummary['imported']> {
  const { evaluationOf } = await folder.readExperiment(importedSchema).catch(() => ({ evaluationOf: undefined }));
  return evaluationOf?.kind;
}
