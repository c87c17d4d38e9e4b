// Runs a study: every arm one after the other, each a run like any other, and tables when all are finished. Stopped anywhere,
// it goes on where it stood: finished runs stay, the one that was stopped is resumed.
import { basename } from 'node:path';
import { throwIfAborted, UserError } from '../base/errors.ts';
import type { TrainChoice } from '../config/resolve.ts';
import type { JobEvent } from '../protocol/events.ts';
import { openRun } from '../runs/runFolder.ts';
import { train } from '../training/train.ts';
import { openStudy, type StudyChoice } from './openStudy.ts';
import { type Arm, armsOf, experimentOf, ofArm } from './plan.ts';
import { type ComparedTable, type Outcome, tablesOf } from './statistics.ts';
import type { StudyFolder, StudyRun } from './studyFolder.ts';
import { aloneOn } from './studyOwner.ts';
import { markdownOf } from './studyReport.ts';
import { secondsLeft } from './timeLeft.ts';

export interface StudyRequest extends StudyChoice {
  readonly device?: string | undefined;
  readonly ffmpeg?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Before each run: its place among all, and the time that it and those after it will take, where there are others to go by. */
  onArm(
    arm: Arm,
    place: {
      readonly number: number;
      readonly of: number;
      readonly resumed: boolean;
      readonly eta: number | null;
      /** Of `eta` what those after it will take. */
      readonly later: number | null;
    },
  ): void;
  /** What the runs tell. */
  onEvent(event: JobEvent): void;
}

export interface StudyResult {
  readonly folder: string;
  readonly name: string;
  readonly tables: readonly ComparedTable[];
  /** The report for a person, in Markdown. */
  readonly text: string;
}

type FinishedRun = StudyRun & { outcome: NonNullable<StudyRun['outcome']> };

/** Trains what is left of the study, and writes its report. An abort stops the run under way as `train` does. Throws UserError. */
export async function runStudy(request: StudyRequest): Promise<StudyResult> {
  const onEvent = eachProblemOnce(request.onEvent);
  const { folder } = await openStudy({ ...request, onPassed: (problem) => onEvent({ event: 'problem', problem }) });
  // Opened again by the one that works on it alone: what the last one noted at its very end counts.
  return aloneOn(folder, async () => finish({ ...request, onEvent }, await openStudy(request)));
}

/** What is wrong with a dataset is found by every run again. */
function eachProblemOnce(onEvent: StudyRequest['onEvent']): StudyRequest['onEvent'] {
  const told = new Set<string>();
  return (event) => {
    const key = event.event === 'problem' ? JSON.stringify(event.problem) : undefined;
    if (key !== undefined && told.has(key)) return;
    if (key !== undefined) told.add(key);
    onEvent(event);
  };
}

async function finish(request: StudyRequest, folder: StudyFolder): Promise<StudyResult> {
  const { workspace, signal } = request;
  const { name, study, datasets, experiment } = folder.stored;
  const beside = datasets.map((dataset) => dataset.name);
  const arms = armsOf(study, datasets);
  const finished = new Map<string, FinishedRun>();
  for (const [index, arm] of arms.entries()) {
    throwIfAborted(signal, 'The study');
    let run: StudyRun | undefined = folder.stored.runs[arm.key];
    if (!run?.outcome) {
      const left = run && (await resumable(workspace, run.run));
      const took = arms.flatMap(({ key, role }) => {
        const { outcome } = finished.get(key) ?? {};
        return outcome ? [{ kind: role.kind, seconds: outcome.seconds }] : [];
      });
      const ahead = arms.slice(index).map(({ role }) => ({ kind: role.kind, share: 0 }));
      const place = {
        ...{ number: index + 1, of: arms.length },
        ...{ eta: secondsLeft(ahead, took), later: secondsLeft(ahead.slice(1), took) },
      };
      if (left === 'done') run = await concluded(request, folder, arm, run!.run);
      else {
        request.onArm(arm, { ...place, resumed: left === 'stopped' });
        const outcomes = new Map(
          [...finished].map(([key, { run, outcome }]) => [key, { run, stages: outcome.stages }]),
        );
        const given = {
          name: `${name}-${index + 1}`,
          experiment: experimentOf(arm, experiment.config, study, outcomes),
          beside,
        };
        run = await trained(request, folder, arm, left === 'stopped' ? { resume: run!.run } : { given });
      }
    }
    finished.set(arm.key, run as FinishedRun);
  }
  const outcomes = new Map<string, Outcome>([...finished].map(([key, { run, outcome }]) => [key, { run, ...outcome }]));
  const tables = tablesOf(study, datasets, outcomes);
  const text = markdownOf(folder.stored, tables);
  await folder.write('report.json', `${JSON.stringify({ name, study, datasets, tables }, undefined, 2)}\n`);
  await folder.write('report.md', text);
  return { folder: folder.folder, name, tables, text };
}

