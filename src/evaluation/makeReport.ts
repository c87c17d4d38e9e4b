// The report of a run made anew from its stored predictions, and its forms for reading.
import { basename } from 'node:path';
import { z } from 'zod';
import type { Report } from '../runs/report.ts';
import { openRun, type RunFolder } from '../runs/runFolder.ts';
import { recomputeReport } from './recompute.ts';
import type { ReportSubject } from './reportRows.ts';

export interface MadeReport {
  run: RunFolder;
  report: Report;
  subject: ReportSubject;
}

/** Replaces report.json, but of a run that is still at work. Throws as `recomputeReport` does. */
export async function makeReport(workspace: string, name: string): Promise<MadeReport> {
  const run = await openRun(workspace, name);
  const report = await recomputeReport(run);
  const { state, started, device } = run.summary();
  if (state !== 'running') await run.writeReport(report);
  const heads = [];
  for (const [head, evaluation] of Object.entries(report.heads))
    heads.push({ evaluation, missing: (await run.readPredictions(head)).missing });
  return { run, report, subject: { run: run.id, started, device, foreign: await foreignOf(run), heads } };
}

const foreignSchema = z.object({
  evaluationOf: z.object({ kind: z.enum(['predictions', 'model']), file: z.string() }).optional(),
});

/** What an evaluation is of that was not trained here. */
async function foreignOf(run: RunFolder): Promise<string | undefined> {
  const { evaluationOf } = await run.readExperiment(foreignSchema);
  if (!evaluationOf) return undefined;
  const file = basename(evaluationOf.file);
  return evaluationOf.kind === 'model'
    ? `The model ${file}, which was not trained here.`
    : `Imported predictions: ${file}.`;
}
