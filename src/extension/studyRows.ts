// What "Run Study…" shows, as plain values: the studies there are to start and to go on with, what a person types, a line of progress,
// and the same as a command. Pure; `studyCommand.ts` asks.
import { count, dotted, plural, timeLeft } from '../base/format.ts';
import { asLabel } from '../base/shownText.ts';
import { studyLeft } from '../base/studyLeft.ts';
import type { JobEvent } from '../protocol/events.ts';
import type { NewStudy, StudyChoices, StudyPlan, StudySummary } from '../protocol/studies.ts';
import { progressLine } from './runRows.ts';

/** What picking a row does. */
export type StudyPick = { does: 'start' | 'goOn' | 'open'; name: string } | { does: 'new' };

export interface StudyRow {
  /** The heading that it stands under. */
  group: string;
  label: string;
  description: string;
  detail?: string;
  pick: StudyPick;
}

/** First what was begun and is not finished, then what cover.json has, then a new one. `running`: those at work in this window. */
export function studyRows({ written, begun }: StudyChoices, running: (name: string) => boolean): StudyRow[] {
  const what = ({ experiment, compare, seeds }: Pick<StudySummary, 'experiment' | 'compare' | 'seeds'>) =>
    asLabel(dotted(`${experiment}: ${compare.join(', ')}`, seedsLine(seeds)));
  const far = ({ finished, runs }: StudySummary) => `${count(finished)} of ${plural(runs, 'run')} finished`;
  const rows = begun
    .filter(({ finished, runs }) => finished < runs)
    .map((study): StudyRow => {
      const { name } = study;
      const isRunning = running(name);
      return {
        group: 'Begun and not finished',
        label: asLabel(name),
        description: what(study),
        detail: isRunning ? `${far(study)}, running now` : `${far(study)}: goes on with the rest`,
        pick: { does: isRunning ? 'open' : 'goOn', name },
      };
    });
  const known = new Map(begun.map((study) => [study.name, study]));
  for (const study of written) {
    const done = known.get(study.name);
    if (done && done.finished < done.runs) continue; // above
    rows.push({
      group: 'Of cover.json',
      label: asLabel(study.name),
      description: what(study),
      ...(done && { detail: 'finished: opens its tables' }),
      pick: { does: done ? 'open' : 'start', name: study.name },
    });
  }
  return [...rows, { group: 'Another', label: 'New comparison…', description: '', pick: { does: 'new' } }];
}

function seedsLine(seeds: readonly number[]): string {
  return `${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`;
}

/** Seeds as they were typed; a sentence where they are none. */
export function seedsOf(text: string): number[] | string {
  const words = text.split(/[\s,;]+/).filter(Boolean);
  const seeds = words.map(Number);
  const wrong = words.find((word, i) => !/^\d+$/.test(word) || !Number.isSafeInteger(seeds[i]));
  if (wrong !== undefined) return `"${wrong}" is no whole number from 0 on.`;
  return words.length === 0 ? 'At least one seed is needed, for example 1.' : [...new Set(seeds)];
}

/** The name of a new comparison: what it compares, with a number where that is taken. */
export function nameOf(
  compare: readonly string[],
  { written, begun }: Pick<StudyChoices, 'written' | 'begun'>,
): string {
  const taken = new Set([...written, ...begun].map(({ name }) => name.toLowerCase())); // some disks do not tell case
  const name = compare.join('-');
  for (let i = 1; ; i++) {
    const numbered = i === 1 ? name : `${name}-${i}`;
    if (!taken.has(numbered.toLowerCase())) return numbered;
  }
}

/** "7 runs to train", "4 of 7 runs left to train". */
export function planLine({ finished, runs }: Pick<StudyPlan, 'finished' | 'runs'>): string {
  return finished === 0
    ? `${plural(runs, 'run')} to train`
    : `${count(runs - finished)} of ${plural(runs, 'run')} left to train`;
}

export type Arm = Extract<JobEvent, { event: 'arm' }>;

/** Which run it is and what that does, with the time that all runs still take; of the first run, whose time nobody knows yet, its own. */
export function studyLine(arm: Arm | undefined, event: JobEvent, secondsSince: number): string | undefined {
  const run = arm && `Run ${count(arm.number)} of ${count(arm.of)}: ${arm.title}, seed ${arm.seed}`;
  if (!arm || event.event === 'arm') return run ?? progressLine(event);
  if (event.event === 'step')
    return dotted(
      run,
      `step ${count(event.step)} of ${count(event.steps)}`,
      `${event.clipsPerSecond.toFixed(event.clipsPerSecond < 10 ? 1 : 0)} clips/s`,
      studyLeft(event.eta, arm.later),
    );
  const left = arm.eta === null ? '' : timeLeft(Math.max(1, arm.eta - secondsSince));
  const doing = progressLine(event);
  return doing && dotted(run, doing, left);
}

/** As after `cover`. */
export function studyArguments(name: string, study: NewStudy | undefined): string[] {
  if (!study) return ['study', name];
  const { compare, experiment, seeds } = study;
  const of = experiment === undefined ? [] : ['--experiment', experiment];
  return ['study', name, '--compare', compare.join(','), ...of, '--seeds', seeds.join(',')];
}
