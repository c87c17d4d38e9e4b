// One head of a run beside the same head of another, as a page shows it: the paired figures of `compareRuns`, the confusions of
// either on the common samples, and the samples on which they differ.
import { UserError } from '../base/errors.ts';
import {
  type CellSample,
  type ChangedSample,
  cellChanges,
  type changeKinds,
  type HeadComparison,
} from '../protocol/comparisons.ts';
import type { ClassSet, Evaluation } from '../protocol/evaluation.ts';
import type { Prediction } from '../protocol/events.ts';
import { mostMatrixClasses, packCells } from '../protocol/matrixCells.ts';
import type { HeadRecords } from '../runs/predictionsFile.ts';
import { openRun, type RunFolder } from '../runs/runFolder.ts';
import { compareRuns } from './compareRuns.ts';

export interface HeadPair {
  workspace: string;
  run: string;
  other: string;
  head: string;
}

const anotherClass = '(another class)';

type Record = HeadRecords['judged'][number];

interface Side {
  folder: RunFolder;
  evaluation: Evaluation;
  records: HeadRecords;
}

/** Throws UserError: `no-run`, `no-report`, `no-head`, `same-run`. */
export async function compareHeads(pair: HeadPair): Promise<HeadComparison> {
  const [run, other] = await sidesOf(pair);
  // The other is the first: its figures are what the run's are subtracted from.
  const { heads } = await compareRuns(pair.workspace, [pair.other, pair.run], pair.head);
  const { differences, warnings } = heads[0]!;
  const { common, onlyInFirst, onlyInSecond, firstTop1, secondTop1, difference, interval, p, ...right } =
    differences[0]!;
  const [indexOf, beyond] = indicesIn(run.evaluation, other.evaluation);
  const pairs = commonRecords(run, other);
  const isKnown = pairs.every(([, { truth, ranked }]) => indexOf(truth) !== beyond && indexOf(ranked[0]!) !== beyond);
  const classes = isKnown ? run.evaluation.classes : [...run.evaluation.classes, anotherClass];
  const counted = (cells: readonly (readonly [number, number])[]) => {
    if (run.evaluation.classes.length > mostMatrixClasses) return null;
    const counts = new Int32Array(classes.length ** 2);
    for (const [truth, predicted] of cells) counts[truth * classes.length + predicted]!++;
    return packCells(counts);
  };
  return {
    run: run.folder.id,
    other: other.folder.id,
    head: pair.head,
    protocol: run.evaluation.protocol,
    otherProtocol: other.evaluation.protocol,
    common,
    onlyInRun: onlyInSecond,
    onlyInOther: onlyInFirst,
    top1: secondTop1,
    otherTop1: firstTop1,
    difference,
    interval,
    p,
    fixed: right.rightInSecond,
    broken: right.rightInFirst,
    warnings,
    classes: [...classes],
    cells: counted(pairs.map(([{ truth, ranked }]) => [truth, ranked[0]!] as const)),
    otherCells: counted(pairs.map(([, { truth, ranked }]) => [indexOf(truth), indexOf(ranked[0]!)] as const)),
  };
}

interface ChangedPage {
  kind: (typeof changeKinds)[number];
  /** Only samples of this class, by its name in the run. */
  label?: string | undefined;
  offset: number;
  limit: number;
}

/** A page of the samples that one of them has right and the other wrong, by their ids. */
export async function changedSamples(
  pair: HeadPair,
  { kind, label, offset, limit }: ChangedPage,
): Promise<{ total: number; samples: ChangedSample[] }> {
  const [run, other] = await sidesOf(pair);
  const isRight = ({ truth, ranked }: Record) => ranked[0] === truth;
  const changed = commonRecords(run, other)
    .filter(([own, before]) => (kind === 'fixed' ? isRight(own) && !isRight(before) : !isRight(own) && isRight(before)))
    .filter(([{ truth }]) => label === undefined || run.evaluation.classes[truth] === label)
    .sort(([a], [b]) => (a.sample < b.sample ? -1 : 1));
  const page = changed.slice(offset, offset + limit);
  const said = new Map(page.map(([{ sample }, before]) => [sample, before]));
  const shown = await run.folder.samplePredictions(page.map(([{ sample }]) => sample));
  const samples = shown.map((judged) => ({ ...judged, other: guessOf(other, said.get(judged.sample.id)!) }));
  return { total: changed.length, samples };
}

