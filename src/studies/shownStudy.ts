// Studies as pages show them: which there are, how far each is, its tables, and who helps whom as a matrix.
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UserError } from '../base/errors.ts';
import type { RunSummary } from '../protocol/runs.ts';
import type { ShownStudy, StudySummary, TransferMatrix } from '../protocol/studies.ts';
import { openRun } from '../runs/runFolder.ts';
import { armsOf } from './plan.ts';
import { type ComparedTable, type Outcome, type Statistic, statistic, tablesOf } from './statistics.ts';
import { type StoredStudy, StudyFolder } from './studyFolder.ts';
import { tableTexts } from './studyReport.ts';
import { secondsLeft } from './timeLeft.ts';

/** Every study of the workspace, by name. A damaged one is passed over: opening it says what is wrong. */
export async function listStudies(workspace: string): Promise<StudySummary[]> {
  const folder = join(resolve(workspace), '.cover', 'studies');
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const studies = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => StudyFolder.open(workspace, entry.name).catch(() => undefined)),
  );
  return studies
    .flatMap((study) => (study ? [summaryOf(study.stored)] : []))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Throws UserError: `no-study`, `study-damaged`. */
export async function shownStudy(workspace: string, name: string): Promise<ShownStudy> {
  const study = await StudyFolder.open(workspace, name);
  if (!study) throw new UserError('no-study', `There is no study "${name}" in ${workspace}.`);
  const { stored, folder } = study;
  const arms = armsOf(stored.study, stored.datasets);
  const outcomes = new Map<string, Outcome>();
  for (const [key, { run, outcome }] of Object.entries(stored.runs))
    if (outcome) outcomes.set(key, { run, ...outcome });
  const isWhole = arms.every(({ key }) => outcomes.has(key));
  const tables = isWhole ? tablesOf(stored.study, stored.datasets, outcomes) : [];
  const done = Object.values(stored.runs).flatMap(({ outcome }) => outcome ?? []);
  const transfer = tables.find(({ comparison }) => comparison === 'transfer');
  const shown = await Promise.all(
    arms.map(async ({ key, title, seed, role }) => {
      const outcome = outcomes.get(key);
      const [run, done] = [stored.runs[key]?.run ?? null, outcome !== undefined];
      const state = run === null || done ? undefined : await stateOf(workspace, run);
      const far = { step: outcome?.steps ?? state?.step ?? 0, steps: outcome?.steps ?? state?.steps ?? 0 };
      const [training, failed] = [state?.state === 'running', state?.state === 'failed'];
      const known = {
        title,
        seed,
        run,
        done,
        training,
        failed,
        ...far,
        seconds: stored.runs[key]?.outcome?.seconds ?? null,
      };
      return { ...known, kind: role.kind, eta: state?.eta ?? null };
    }),
  );
  const took = shown.flatMap(({ kind, seconds }) => (seconds === null ? [] : [{ kind, seconds }]));
  const left = shown
    .filter((arm) => !arm.done && !arm.training)
    .map(({ kind, step, steps }) => ({ kind, share: steps > 0 ? step / steps : 0 }));
  return {
    ...summaryOf(stored),
    folder,
    protocols: [...new Set(done.map(({ protocol }) => protocol))],
    devices: [...new Set(done.map(({ device }) => device))],
    seconds: done.reduce((sum, { seconds }) => sum + seconds, 0),
    arms: shown.map(({ kind, eta, ...arm }) => arm),
    eta: shown.find(({ training }) => training)?.eta ?? null,
    later: secondsLeft(left, took),
    tables: tables.map((table) => ({ ...plainTable(table), ...tableTexts(table.comparison) })),
    transfer: transfer ? transferMatrix(transfer) : null,
  };
}

/** How far a run is that was begun; undefined of one that is gone, or cannot be read: nobody trains it. */
async function stateOf(workspace: string, run: string): Promise<RunSummary | undefined> {
  return openRun(workspace, run).then(
    (folder) => folder.summary(),
    () => undefined,
  );
}

/** How far a study is. */
export function summaryOf({ name, study, experiment, datasets, runs }: StoredStudy): StudySummary {
  const arms = armsOf(study, datasets);
  return {
    name,
    experiment: experiment.name,
    compare: [...study.compare],
    seeds: [...study.seeds],
    finished: arms.filter(({ key }) => runs[key]?.outcome).length,
    runs: arms.length,
  };
}

/** The table of transfer turned round: from whom, to whom, and what it brought. */
export function transferMatrix({ arms, rows }: ComparedTable): TransferMatrix {
  const scratch = 'scratch';
  const sources = [scratch, ...arms.filter((arm) => arm !== scratch)];
  return {
    sources,
    targets: rows.map(({ dataset }) => dataset),
    accuracies: sources.map((source) => rows.map((row) => plain(row.arms[source]))),
    gains: sources.map((source) =>
      rows.map((row) => (source === scratch ? null : gain(row.arms[source], row.arms[scratch]))),
    ),
  };
}

/** Seed by seed: the same seed began with the same weights and drew the same samples. */
function gain(value: Statistic | null | undefined, scratch: Statistic | null | undefined) {
  if (!value || !scratch || value.values.length !== scratch.values.length) return null;
  return plain(statistic(value.values.map((each, seed) => each - scratch.values[seed]!)));
}

function plain(value: Statistic | null | undefined) {
  return value ? { ...value, values: [...value.values] } : null;
}

/** The same with lists that may be handed on. */
function plainTable({ comparison, arms, rows, mean, over }: ComparedTable) {
  const numbers = (values: Readonly<Record<string, readonly number[]>>) =>
    Object.fromEntries(Object.entries(values).map(([arm, each]) => [arm, [...each]]));
  const statistics = (values: Readonly<Record<string, Statistic | null>>) =>
    Object.fromEntries(Object.entries(values).map(([arm, value]) => [arm, plain(value)]));
  return {
    comparison,
    arms: [...arms],
    rows: rows.map((row) => ({
      dataset: row.dataset,
      arms: statistics(row.arms),
      differences: statistics(row.differences),
      seen: numbers(row.seen),
      steps: numbers(row.steps),
      samples: [...row.samples],
      missing: [...row.missing],
      ...(row.sources && { sources: numbers(row.sources) }),
    })),
    mean: { arms: statistics(mean.arms), differences: statistics(mean.differences) },
    over: { ...over },
  };
}
