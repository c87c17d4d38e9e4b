// One run is one folder, `.cover/runs/<id>/`, and everything about the run is in it:
//   experiment.json      the experiment as it was resolved, never changed afterwards
//   state.json           what it is doing or how it ended (runState.ts)
//   samples.parquet      the samples it was trained and judged on (samplesFile.ts)
//   metrics.jsonl        its events (eventLog.ts)
//   weights.json         what was loaded of the weights it started from, where it did
//   checkpoints/*.safetensors, model.onnx   (checkpoints/best.safetensors: the best weights of a stage that may stop early)
//   predictions.parquet  what every head says of every held-out sample (predictionsFile.ts)
//   report.json          the figures made from them (report.ts)
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { z } from 'zod';
import { removeTemporaries, renameOver, unwritable, writeFileAtomic } from '../base/atomicFile.ts';
import { messageOf, systemCode, UserError } from '../base/errors.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { ClassSet, Evaluation, JudgedSample } from '../protocol/evaluation.ts';
import type { JobEvent } from '../protocol/events.ts';
import type { RunSummary } from '../protocol/runs.ts';
import { type TensorToWrite, writeSafetensors } from '../weights/safetensors.ts';
import { withFolderClaim } from './claim.ts';
import { EventLog } from './eventLog.ts';
import { type EventCursor, type EventsRead, readAppended, readThinned } from './eventReader.ts';
import {
  type HeadRecords,
  type PredictionRecord,
  readCell,
  readHeadRecords,
  readJudged,
  writePredictionsFile,
} from './predictionsFile.ts';
import { headResultsOf, notEvaluated, type Report, reportSchema } from './report.ts';
import { heartbeatMs, initialState, type RunState, readState, workedOnHere } from './runState.ts';
import { unwritableCode } from './runWritable.ts';
import { readSamplesFile, writeSamplesFile } from './samplesFile.ts';
import { stopFileName } from './stopFile.ts';

/** state.json is written at most this often for what events tell. */
const stateIntervalMs = 2000;

export function runsFolder(workspace: string): string {
  return join(resolve(workspace), '.cover', 'runs');
}

/**
 * Makes the folder of a new run, named `<experiment>-<n>` with the next free number, in state `running` of this process. What
 * it is made of is written before experiment.json, which makes a folder a run: a run that can be seen can be resumed.
 * Throws UserError `run-folder-unwritable`.
 */
export async function createRun(
  workspace: string,
  experiment: string,
  resolved: object,
  samples?: readonly Sample[],
): Promise<RunFolder> {
  const runs = runsFolder(workspace);
  let folder = runs;
  try {
    await mkdir(runs, { recursive: true });
    const numbers = (await readdir(runs)).map((name) =>
      name.startsWith(`${experiment}-`) ? Number(name.slice(experiment.length + 1)) : 0,
    );
    for (let number = Math.max(0, ...numbers.filter(Number.isSafeInteger)) + 1; ; number++) {
      folder = join(runs, `${experiment}-${number}`);
      try {
        await mkdir(folder); // fails where another process was faster: the next number then
        break;
      } catch (error) {
        if (systemCode(error) !== 'EEXIST') throw error;
      }
    }
    await mkdir(join(folder, 'checkpoints'));
  } catch (error) {
    throw unwritable(unwritableCode, error, folder);
  }
  const run = new RunFolder(folder, initialState(experiment));
  if (samples) await run.writeSamples(samples);
  await writeFileAtomic(run.file('experiment.json'), [`${JSON.stringify(resolved, undefined, 2)}\n`], unwritableCode);
  await run.setState({});
  return run;
}