/** A page of the samples that one cell has in either matrix, as `compareHeads` counts them, with how many there are of each kind. */
export async function differingSamples(
  pair: HeadPair,
  { truth, predicted, offset, limit }: { truth: ClassSet; predicted: ClassSet; offset: number; limit: number },
): Promise<{ came: number; left: number; stayed: number; samples: CellSample[] }> {
  const [run, other] = await sidesOf(pair);
  const [indexOf] = indicesIn(run.evaluation, other.evaluation);
  const isIn = (set: ClassSet, index: number) =>
    set === undefined || (typeof set === 'number' ? set === index : set.includes(index));
  const found = { came: [] as [Record, Record][], left: [] as [Record, Record][], stayed: [] as [Record, Record][] };
  for (const both of commonRecords(run, other)) {
    const [own, before] = both;
    const isHere = isIn(truth, own.truth) && isIn(predicted, own.ranked[0]!);
    const wasHere = isIn(truth, indexOf(before.truth)) && isIn(predicted, indexOf(before.ranked[0]!));
    if (isHere || wasHere) found[isHere ? (wasHere ? 'stayed' : 'came') : 'left'].push(both);
  }
  const all = cellChanges.flatMap((change) =>
    found[change].sort(([a], [b]) => (a.sample < b.sample ? -1 : 1)).map(([own, before]) => ({ own, before, change })),
  );
  const page = all.slice(offset, offset + limit);
  const said = new Map(page.map((each) => [each.own.sample, each]));
  const shown = await run.folder.samplePredictions(page.map(({ own }) => own.sample));
  const samples = shown.map((judged): CellSample => {
    const { before, change } = said.get(judged.sample.id)!;
    return { ...judged, other: guessOf(other, before), change, wasRight: before.ranked[0] === before.truth };
  });
  const { came, left, stayed } = found;
  return { came: came.length, left: left.length, stayed: stayed.length, samples };
}

/** Where a class of the other, by its index there, stands among the run's; all that only the other knows at one place behind them. */
function indicesIn(run: Evaluation, other: Evaluation): [indexOf: (index: number) => number, beyond: number] {
  const known = new Map(run.classes.map((label, index) => [label, index]));
  const beyond = run.classes.length;
  const indices = other.classes.map((label) => known.get(label) ?? beyond);
  return [(index) => indices[index] ?? beyond, beyond];
}

/** What a side says of a sample first. */
function guessOf({ evaluation }: Side, { ranked, confidence }: Record): Prediction {
  return { label: evaluation.classes[ranked[0]!] ?? '', probability: confidence ?? 0 };
}

async function sidesOf({ workspace, run, other, head }: HeadPair): Promise<[Side, Side]> {
  const [one, two] = await Promise.all(
    [run, other].map(async (name) => {
      const folder = await openRun(workspace, name);
      return { folder, evaluation: await folder.readEvaluation(head), records: await folder.readPredictions(head) };
    }),
  );
  if (one!.folder.folder === two!.folder.folder)
    throw new UserError('same-run', `"${run}" cannot be compared with itself. Choose another.`);
  return [one!, two!];
}

/** What either says of each sample that both judged. */
function commonRecords(run: Side, other: Side): [Record, Record][] {
  const others = new Map(other.records.judged.map((record) => [record.sample, record]));
  return run.records.judged.flatMap((own): [Record, Record][] => {
    const before = others.get(own.sample);
    return before ? [[own, before]] : [];
  });
}
