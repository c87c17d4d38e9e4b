// The figures of a run made anew from its stored predictions: nothing is judged, and older runs get the figures of today.
import { z } from 'zod';
import { UserError } from '../base/errors.ts';
import type { Evaluation } from '../protocol/evaluation.ts';
import type { Report } from '../runs/report.ts';
import type { RunFolder } from '../runs/runFolder.ts';
import { assessHead } from './assessHead.ts';
import type { Judged } from './metrics.ts';

/** Throws UserError: `no-report` where the run was not evaluated, `run-damaged` where its predictions do not fit its report. */
export async function recomputeReport(run: RunFolder): Promise<Report> {
  const { protocol, heads } = await run.readReport();
  const { seed } = await run.readExperiment(z.object({ seed: z.number().default(1) }));
  const made: [string, Evaluation][] = [];
  for (const [name, { classes, dataset, split, protocol }] of Object.entries(heads)) {
    const { judged, missing } = await run.readPredictions(name);
    requireFit(run, judged, classes.length);
    const context = { run: run.id, head: name, dataset, split, protocol, classes, missing: missing.length, seed };
    made.push([name, assessHead(judged, context)]);
  }
  return { protocol, heads: Object.fromEntries(made) };
}

/** A predictions file of another run, or a damaged one, must not become figures. */
function requireFit(run: RunFolder, records: readonly Judged[], classes: number): void {
  const isClass = (index: number | undefined) => index !== undefined && index >= 0 && index < classes;
  const fits = ({ truth, ranked, probabilities }: Judged) =>
    isClass(truth) && isClass(ranked[0]) && (probabilities?.length ?? classes) === classes;
  if (records.every(fits)) return;
  const file = run.file('predictions.parquet');
  throw new UserError('run-damaged', `${file} does not fit the classes in report.json. Evaluate the run again.`, file);
}
