// Runs beside one another, head by head, and each against the first on the samples that both judged. What makes figures not
// comparable is said: other protocols, other samples, other classes.
import { UserError } from '../base/errors.ts';
import { plural } from '../base/format.ts';
import type { Evaluation } from '../protocol/evaluation.ts';
import { openRun } from '../runs/runFolder.ts';
import { type ComparedSide, compareRecords, type Difference } from './compareRecords.ts';

export interface ComparedRun {
  run: string;
  split: string;
  protocol: string;
  samples: number;
  missing: number;
  classes: number;
  top1: number | null;
  top1Interval: [number, number] | null;
  top5: number | null;
  meanClass: number | null;
}

export interface ComparedHead {
  head: string;
  /** The runs that have this head, in the order asked for. */
  runs: ComparedRun[];
  /** Of each of them after the first against the first. */
  differences: ({ first: string; second: string } & Difference)[];
  warnings: string[];
}

export interface Comparison {
  runs: string[];
  heads: ComparedHead[];
  /** Over the heads that all runs have, each run's mean top-1; null where a head of one has none. */
  means: { run: string; top1: number | null }[];
}

/** All heads that two of them have, or `only` one. Throws UserError: `no-run`, `no-report`, `no-common-head`. */
export async function compareRuns(workspace: string, names: readonly string[], only?: string): Promise<Comparison> {
  const opened = await Promise.all(names.map((name) => openRun(workspace, name)));
  const runs = await Promise.all(
    opened.map(async (folder) => ({
      id: folder.id,
      folder,
      evaluations: new Map(Object.entries((await folder.readReport()).heads)),
    })),
  );
  const all = [...new Set(runs.flatMap(({ evaluations }) => [...evaluations.keys()]))];
  const heads = only === undefined ? all : all.filter((head) => head === only);
  const shared = heads.filter((head) => runs.filter(({ evaluations }) => evaluations.has(head)).length > 1);
  if (shared.length === 0) {
    const told = runs.map(({ id, evaluations }) => `${id}: ${[...evaluations.keys()].join(', ')}`).join('; ');
    throw new UserError('no-common-head', `There is nothing to compare: the runs have no head in common (${told}).`);
  }
  const compared: ComparedHead[] = [];
  for (const head of shared) {
    const own = runs.filter(({ evaluations }) => evaluations.has(head));
    const sides: (ComparedSide & { id: string })[] = [];
    for (const { id, folder, evaluations } of own)
      sides.push({ id, records: await folder.readPredictions(head), classes: evaluations.get(head)!.classes });
    const [first, ...others] = sides as [(typeof sides)[number], ...typeof sides];
    const differences = others.map((second) => ({
      first: first.id,
      second: second.id,
      ...compareRecords(first, second),
    }));
    const rows = own.map(({ id, evaluations }) => rowOf(id, evaluations.get(head)!));
    compared.push({ head, runs: rows, differences, warnings: warningsOf(rows, differences) });
  }
  return {
    runs: runs.map(({ id }) => id),
    heads: compared,
    means: meansOf(
      runs.map(({ id }) => id),
      compared,
    ),
  };
}

function rowOf(run: string, evaluation: Evaluation): ComparedRun {
  const { split, protocol, samples, missing, classes, top1, top1Interval, top5, meanClass } = evaluation;
  return { run, split, protocol, samples, missing, classes: classes.length, top1, top1Interval, top5, meanClass };
}

function warningsOf(rows: readonly ComparedRun[], differences: ComparedHead['differences']): string[] {
  const warnings: string[] = [];
  const [first, ...others] = rows as [ComparedRun, ...ComparedRun[]];
  for (const { run, protocol, classes, split } of others) {
    if (protocol !== first.protocol)
      warnings.push(`The protocols of ${first.run} and ${run} differ: "${first.protocol}" and "${protocol}".`);
    if (split !== first.split) warnings.push(`${first.run} was judged on ${first.split}, ${run} on ${split}.`);
    if (classes !== first.classes)
      warnings.push(`${first.run} has ${plural(first.classes, 'class', 'classes')}, ${run} ${classes}.`);
  }
  for (const { first, second, common, onlyInFirst, onlyInSecond, relabelled } of differences) {
    if (onlyInFirst + onlyInSecond > 0)
      warnings.push(
        `Not the same samples: ${plural(common, 'sample')} in both, ${onlyInFirst} only in ${first}, ${onlyInSecond} only in ${second}; the difference is of the common ones.`,
      );
    if (relabelled > 0)
      warnings.push(
        `${plural(relabelled, 'sample')} with another class in ${second} than in ${first}: each counts by its own, so that classes need not have as many samples in both.`,
      );
  }
  return warnings;
}

function meansOf(runs: readonly string[], heads: readonly ComparedHead[]): Comparison['means'] {
  const common = heads.filter((head) => head.runs.length === runs.length);
  return runs.map((run, index) => {
    const values = common.map((head) => head.runs[index]!.top1);
    const known = values.filter((value) => value !== null);
    const isWhole = known.length === values.length && known.length > 0;
    return { run, top1: isWhole ? known.reduce((sum, value) => sum + value, 0) / known.length : null };
  });
}