/** Opens a run by its id or its folder. Throws UserError `no-run`. */
export async function openRun(workspace: string, run: string): Promise<RunFolder> {
  const isId = run !== '' && basename(run) === run && run !== '.' && run !== '..';
  for (const folder of isId ? [join(runsFolder(workspace), run)] : [resolve(run), resolve(workspace, run)]) {
    const experiment = await stat(join(folder, 'experiment.json')).catch(() => undefined);
    if (experiment) return new RunFolder(folder, (await readState(folder)) ?? damagedState(experiment.mtime));
  }
  throw new UserError(
    'no-run',
    `There is no run "${run}" in ${runsFolder(workspace)}. Train first, or name one of the runs there.`,
  );
}

/**
 * Takes a run over that was stopped, in state `running` of this process. Throws UserError: `no-run`; `run-running` where a
 * process works on it; `run-done` where nothing is left to do.
 */
export async function takeOverRun(workspace: string, name: string): Promise<RunFolder> {
  const { folder } = await openRun(workspace, name);
  return withFolderClaim(folder, async () => {
    const run = await openRun(workspace, folder); // as it is now that nobody else can take it
    const { state, pid, host } = run.current;
    if (state === 'running')
      throw new UserError(
        'run-running',
        `The run "${run.id}" is being trained by process ${pid} on ${host}. Wait for it, or stop it first.`,
        folder,
      );
    if (state === 'done')
      throw new UserError('run-done', `The run "${run.id}" is finished; there is nothing to resume.`, folder);
    await removeTemporaries(folder);
    await removeTemporaries(run.file('checkpoints'));
    await rm(run.file(stopFileName), { force: true }); // meant for who worked on it before
    const { pid: own, host: here, log } = initialState('');
    await run.setState({ state: 'running', pid: own, host: here, log, error: null, eta: null });
    return run;
  });
}

/** For a run whose state.json cannot be read: the rest of it can. */
function damagedState(started: Date): RunState {
  const error = 'Its state.json cannot be read.';
  return { ...initialState(''), state: 'interrupted', started: started.toISOString(), error };
}

export class RunFolder {
  /** The folder's name. */
  readonly id: string;
  private readonly log: EventLog;
  private state: RunState;
  private writing: Promise<void> = Promise.resolve();
  private failure: unknown;
  private stateWritten = 0;
  private heartbeat: NodeJS.Timeout | undefined;

  constructor(
    /** Absolute path. */
    readonly folder: string,
    state: RunState,
  ) {
    this.id = basename(folder);
    this.log = new EventLog(this.file('metrics.jsonl'));
    this.state = state;
  }

  /** What state.json says, or will when it is written. */
  get current(): Readonly<RunState> {
    return this.state;
  }

