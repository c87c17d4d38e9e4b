// `cover import FILE`: predictions made elsewhere become an evaluation, to be reported and compared like a run's.
import { Option } from 'commander';
import { importPredictions, type ScoreKind } from '../evaluation/importPredictions.ts';
import { openRun } from '../runs/runFolder.ts';
import type { Context, ExitCode } from './context.ts';
import { publishedTables } from './publishedTable.ts';
import { accuracyOn, resultTable } from './tables.ts';

export interface ImportOptions {
  dataset?: string;
  split?: string;
  annotations?: string;
  classes?: string;
  scores?: ScoreKind;
  protocol?: string;
  name?: string;
}

export async function importCommand(context: Context, file: string, options: ImportOptions): Promise<ExitCode> {
  const { workspace, signal, output, colour } = context;
  const { run, heads, protocol, notes } = await importPredictions({
    workspace,
    file,
    ...options,
    signal,
    onEvent: (event) => output.event(event),
  });
  output.event({ event: 'done', run, heads, protocol, seconds: 0 });
  const report = await (await openRun(workspace, run)).readReport();
  output.result(resultTable(heads, protocol, colour, accuracyOn(report)));
  for (const table of publishedTables(report, colour)) output.result(table);
  for (const note of notes) output.note(note);
  output.note(`The evaluation is in ${run}.`);
  return 0;
}

export function scoresOption(): Option {
  return new Option('--scores <kind>', 'what the scores are (default: seen from their range and sums)').choices([
    'probabilities',
    'logits',
  ]);
}
