// From the page's filters to a condition on the table of samples (`sampleTable.ts`). Every value is a parameter; lists travel as
// text, since parameters are single values.
import type { SampleFilters } from '../protocol/datasetQueries.ts';
import type { SqlParams } from './duckdb.ts';
import type { SampleTable } from './sampleTable.ts';

export type FilterName = keyof SampleFilters;

export interface Condition {
  /** After WHERE; "true" where nothing is asked. */
  sql: string;
  params: SqlParams;
}

type Table = Pick<SampleTable, 'classes' | 'kinds' | 'guesses' | 'tags'>;

/** A number for width × height, as the table has it. */
export function sizeKey(width: number, height: number): number {
  return width * 65536 + height;
}

/** The condition of all filters but `without`. */
export function conditionOf(table: Table, filters: SampleFilters, without: readonly FilterName[] = []): Condition {
  const parts: string[] = [];
  const params: Record<string, string | number | boolean> = {};
  const add = (sql: string, values: typeof params = {}) => {
    parts.push(sql);
    Object.assign(params, values);
  };
  const used = <K extends FilterName>(name: K): SampleFilters[K] =>
    without.includes(name) ? undefined : filters[name];

  const splits = used('splits');
  const labels = used('labels');
  if (splits || labels) add(anyOf('class', 'classes'), { classes: classesOf(table, splits, labels).join(',') });
  const text = used('text');
  if (text !== undefined && text !== '') add(`contains(${pathFor(text)}, $text)`, { text: text.toLowerCase() });
  const predicted = used('predicted');
  if (predicted) add(anyOf('predicted', 'predicted'), { predicted: numbersOf(table.guesses, predicted) });
  const correctness = used('correctness');
  if (correctness === 'none') add('predicted IS NULL');
  else if (correctness) add('correct = $correct', { correct: correctness === 'correct' });
  const confidence = used('confidence');
  if (confidence) {
    const [least, most] = confidence;
    add(`probability >= $least AND probability ${most >= 1 ? '<=' : '<'} $most`, { least, most });
  }
  const excluded = used('excluded');
  if (excluded !== undefined) add('excluded = $excluded', { excluded });
  const findings = used('findings');
  if (findings) {
    const kinds = numbersOf(
      table.kinds.map(({ kind }) => kind),
      findings,
    );
    add(`place IN (SELECT place FROM flags WHERE ${anyOf('kind', 'kinds')})`, { kinds });
  }
  const tags = used('tags');
  if (tags)
    add(`place IN (SELECT place FROM tagged WHERE ${anyOf('tag', 'tags')})`, { tags: numbersOf(table.tags, tags) });
  const sizes = used('sizes');
  if (sizes)
    add(anyOf('size', 'sizes', 'BIGINT'), { sizes: sizes.map(([width, height]) => sizeKey(width, height)).join(',') });
  const seconds = used('seconds');
  if (seconds) {
    const [shortest, longest] = seconds;
    add('seconds >= $shortest', { shortest });
    if (longest !== null) add('seconds < $longest', { longest });
  }
  return { sql: parts.length === 0 ? 'true' : parts.join(' AND '), params };
}

/** Numbers of the classes that the filters leave. */
export function classesOf(
  { classes }: Pick<Table, 'classes'>,
  splits: readonly string[] | undefined,
  labels: readonly string[] | undefined,
): number[] {
  const wantedSplits = splits && new Set(splits);
  const wantedLabels = labels && new Set(labels);
  return classes.flatMap(({ split, label }, number) =>
    (wantedSplits?.has(split) ?? true) && (wantedLabels?.has(label) ?? true) ? [number] : [],
  );
}

/** To make letters small takes as long as the search: digits need it not. */
function pathFor(text: string): string {
  return /^[\x20-\x40\x5b-\x60\x7b-\x7e]*$/.test(text) ? 'path' : 'lower(path)';
}

function anyOf(column: string, name: string, type = 'INTEGER'): string {
  return `${column} IN (SELECT unnest(string_split(nullif($${name}, ''), ',')::${type}[]))`;
}

function numbersOf(all: readonly string[], wanted: readonly string[]): string {
  return wanted
    .map((one) => all.indexOf(one))
    .filter((number) => number >= 0)
    .join(',');
}