  file(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** Records an event now, and in state.json what it tells of device, steps and heads (within two seconds). */
  append(event: JobEvent): void {
    if (this.failure) throw this.failure;
    this.log.append(event);
    const told = stateToldBy(event);
    if (!told) return;
    this.state = { ...this.state, ...told };
    if (Date.now() - this.stateWritten < stateIntervalMs) return;
    this.setState({}).catch((error: unknown) => {
      this.failure = error; // thrown at the next event
    });
  }

  /** Of its process's stderr, where that went to a file: the file's path. */
  get logFile(): string | undefined {
    const { log } = this.state;
    // The name stands in a file that a workspace may bring along: it leads nowhere else.
    return log === null || basename(log) !== log ? undefined : join(dirname(dirname(this.folder)), 'logs', log);
  }

  /** Every event recorded so far, in order. */
  events(): Promise<JobEvent[]> {
    return this.log.read();
  }

  /** As `events`, in about `points` steps, and from where to read on. */
  thinnedEvents(points: number): Promise<EventsRead> {
    return readThinned(this.file('metrics.jsonl'), points);
  }

  /** What was told since; undefined where everything has to be read again. */
  appendedEvents(cursor: EventCursor): Promise<EventsRead | undefined> {
    return readAppended(this.file('metrics.jsonl'), cursor);
  }

  /** Takes back what was told after `step`, and returns the events kept. */
  async rewind(step: number): Promise<JobEvent[]> {
    const kept = await this.log.rewind(step);
    const judged = kept.findLast((event) => event.event === 'epoch');
    await this.setState({ step, heads: judged?.heads ?? {} });
    return kept;
  }

  /**
   * Changes state.json, atomically and in the order of the calls. While the state is `running` a timer keeps the file
   * fresh; it does not keep the process alive.
   */
  setState(change: Partial<RunState>): Promise<void> {
    this.state = { ...this.state, ...change };
    this.stateWritten = Date.now();
    clearInterval(this.heartbeat);
    workedOnHere.delete(this.folder);
    if (this.state.state === 'running' && this.state.pid === process.pid) {
      workedOnHere.add(this.folder);
      const file = this.file('state.json');
      this.heartbeat = setInterval(() => utimes(file, new Date(), new Date()).catch(() => undefined), heartbeatMs);
      this.heartbeat.unref();
    }
    const text = `${JSON.stringify(this.state, undefined, 2)}\n`;
    this.writing = this.writing
      .catch(() => undefined) // told to the caller of that write
      .then(() => writeFileAtomic(this.file('state.json'), [text], unwritableCode));
    return this.writing;
  }

  summary(): RunSummary {
    const { experiment, state, error, started, step, steps, device, heads, eta, protocol } = this.state;
    const told = { run: this.id, folder: this.folder, experiment, state, error, started, step, steps, device, heads };
    return {
      ...told,
      ...(protocol !== '' && { protocol }),
      ...(state === 'running' && eta !== null && { eta }),
    };
  }

  /** The frozen experiment, checked against its schema. */
  readExperiment<T>(schema: z.ZodType<T>): Promise<T> {
    return this.readJson('experiment.json', schema);
  }

  writeSamples(samples: readonly Sample[]): Promise<void> {
    return writeSamplesFile(this.file('samples.parquet'), samples);
  }

  readSamples(): Promise<Sample[]> {
    return readSamplesFile(this.file('samples.parquet'));
  }

  /** Replaces what every head says of every held-out sample. `classes` are the labels of every head, by index. */
  writePredictions(
    records: readonly PredictionRecord[],
    classes: Readonly<Record<string, readonly string[]>>,
  ): Promise<void> {
    return writePredictionsFile(this.file('predictions.parquet'), records, classes);
  }

  /** One head on its own dataset. */
  readPredictions(head: string): Promise<HeadRecords> {
    return readHeadRecords(this.file('predictions.parquet'), head);
  }

  /** The samples of one cell of a head's confusion matrix (indices into its classes), in the order of their ids. */
  cellPredictions(
    head: string,
    truth: ClassSet,
    predicted: ClassSet,
    offset: number,
    limit: number,
  ): Promise<JudgedSample[]> {
    return readCell(this.file('predictions.parquet'), { head, truth, predicted, offset, limit });
  }

  /** What every head says of the samples with these ids, in their order. */
  samplePredictions(ids: readonly string[]): Promise<JudgedSample[]> {
    return readJudged(this.file('predictions.parquet'), ids);
  }

  /** Replaces the report and, in the state, the results of its heads. */
  async writeReport(report: Report): Promise<void> {
    await writeFileAtomic(this.file('report.json'), [`${JSON.stringify(report)}\n`], unwritableCode);
    await this.setState({ heads: headResultsOf(report), protocol: report.protocol });
  }

  /** Throws UserError `no-report` where the run was not evaluated. */
  readReport(): Promise<Report> {
    return this.readJson('report.json', reportSchema, () => notEvaluated(this.folder));
  }

  /** One head's part of the report. */
  async readEvaluation(head: string): Promise<Evaluation> {
    const { heads } = await this.readReport();
    const evaluation = Object.hasOwn(heads, head) ? heads[head] : undefined;
    if (evaluation) return evaluation;
    const names = Object.keys(heads).join(', ');
    throw new UserError('no-head', `The run "${this.id}" has no head "${head}"; it has ${names}.`, this.folder);
  }

  /** Writes `checkpoints/<name>.safetensors` atomically; returns its path. */
  async writeCheckpoint(
    name: string,
    tensors: Iterable<readonly [string, TensorToWrite]>,
    metadata: Record<string, string>,
  ): Promise<string> {
    const file = this.checkpointFile(name);
    await writeSafetensors(file, tensors, metadata, unwritableCode);
    return file;
  }

  /** The best weights of a stage that stops early; not among the checkpoints. */
  get bestFile(): string {
    return this.checkpointFile(bestName);
  }

  /** Names of the checkpoints, in the order of their names, which is that of their steps (`checkpointName`). */
  async checkpoints(): Promise<string[]> {
    const names = await readdir(this.file('checkpoints')).catch(() => []);
    return names
      .filter((name) => name.endsWith('.safetensors') && !name.startsWith('.'))
      .map((name) => basename(name, '.safetensors'))
      .filter((name) => name !== bestName)
      .sort();
  }

  /** Removes all checkpoints but the last `count`. Call it when a newer one is written, never before. */
  async keepCheckpoints(count: number): Promise<void> {
    for (const name of (await this.checkpoints()).slice(0, -count))
      await rm(this.checkpointFile(name), { force: true });
  }

  /** Renames a checkpoint that cannot be used, so that it counts no more; returns its new path. */
  async setAsideCheckpoint(name: string): Promise<string> {
    const aside = `${this.checkpointFile(name)}.damaged`;
    await renameOver(this.checkpointFile(name), aside);
    return aside;
  }

  checkpointFile(name: string): string {
    return this.file('checkpoints', `${name}.safetensors`);
  }

  /** Writes model.onnx atomically; returns its path. */
  async writeModel(bytes: Uint8Array): Promise<string> {
    const file = this.file('model.onnx');
    await writeFileAtomic(file, [bytes], unwritableCode);
    return file;
  }

  private async readJson<T>(name: string, schema: z.ZodType<T>, missing?: () => UserError): Promise<T> {
    const file = this.file(name);
    let value: unknown;
    try {
      value = JSON.parse(await readFile(file, 'utf8'));
    } catch (error) {
      if (missing && systemCode(error) === 'ENOENT') throw missing();
      throw new UserError('run-damaged', `${file} cannot be read: ${messageOf(error)}.`, file);
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    if (name === 'experiment.json' && typeof value === 'object' && value !== null && 'evaluationOf' in value)
      throw new UserError(
        'not-trained',
        `"${this.id}" is an evaluation of something that was not trained here: there is no model or experiment in it. "cover report ${this.id}" shows its figures.`,
        this.folder,
      );
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.') || 'its content';
    throw new UserError('run-damaged', `${file} is damaged (${where}: ${issue?.message}). Train again.`, file);
  }
}

const bestName = 'best';

/** A checkpoint's name, from the steps of the run done by then. */
export function checkpointName(step: number): string {
  return `step-${String(step).padStart(9, '0')}`;
}

/** Whether a name was made by `checkpointName`; earlier versions named them otherwise. */
export function isCheckpointName(name: string): boolean {
  return /^step-\d+$/.test(name);
}

/** What an event says that the list of runs shows. */
function stateToldBy(event: JobEvent): Partial<RunState> | undefined {
  switch (event.event) {
    case 'started':
      return {
        device: event.device,
        steps: event.stages.reduce((sum, stage) => sum + stage.steps, 0),
        ...(event.protocol !== undefined && { protocol: event.protocol }),
      };
    case 'step':
      return { step: event.step, steps: event.steps, eta: event.eta };
    case 'epoch':
      return { step: event.step, heads: event.heads };
    case 'done':
      return { heads: event.heads, protocol: event.protocol };
    default:
      return undefined;
  }
}