/** What became of a run that the study began: `undefined` where it is gone. */
async function resumable(workspace: string, name: string): Promise<'stopped' | 'done' | undefined> {
  try {
    const { state } = (await openRun(workspace, name)).current;
    return state === 'done' ? 'done' : 'stopped';
  } catch (error) {
    if (error instanceof UserError && error.code === 'no-run') return undefined;
    throw error;
  }
}

async function trained(
  request: StudyRequest,
  folder: StudyFolder,
  arm: Arm,
  from: { resume: string } | { given: NonNullable<TrainChoice['given']> },
): Promise<StudyRun> {
  const { workspace, device, ffmpeg, signal } = request;
  let noted: Promise<unknown> | undefined;
  // Whoever hears that a run began finds it in the study: what it tells waits for the note, in its order.
  let told = Promise.resolve();
  const { run } = await train({
    workspace,
    choice: 'given' in from ? { given: from.given, device } : { device },
    resume: 'resume' in from ? from.resume : undefined,
    ffmpeg,
    signal,
    onEvent: (event) => {
      // As soon as it has a name: a study that is killed finds it again.
      if (event.event === 'started')
        noted ??= folder.note(arm.key, { run: basename(event.run) }).catch((error: unknown) => error);
      told = told.then(async () => {
        await noted;
        request.onEvent(event);
      });
    },
  })
    .finally(() => told)
    .catch((error: unknown) => {
      throw ofArm(arm, error);
    });
  const failure = await noted;
  if (failure !== undefined) throw failure;
  return concluded(request, folder, arm, basename(run));
}

/** Notes what a finished run came to, as its own folder tells it. */
async function concluded({ workspace }: StudyRequest, folder: StudyFolder, arm: Arm, name: string): Promise<StudyRun> {
  const run = await openRun(workspace, name);
  const events = await run.events();
  const { heads, device, steps, seconds } = run.current;
  const { protocol } = await run.readReport();
  const outcome = { heads, stages: drawnByStage(events), steps, protocol, device, seconds };
  const finished: StudyRun = { run: name, outcome };
  await folder.note(arm.key, finished);
  return finished;
}

/** A run counts what it drew over all of its stages; its events tell what it had come to at the end of each. */
function drawnByStage(events: readonly JobEvent[]): Record<string, Record<string, number>> {
  const stages: Record<string, Record<string, number>> = {};
  const steps = events.filter((event) => event.event === 'step');
  for (const name of new Set(steps.map(({ stage }) => stage))) {
    const end = steps.findLast(({ stage }) => stage === name)!.drawn;
    const before = steps[steps.findIndex(({ stage }) => stage === name) - 1]?.drawn ?? {};
    stages[name] = Object.fromEntries(
      Object.entries(end).map(([dataset, drawn]) => [dataset, drawn - (before[dataset] ?? 0)]),
    );
  }
  return stages;
}
