// A study's numbers as they are read: means with deviations, differences always with their sign. Pure.
import type { CsvCell } from '../../src/base/csv.ts';
import { count, percentNumber } from '../../src/base/format.ts';
import type { StudyStatistic, StudyTable } from '../../src/protocol/studies.ts';

type Value = StudyStatistic | null | undefined;

/** "71.2 ± 0.8"; one seed has no deviation. */
export function accuracyText(value: Value): string {
  if (!value) return '–';
  return `${percentNumber(value.mean)}${value.deviation === null ? '' : ` ± ${percentNumber(value.deviation)}`}`;
}

/** "−1.2 ± 0.3" in points; "±0.0" where it is nothing. */
export function differenceText(value: Value): string {
  if (!value) return '–';
  const size = percentNumber(Math.abs(value.mean));
  const sign = Number(size) === 0 ? '±' : value.mean < 0 ? '−' : '+';
  return `${sign}${size}${value.deviation === null ? '' : ` ± ${percentNumber(value.deviation)}`}`;
}

/** The values of the seeds, for a tooltip. */
export function seedsText(value: Value, seeds: readonly number[]): string {
  if (!value) return '';
  return value.values.map((each, i) => `seed ${seeds[i] ?? i + 1}: ${percentNumber(each, 2)}`).join('\n');
}

/** One number where all are the same, else from the least to the most. */
export function rangeText(numbers: readonly number[]): string {
  if (numbers.length === 0) return '–';
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return least === most ? count(least) : `${count(least)}–${count(most)}`;
}

/** A table for a spreadsheet: a row per dataset and arm, a column per seed. */
export function tableRows({ arms, rows }: StudyTable, seeds: readonly number[]): CsvCell[][] {
  const header = [
    'dataset',
    'arm',
    'top1_mean',
    'top1_deviation',
    'first_minus_this_mean',
    'first_minus_this_deviation',
  ];
  return [
    [...header, ...seeds.map((seed) => `top1_seed_${seed}`), 'samples_seen', 'judged', 'missing'],
    ...rows.flatMap((row) =>
      arms.map((arm): CsvCell[] => {
        const [value, difference] = [row.arms[arm], row.differences[arm]];
        return [
          ...[row.dataset, arm, value?.mean, value?.deviation, difference?.mean, difference?.deviation],
          ...seeds.map((_, i) => value?.values[i]),
          ...[rangeText(row.seen[arm] ?? []), rangeText(row.samples), rangeText(row.missing)],
        ];
      }),
    ),
  ];
}
