// One run is one folder, `.cover/runs/<id>/`, and everything about the run is in it:
//   experiment.json      the experiment as it was resolved, never changed afterwards
//   state.json           what it is doing or how it ended (runState.ts)
//   samples.parquet      the samples it was trained and judged on (samplesFile.ts)
//   metrics.jsonl        its events (eventLog.ts)
//   checkpoints/*.safetensors, model.onnx
//   predictions.parquet  what every head says of every held-out sample (predictionsFile.ts)
//   report.json          the figures made from them (report.ts)
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { z } from 'zod';
import { unwritable, writeFileAtomic } from '../base/atomicFile.ts';
import { messageOf, systemCode, UserError } from '../base/errors.ts';
import type { JobEvent } from '../protocol/events.ts';
import type { Evaluation, JudgedSample, RunSummary, Sample } from '../protocol/runner.ts';
import { readSafetensors, type Safetensors, type TensorToWrite, writeSafetensors } from '../weights/safetensors.ts';
import { EventLog } from './eventLog.ts';
import {
  type HeadRecords,
  type PredictionRecord,
  readCell,
  readHeadRecords,
  writePredictionsFile,
} from './predictionsFile.ts';
import { headResultsOf, notEvaluated, type Report, reportSchema } from './report.ts';
import { heartbeatMs, initialState, type RunState, readState } from './runState.ts';
import { unwritableCode } from './runWritable.ts';
import { readSamplesFile, writeSamplesFile } from './samplesFile.ts';

/** state.json is written at most this often for what events tell. */
const stateIntervalMs = 2000;

export function runsFolder(workspace: string): string {
  return join(resolve(workspace), '.cover', 'runs');
}

/**
 * Makes the folder of a new run, named `<experiment>-<n>` with the next free number, in state `running` of this process.
 * Throws UserError `run-folder-unwritable`.
 */
export async function createRun(workspace: string, experiment: string, resolved: object): Promise<RunFolder> {
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

  /** Every event recorded so far, in order. */
  events(): Promise<JobEvent[]> {
    return this.log.read();
  }

  /**
   * Changes state.json, atomically and in the order of the calls. While the state is `running` a timer keeps the file
   * fresh; it does not keep the process alive.
   */
  setState(change: Partial<RunState>): Promise<void> {
    this.state = { ...this.state, ...change };
    this.stateWritten = Date.now();
    clearInterval(this.heartbeat);
    if (this.state.state === 'running' && this.state.pid === process.pid) {
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
    const { experiment, state, error, started, step, steps, device, heads } = this.state;
    return { run: this.id, folder: this.folder, experiment, state, error, started, step, steps, device, heads };
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
    truth: number,
    predicted: number,
    offset: number,
    limit: number,
  ): Promise<JudgedSample[]> {
    return readCell(this.file('predictions.parquet'), { head, truth, predicted, offset, limit });
  }

  /** Replaces the report and, in the state, the results of its heads. */
  async writeReport(report: Report): Promise<void> {
    await writeFileAtomic(this.file('report.json'), [`${JSON.stringify(report)}\n`], unwritableCode);
    await this.setState({ heads: headResultsOf(report) });
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
    const file = this.file('checkpoints', `${name}.safetensors`);
    await writeSafetensors(file, tensors, metadata, unwritableCode);
    return file;
  }

  /** Names of the checkpoints, in the order of their names. */
  async checkpoints(): Promise<string[]> {
    const names = await readdir(this.file('checkpoints')).catch(() => []);
    return names
      .filter((name) => name.endsWith('.safetensors') && !name.startsWith('.'))
      .map((name) => basename(name, '.safetensors'))
      .sort();
  }

  /** Removes all checkpoints but the `count` newest. */
  async keepCheckpoints(count: number): Promise<void> {
    const ages = await Promise.all(
      (await this.checkpoints()).map(async (name) => {
        const file = this.file('checkpoints', `${name}.safetensors`);
        return { file, written: (await stat(file)).mtimeMs };
      }),
    );
    ages.sort((a, b) => b.written - a.written);
    for (const { file } of ages.slice(count)) await rm(file, { force: true });
  }

  readCheckpoint(name: string): Safetensors {
    return readSafetensors(this.file('checkpoints', `${name}.safetensors`));
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
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.') || 'its content';
    throw new UserError('run-damaged', `${file} is damaged (${where}: ${issue?.message}). Train again.`, file);
  }
}

/** What an event says that the list of runs shows. */
function stateToldBy(event: JobEvent): Partial<RunState> | undefined {
  switch (event.event) {
    case 'started':
      return { device: event.device, steps: event.stages.reduce((sum, stage) => sum + stage.steps, 0) };
    case 'step':
      return { step: event.step, steps: event.steps };
    case 'epoch':
    case 'done':
      return { heads: event.heads };
    default:
      return undefined;
  }
}
