// A study for a person, in Markdown: accuracies with their deviations, differences with their sign, and what each was given.
import { count, duration, percentNumber, plural } from '../base/format.ts';
import type { ComparedRow, ComparedTable, Statistic } from './statistics.ts';
import type { StoredStudy } from './studyFolder.ts';

const titles: Record<ComparedTable['comparison'], string> = {
  coTraining: 'Co-trained against each dataset alone',
  transfer: 'Fine-tuned: which source is better',
  images: 'Videos with and without images',
};
const explained: Record<ComparedTable['comparison'], string> = {
  coTraining: 'Each dataset alone was trained on as many samples of it as the co-trained model drew.',
  transfer:
    'Each dataset in turn is the target, with the same fine-tuning from every source. The co-trained source was trained on all datasets but the target.',
  images: 'Without images, the videos were trained on as many samples as the co-trained model drew of them.',
};

/** A comparison in words: its title, and what was compared how. */
export function tableTexts(comparison: ComparedTable['comparison']): { title: string; explained: string } {
  return { title: titles[comparison], explained: explained[comparison] };
}

export function markdownOf({ name, study, experiment, runs }: StoredStudy, tables: readonly ComparedTable[]): string {
  const outcomes = Object.values(runs).flatMap(({ outcome }) => outcome ?? []);
  const [protocols, devices] = [outcomes.map(({ protocol }) => protocol), outcomes.map(({ device }) => device)].map(
    (values) => [...new Set(values)],
  ) as [string[], string[]];
  const seconds = outcomes.reduce((sum, { seconds }) => sum + seconds, 0);
  const lines = [
    `# Study ${cell(name)}`,
    '',
    `Experiment ${cell(experiment.name)}; ${plural(study.seeds.length, 'seed')} (${study.seeds.join(', ')}); ` +
      `${plural(outcomes.length, 'run')} in ${duration(seconds)} on ${devices.map(cell).join(', ')}.`,
    'Top-1 in % on held-out samples, mean ± standard deviation over seeds; differences are the first column minus the other, seed by seed.',
    ...protocols.map((protocol) => `Protocol: ${cell(protocol)}.`),
  ];
  for (const table of tables)
    lines.push('', `## ${titles[table.comparison]}`, '', explained[table.comparison], '', ...tableLines(table));
  return `${lines.join('\n')}\n`;
}

function tableLines({ arms, rows, mean, over }: ComparedTable): string[] {
  const [first, ...others] = arms as [string, ...string[]];
  const head = ['', ...arms, ...others.map((arm) => `${first} − ${arm}`), 'judged', 'missing', 'samples seen', 'steps'];
  const sourced = rows.some(({ sources }) => sources);
  if (sourced) head.push('samples of the source');
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  const figures = (
    { arms: values, differences }: Pick<ComparedRow, 'arms' | 'differences'>,
    of: ComparedTable['over'] = {},
  ) => [
    ...arms.map((arm) => accuracy(values[arm])),
    ...others.map((arm) => {
      const partly = of[arm] !== undefined && of[arm] < rows.length && of[arm] > 0;
      return `${difference(differences[arm])}${partly ? ` (of ${of[arm]})` : ''}`;
    }),
  ];
  return [
    line(head),
    `|---|${head
      .slice(1)
      .map(() => '--:|')
      .join('')}`,
    ...rows.map((row) =>
      line([
        row.dataset,
        ...figures(row),
        row.samples.map(count).join(' or '),
        row.missing.map(count).join(' or '),
        told(arms, row.seen),
        told(arms, row.steps),
        ...(row.sources ? [told(arms, row.sources)] : []),
      ]),
    ),
    line(['mean', ...figures(mean, over), ...Array<string>(sourced ? 5 : 4).fill('')]),
    ...(rows.some(({ samples, missing }) => samples.length > 1 || missing.length > 1)
      ? ['', 'Not all were judged on the same held-out samples: files changed while the study ran. Begin it anew.']
      : []),
  ];
}

function accuracy(value: Statistic | null | undefined): string {
  if (!value) return '–';
  return `${percentNumber(value.mean)}${value.deviation === null ? '' : ` ± ${percentNumber(value.deviation)}`}`;
}

/** With its sign, also where it is negative. */
function difference(value: Statistic | null | undefined): string {
  if (!value) return '–';
  const text = percentNumber(Math.abs(value.mean));
  const sign = Number(text) === 0 ? '±' : value.mean < 0 ? '−' : '+';
  return `${sign}${text}${value.deviation === null ? '' : ` ± ${percentNumber(value.deviation)}`}`;
}

/** One number where every arm and seed has the same, else each arm's range. */
function told(arms: readonly string[], values: Readonly<Record<string, readonly number[]>>): string {
  const range = (numbers: readonly number[]) => {
    const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
    return least === most ? count(least) : `${count(least)}–${count(most)}`;
  };
  const ranges = arms.flatMap((arm) => (values[arm] ? [range(values[arm])] : []));
  return new Set(ranges).size === 1 ? `${ranges[0]!} each` : ranges.join(' / ');
}

/** Names of datasets and studies are plain; a pipe or a line break would still break the table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
}
