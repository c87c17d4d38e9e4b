// Makes an evaluation of predictions from elsewhere: finds each row's sample in the dataset and its classes among the names,
// and tells what was assumed. A sample of the split without a prediction is missing, and counted; a row that fits nothing is
// a problem, and left out.
import { basename, extname, resolve } from 'node:path';
import { throwIfAborted } from '../base/errors.ts';
import { count, plural } from '../base/format.ts';
import { mediaKind } from '../data/mediaFiles.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { HeadResult, JobEvent, Problem } from '../protocol/events.ts';
import type { PredictionRecord } from '../runs/predictionsFile.ts';
import { softmaxRows, topClasses } from './classifier.ts';
import { type ClassChoice, chooseClasses, indexOfClass } from './classNames.ts';
import { type DatasetSplit, readSplit } from './datasetSplit.ts';
import { folderName, storeEvaluation } from './evaluationFolder.ts';
import { calledAsIn } from './foreignClasses.ts';
import { badPredictions, type ImportedRow } from './importedRow.ts';
import { type PlacedRow, rowsOfSplit } from './importedSamples.ts';
import { readImported } from './importTable.ts';
import { clampRounding, isProbability } from './probability.ts';
import { scoreOrder, scoresInOrder } from './scoreOrder.ts';

export type ScoreKind = 'auto' | 'probabilities' | 'logits';

export interface ImportRequest {
  readonly workspace: string;
  readonly file: string;
  /** Of the workspace: the samples that the predictions are of. Absent: the file alone says what there is. */
  readonly dataset?: string | undefined;
  /** Default: the split of the dataset that is held out. */
  readonly split?: string | undefined;
  /** The list that JSON scores were made with. */
  readonly annotations?: string | undefined;
  /** A file with the class names in the order of the scores. */
  readonly classes?: string | undefined;
  readonly scores?: ScoreKind | undefined;
  /** How clips were taken, as far as the person knows. */
  readonly protocol?: string | undefined;
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  onEvent(event: JobEvent): void;
}

export interface Imported {
  /** The folder's path. */
  run: string;
  heads: Record<string, HeadResult>;
  protocol: string;
  /** What was assumed, for a person. */
  notes: string[];
}

/** Throws UserError: `bad-predictions`, `no-dataset`, `bad-classes`. */
export async function importPredictions(request: ImportRequest): Promise<Imported> {
  const { workspace, signal, onEvent } = request;
  const file = resolve(request.file);
  const annotations = request.annotations === undefined ? undefined : resolve(request.annotations);
  const { rows: read, columns, problems } = await readImported(file, annotations, signal);
  if (read.every(({ refused }) => refused !== undefined)) throw badPredictions(file, 'no line of it can be used');
  const split =
    request.dataset === undefined ? undefined : await readSplit(workspace, request.dataset, request, onEvent);
  const placed: PlacedRow[] = split ? await rowsOfSplit(workspace, split, read) : read;
  const rows = placed.filter(({ refused }) => refused === undefined);
  const name = folderName(request.name ?? basename(file, extname(file)));
  const dataset = split?.dataset ?? name;
  const chosen = await chooseClasses({
    file: request.classes,
    columns,
    dataset: split?.classes,
    needed: rows.find(({ scores, predicted }) => scores && !predicted)?.scores?.length,
    refs: () => rows.flatMap(({ truth, predicted = [] }) => (truth === undefined ? predicted : [truth, ...predicted])),
    about: file,
  });
  const classes = split ? calledAsIn(split.classes, chosen.classes) : chosen.classes;
  const isTold = rows.some(({ places }) => places);
  const order = isTold ? scoreOrder(rows, classes) : chosen.order;
  const kind = scoreKind(rows, request.scores ?? 'auto');
  const made = new RecordMaker(file, dataset, classes, split, request.split ?? 'test', kind);
  for (const row of placed) {
    throwIfAborted(signal, 'The import');
    if (row.refused === undefined) made.add({ ...row, scores: scoresInOrder(row, order) });
    else made.leaveOut(row, row.refused);
  }
  for (const problem of [...problems, ...made.problems]) onEvent({ event: 'problem', problem });
  if (made.judged === 0) throw badPredictions(file, whyNone(made, split));
  const records = made.records();
  const protocol = request.protocol ?? `protocol not stated (imported from ${basename(file)})`;
  const notes = [
    ...notesOf(chosen, rows, kind, request.scores),
    ...outsideNote(read.length - placed.length, split),
    ...(isTold && !order ? [bestOnly] : []),
    ...made.notes(),
    ...unreadNote(rows),
  ];
  const evaluated = {
    ...{ kind: 'predictions' as const, file, dataset, split: made.split, protocol, classes },
    settings: { scores: kind, classesFrom: chosen.from, notes },
  };
  const { run, heads } = await storeEvaluation(workspace, name, evaluated, records);
  return { run: run.folder, heads, protocol, notes };
}

