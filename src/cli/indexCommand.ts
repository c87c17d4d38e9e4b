// `cover index`: brings the index up to date, and tells what it holds and what is wrong.
import { count } from '../base/format.ts';
import { requireWorkspace } from '../config/workspace.ts';
import { listProblems } from '../data/datasetIndex.ts';
import { indexProgress } from '../data/indexProgress.ts';
import { updateIndex } from '../data/updateIndex.ts';
import type { Problem } from '../protocol/events.ts';
import type { DatasetSummary } from '../protocol/runner.ts';
import type { Context, ExitCode } from './context.ts';
import { datasetTable } from './tables.ts';

/** More problems of one sort than this are told as a number. */
const manyOfASort = 3;

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
  const { first, rest, counts } = grouped(await listProblems(workspace, Number.POSITIVE_INFINITY));
  // A person sees the first few: one of each sort tells more than ten of one. A program gets all.
  for (const problem of [...first, ...rest]) output.event({ event: 'problem', problem });
  output.settle();
  for (const line of counts) output.note(line);
  return datasets;
}

/** The first problem of each sort, the others, and a line for each sort that there are many of. */
function grouped(problems: readonly Problem[]): { first: Problem[]; rest: Problem[]; counts: string[] } {
  const sorts = new Map<string, { example: Problem; number: number; sort: string }>();
  const first: Problem[] = [];
  const rest: Problem[] = [];
  for (const problem of problems) {
    // What differs from file to file stands in quotes or is a number.
    const sort = problem.message
      .replace(/"(?:[^"\\]|\\.)*"/g, '"…"')
      .replace(/\d[\d,.]*\d|\d/g, 'N')
      .replaceAll(problem.file, '…');
    const key = `${problem.dataset}\0${problem.severity}\0${sort}`;
    const known = sorts.get(key);
    if (known) {
      known.number++;
      rest.push(problem);
    } else {
      sorts.set(key, { example: problem, number: 1, sort });
      first.push(problem);
    }
  }
  const many = [...sorts.values()].filter(({ number }) => number > manyOfASort);
  return {
    first,
    rest,
    counts: many.map(({ example, number, sort }) => `${example.dataset ?? 'index'}: ${count(number)} times: ${sort}`),
  };
}
