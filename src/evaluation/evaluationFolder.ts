// A folder among the runs for an evaluation that no training of ours made: predictions from elsewhere, or a model brought
// along. Views, comparisons and reports open it like a run's; it has no model of ours, which says itself where one is needed.
import { cleanName } from '../config/names.ts';
import type { HeadResult } from '../protocol/events.ts';
import type { PredictionRecord } from '../runs/predictionsFile.ts';
import { headResultsOf } from '../runs/report.ts';
import { createRun, type RunFolder } from '../runs/runFolder.ts';
import { assessHead, type HeadContext } from './assessHead.ts';
import { judgedOf } from './report.ts';

/** What was evaluated: what experiment.json of the folder says, beside the name. */
export interface Evaluated {
  readonly kind: 'predictions' | 'model';
  /** Absolute path of the file of predictions, or of the model. */
  readonly file: string;
  readonly dataset: string;
  readonly split: string;
  readonly protocol: string;
  readonly classes: readonly string[];
  /** Whatever else the figures rest on: preprocessing, the order of classes. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface StoredEvaluation {
  run: RunFolder;
  heads: Record<string, HeadResult>;
}

/** Stores the records and the figures made of them in a new folder `<name>-<n>`. */
export async function storeEvaluation(
  workspace: string,
  name: string,
  evaluated: Evaluated,
  records: readonly PredictionRecord[],
): Promise<StoredEvaluation> {
  const started = performance.now();
  const { dataset, split, protocol, classes } = evaluated;
  const seed = 1;
  const run = await createRun(workspace, name, { name, seed, evaluationOf: evaluated });
  try {
    const judged = judgedOf(records, dataset);
    const missing = records.length - judged.length;
    const context: HeadContext = { run: run.id, head: dataset, dataset, split, protocol, classes, missing, seed };
    const report = { protocol, heads: { [dataset]: assessHead(judged, context) } };
    await run.writePredictions(records, { [dataset]: classes });
    await run.writeReport(report);
    const heads = headResultsOf(report);
    run.append({ event: 'done', run: run.folder, heads, protocol, seconds: (performance.now() - started) / 1000 });
    await run.setState({ state: 'done' });
    return { run, heads };
  } catch (error) {
    await run.setState({ state: 'failed', error: 'Its figures could not be stored.' }).catch(() => undefined);
    throw error;
  }
}

/** A name for the folder, from whatever a file is called: short, since a number and a head's name may follow. */
export function folderName(text: string): string {
  return cleanName(text, 'evaluation').slice(0, 48);
}