/** Probabilities where every row is in 0 … 1 and sums to 1, as closely as a few printed digits allow. */
function scoreKind(rows: readonly ImportedRow[], asked: ScoreKind): Exclude<ScoreKind, 'auto'> {
  if (asked !== 'auto') return asked;
  const isShare = (score: number) => isProbability(clampRounding(score));
  const sumsToOne = ({ scores }: ImportedRow) =>
    !scores || (scores.every(isShare) && Math.abs(scores.reduce((sum, score) => sum + score, 0) - 1) < 0.01);
  return rows.every(sumsToOne) ? 'probabilities' : 'logits';
}

class RecordMaker {
  readonly problems: Problem[] = [];
  readonly split: string;
  judged = 0;
  withoutClass = 0;
  private doubled = 0;
  private relabelled = 0;
  private readonly made = new Map<string, PredictionRecord>();
  /** Why samples of the dataset were left out. */
  private readonly reasons = new Map<string, string>();

  constructor(
    private readonly file: string,
    private readonly dataset: string,
    private readonly classes: readonly string[],
    private readonly held: DatasetSplit | undefined,
    split: string,
    private readonly kind: Exclude<ScoreKind, 'auto'>,
  ) {
    this.split = held?.split ?? split;
  }

  add(row: PlacedRow): void {
    const { found } = row;
    const own = row.truth === undefined ? undefined : indexOfClass(this.classes, row.truth);
    const truth = found ? this.classes.indexOf(found.label) : own;
    if (found && own !== undefined && own !== truth) this.relabelled++;
    if (truth === undefined || truth < 0) {
      if (!found && row.truth === undefined) this.withoutClass++;
      this.leaveOut(row, whyNoClass(row));
      return;
    }
    const sample = found ?? this.sampleOf(row.sample, this.classes[truth]!);
    if (this.made.has(sample.id)) {
      this.doubled++;
      return;
    }
    const record =
      row.missing === undefined ? this.recordOf(row, sample, truth) : { sample, truth, missing: row.missing };
    if (typeof record === 'string') {
      this.leaveOut(row, record);
      return;
    }
    this.made.set(sample.id, record);
    if (!('missing' in record)) this.judged++;
  }

  private recordOf(row: ImportedRow, sample: Sample, truth: number): PredictionRecord | string {
    const { scores, predicted = [], probabilities = [] } = row;
    if (scores?.length === this.classes.length) {
      const all = this.kind === 'logits' ? softmaxRows(scores, scores.length) : scores.map(clampRounding);
      if (!all.every(isProbability)) return 'a score is no probability';
      const top = topClasses(all, 0, all.length, 5);
      const heads = { [this.dataset]: { top, probabilities: top.map((index) => all[index]!) } };
      return { sample, truth, truthProbability: all[truth]!, probabilities: all, heads };
    }
    if (predicted.length === 0)
      return `it has ${scores?.length} scores for ${plural(this.classes.length, 'class', 'classes')}`;
    const top = predicted.map((ref) => indexOfClass(this.classes, ref));
    const lost = top.indexOf(undefined);
    if (lost >= 0) return `no class is called "${predicted[lost]}"`;
    const place = top.indexOf(truth);
    const heads = { [this.dataset]: { top: top as number[], probabilities } };
    return { sample, truth, truthProbability: probabilities[place] ?? null, heads };
  }

