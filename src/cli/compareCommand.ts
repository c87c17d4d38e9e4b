// `cover compare RUN RUN…`: runs beside one another, head by head; a difference is shown with its sign whatever it is.
import { UserError } from '../base/errors.ts';
import { count, percent, points } from '../base/format.ts';
import { type ComparedHead, compareRuns } from '../evaluation/compareRuns.ts';
import { compareSettings, type DifferentSetting } from '../evaluation/compareSettings.ts';
import { openRun } from '../runs/runFolder.ts';
import type { Context, ExitCode } from './context.ts';
import { printable, table } from './tables.ts';

export async function compareCommand({ workspace, output, colour }: Context, names: string[]): Promise<ExitCode> {
  if (names.length < 2) throw new UserError('usage', 'Name two runs at least: cover compare RUN RUN…');
  const comparison = await compareRuns(workspace, names);
  const { settings, none } = await compareSettings(await Promise.all(names.map((name) => openRun(workspace, name))));
  output.event({ event: 'comparison', ...comparison, settings });
  const parts = comparison.heads.map((head) => headText(head, colour));
  const { heads, means, runs } = comparison;
  const common = heads.filter((head) => head.runs.length === runs.length).length;
  if (common > 1) {
    const [first] = means;
    const rows = means.map(({ run, top1 }, i) => [run, percent(top1), i === 0 ? '' : points(top1, first?.top1)]);
    parts.push(`Mean of ${common} heads:\n${table(['run', 'top-1', 'difference'], rows, 1, colour)}`);
  }
  if (none.length === 0) parts.push(settingsText(settings, runs, colour));
  output.result(parts.join('\n\n'));
  for (const { head, warnings } of comparison.heads)
    for (const warning of warnings) output.note(`Warning, ${head}: ${warning}`);
  return 0;
}

function headText({ head, runs, differences }: ComparedHead, colour: boolean): string {
  const rows = runs.map(({ run, top1, top1Interval, top5, meanClass, samples, missing, split, protocol }) => [
    ...[run, `${split}, ${protocol}`, percent(top1), interval(top1Interval), percent(top5), percent(meanClass)],
    ...[count(samples), count(missing)],
  ]);
  const header = ['run', 'protocol', 'top-1', '95 % interval', 'top-5', 'mean class', 'judged', 'missing'];
  const lines = differences.map(({ first, second, common, difference, interval, rightInFirst, rightInSecond, p }) => {
    const range = interval === null ? '' : ` (95 %: ${points(interval[0], 0)} … ${points(interval[1], 0)})`;
    const told = `${second} − ${first} on ${count(common)} common samples: ${points(difference, 0)}${range}`;
    return `${told}; right in one alone: ${count(rightInSecond)} against ${count(rightInFirst)}, McNemar p = ${p.toPrecision(2)}`;
  });
  return [`${head}:`, table(header, rows, 2, colour), ...lines.map(printable)].join('\n');
}

function settingsText(settings: readonly DifferentSetting[], runs: readonly string[], colour: boolean): string {
  if (settings.length === 0) return 'The runs have the same settings.';
  const rows = asOne(settings).map(({ setting, values }) => [
    setting,
    ...values.map((value) => shortened(value ?? '–')),
  ]);
  return `Settings that differ:\n${table(['setting', ...runs], rows, 99, colour)}`;
}

/** A stage or a dataset that some of the runs do not have at all is one row. */
export function asOne(settings: readonly DifferentSetting[]): DifferentSetting[] {
  const parts = new Map<string, DifferentSetting[]>();
  for (const one of settings) {
    const part = partOf(one.setting);
    parts.set(part, [...(parts.get(part) ?? []), one]);
  }
  return [...parts].flatMap(([part, own]) => {
    const has = own[0]!.values.map((_, run) => own.some(({ values }) => values[run] !== null));
    const isWhole =
      own.length > 1 && own.every(({ values }) => values.every((value, run) => has[run] === (value !== null)));
    if (!isWhole || has.every(Boolean)) return own;
    return [{ setting: part, values: has.map((is) => (is ? 'yes' : null)) }];
  });
}

/** `stages.coTraining` of `stages.coTraining.optimizer.name`; `datasets.NAME` of what it says of one. */
function partOf(setting: string): string {
  if (setting.startsWith('stages.')) return setting.split('.').slice(0, 2).join('.');
  return setting.startsWith('datasets.') ? setting.slice(0, setting.lastIndexOf('.')) : setting;
}

/** A list of class names would fill the screen, and nobody reads sixteen digits of a share. */
function shortened(text: string): string {
  if (/^0\.\d{5,}$/.test(text)) return String(Number(Number(text).toPrecision(4)));
  return text.length <= 48 ? text : `${text.slice(0, 47)}…`;
}

function interval(values: [number, number] | null): string {
  return values === null ? '–' : `${percent(values[0])} … ${percent(values[1])}`;
}