  private sampleOf(name: string, label: string): Sample {
    const { dataset, split } = this;
    const file = resolve(this.file, '..', name);
    return {
      id: `${dataset}/${name.normalize('NFC')}`, // the same in every file, however it was composed
      dataset,
      split,
      label,
      file,
      kind: mediaKind(name) ?? 'video',
      start: null,
      end: null,
    };
  }

  leaveOut({ line, found }: PlacedRow, why: string): void {
    this.problems.push({ severity: 'error', file: this.file, line, message: `Line ${line} is left out: ${why}.` });
    if (found) this.reasons.set(found.id, `Line ${line} of ${basename(this.file)} is left out: ${why}.`);
  }

  /** In the order of the split, every sample of it, or in that of the file. */
  records(): PredictionRecord[] {
    if (!this.held) return [...this.made.values()];
    return this.held.samples.map((sample) => {
      const truth = this.classes.indexOf(sample.label);
      const missing = this.reasons.get(sample.id) ?? `${basename(this.file)} has no prediction of it.`;
      return this.made.get(sample.id) ?? { sample, truth, missing };
    });
  }

  notes(): string[] {
    const { doubled, relabelled } = this;
    return [
      doubled > 0 && `${plural(doubled, 'prediction')} left out: of samples that came before in the file.`,
      relabelled > 0 &&
        `${plural(relabelled, 'sample')} with another class in the file than in the dataset; the dataset's counts. Are the classes in the right order?`,
    ].filter((note) => note !== false);
  }
}

function whyNoClass({ found, truth }: PlacedRow): string {
  if (found) return `its sample is of the class "${found.label}", which the predictions do not have`;
  return truth === undefined ? 'it does not say its class' : `no class is called "${truth}"`;
}

function whyNone(made: RecordMaker, split: DatasetSplit | undefined): string {
  // Of a file alone: the dataset would know the classes that the lines do not say.
  if (!split && made.withoutClass > 0)
    return 'no line says the class of its sample. Add a column "label", or name the dataset that they are of: --dataset NAME';
  const first = made.problems[0]?.message.replace(/\.$/, '');
  if (first !== undefined) return first;
  if (!split) return 'it has no prediction';
  const example = split.samples[0]?.id;
  return `none of its predictions is of a sample in ${split.dataset} ${split.split}, which are named like ${example}`;
}

const bestOnly =
  'Of each prediction only its best classes count: nothing tells the order of its probabilities of all classes.';

function outsideNote(outside: number, split: DatasetSplit | undefined): string[] {
  return split && outside > 0
    ? [`${plural(outside, 'prediction')} left out: of no sample in ${split.dataset} ${split.split}.`]
    : [];
}

function unreadNote(rows: readonly ImportedRow[]): string[] {
  const unread = rows.filter(({ unreadProbability }) => unreadProbability !== undefined);
  const [first] = unread;
  if (!first) return [];
  const which = `"${first.unreadProbability}" (line ${first.line})`;
  return [`Warning: the probabilities of ${plural(unread.length, 'prediction')} do not count: ${which} is no number.`];
}

function notesOf(
  { from, warning, classes }: ClassChoice,
  rows: readonly ImportedRow[],
  kind: ScoreKind,
  asked: ScoreKind = 'auto',
): string[] {
  const hasScores = rows.some(({ scores }) => scores);
  return [
    `Classes: ${count(classes.length)}, ${from}.`,
    ...(warning === undefined ? [] : [`Warning: ${warning}`]),
    ...(hasScores
      ? [`Scores are taken for ${kind}${asked === 'auto' ? ' (seen from their range and sums)' : ''}.`]
      : []),
  ];
}
