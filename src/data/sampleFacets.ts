// What the dataset page's plots show: counts of samples by class, split, size, length, confidence and so on, each under all
// filters but those that a click on the plot itself sets.
import { throwIfAborted } from '../base/errors.ts';
import type { Facets, SampleFilters } from '../protocol/datasetQueries.ts';
import type { SqlParams } from './duckdb.ts';
import { classesOf, conditionOf, type FilterName } from './sampleFilter.ts';
import { type SampleTable, searched } from './sampleTable.ts';
import { splitOrder } from './scannedClass.ts';

const confidenceBins = 20;
const mostSizes = 200;
/** Bars of the histogram of lengths. */
const lengthBins = 16;

type Ask = <Row>(
  sql: (from: string, where: string) => string,
  without: FilterName[],
  params?: SqlParams,
) => Promise<Row[]>;

/** Throws CancelledError between two counts. */
export async function facetsOf(
  table: SampleTable,
  filters: SampleFilters,
  signal: AbortSignal | undefined,
): Promise<Facets> {
  const from = await searched(table, filters.text);
  const ask: Ask = (sql, without, more = {}) => {
    throwIfAborted(signal);
    const { sql: where, params } = conditionOf(table, filters, ['text', ...without]);
    return table.database.use((database) => database.all(sql(from, where), { ...params, ...more }));
  };
  const [excluded] = await ask<Facets['excluded']>(
    (from, where) =>
      `SELECT count(*) FILTER (excluded) AS excluded, count(*) FILTER (NOT excluded) AS others FROM ${from} WHERE ${where}`,
    ['excluded'],
  );
  return {
    ...(await classFacets(table, filters, ask)),
    all: table.classes.reduce((sum, { rows }) => sum + rows, 0),
    excluded: excluded ?? { excluded: 0, others: 0 },
    tags: await tagFacets(table, ask),
    media: table.isProbed ? await mediaFacets(table, ask) : null,
    findings: await findingFacets(table, ask),
    compared: table.isCompared,
    predictions: table.hasPredictions ? await predictionFacets(table, ask) : null,
  };
}

/** One count by class tells the classes, the splits and the total. */
async function classFacets(table: SampleTable, filters: SampleFilters, ask: Ask) {
  const counts = new Map<number, number>();
  for (const { class: number, samples } of await ask<{ class: number; samples: number }>(
    (from, where) => `SELECT class, count(*) AS samples FROM ${from} WHERE ${where} GROUP BY class`,
    ['splits', 'labels'],
  ))
    counts.set(number, samples);
  const sumOf = (classes: readonly number[]) => classes.reduce((sum, number) => sum + (counts.get(number) ?? 0), 0);
  const names = [...new Set(table.classes.map(({ split }) => split))].sort((a, b) => splitOrder(a) - splitOrder(b));
  const labels = new Map<string, number[]>();
  const shown = filters.splits && new Set(filters.splits);
  for (const [number, { split, label }] of table.classes.entries()) {
    const samples = labels.get(label) ?? names.map(() => 0);
    labels.set(label, samples);
    if (shown?.has(split) ?? true) samples[names.indexOf(split)]! += counts.get(number) ?? 0;
  }
  return {
    total: sumOf(classesOf(table, filters.splits, filters.labels)),
    classes: [...labels].map(([label, samples]) => ({ label, samples })),
    splits: names.map((name) => ({ name, samples: sumOf(classesOf(table, [name], filters.labels)) })),
  };
}

async function mediaFacets(table: SampleTable, ask: Ask): Promise<Facets['media']> {
  const sizes = await ask<{ size: number | null; samples: number }>(
    (from, where) =>
      `SELECT size, count(*) AS samples FROM ${from} WHERE ${where} GROUP BY size ORDER BY samples DESC, size`,
    ['sizes'],
  );
  const known = sizes.flatMap(({ size, samples }) => (size === null ? [] : [{ size, samples }]));
  return {
    unknown: sizes.find(({ size }) => size === null)?.samples ?? 0,
    sizes: known
      .slice(0, mostSizes)
      .map(({ size, samples }) => ({ width: Math.floor(size / 65536), height: size % 65536, samples })),
    seconds: table.usualSeconds === null ? null : await lengthFacet(table.usualSeconds, ask),
  };
}

/** The steps follow from the dataset alone, so that bars stay where they are while filters change. */
async function lengthFacet(usual: number, ask: Ask): Promise<NonNullable<Facets['media']>['seconds']> {
  const step = roundStep(usual / (lengthBins - 1));
  const counts = new Array<number>(lengthBins).fill(0);
  for (const { bin, samples } of await ask<{ bin: number; samples: number }>(
    (from, where) =>
      `SELECT least(floor(seconds / $step), $last)::INTEGER AS bin, count(*) AS samples FROM ${from}
       WHERE seconds IS NOT NULL AND ${where} GROUP BY bin`,
    ['seconds'],
    { step, last: lengthBins - 1 },
  ))
    if (bin >= 0) counts[bin] = samples;
  return { from: 0, step, counts };
}

/** The least of 1, 2, 2.5, 5 × a power of ten that is not less. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1e-3)));
  return power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= least * 0.999) ?? 10);
}

async function findingFacets({ kinds }: SampleTable, ask: Ask): Promise<Facets['findings']> {
  const samples = await marked(kinds, { table: 'flags', column: 'kind', facet: 'findings' }, ask);
  return kinds.map((kind, number) => ({ ...kind, samples: samples(number) }));
}

async function tagFacets({ tags }: SampleTable, ask: Ask): Promise<Facets['tags']> {
  const samples = await marked(tags, { table: 'tagged', column: 'tag', facet: 'tags' }, ask);
  return tags.map((tag, number) => ({ tag, samples: samples(number) }));
}

/** How many samples have each of what they may have several of: in `table` a row for each sample and the number of the mark. */
async function marked(
  marks: readonly unknown[],
  { table, column, facet }: { table: 'flags' | 'tagged'; column: 'kind' | 'tag'; facet: 'findings' | 'tags' },
  ask: Ask,
): Promise<(number: number) => number> {
  if (marks.length === 0) return () => 0;
  const found = await ask<{ mark: number; samples: number }>(
    (from, where) =>
      `SELECT ${column} AS mark, count(*) AS samples
       FROM ${table} JOIN (SELECT place FROM ${from} WHERE ${where}) USING (place) GROUP BY ${column}`,
    [facet],
  );
  const samples = new Map(found.map((one) => [one.mark, one.samples]));
  return (number) => samples.get(number) ?? 0;
}

async function predictionFacets(table: SampleTable, ask: Ask): Promise<Facets['predictions']> {
  const [judged] = await ask<{ correct: number; wrong: number; none: number }>(
    (from, where) =>
      `SELECT count(*) FILTER (correct) AS correct, count(*) FILTER (NOT correct) AS wrong,
         count(*) FILTER (predicted IS NULL) AS "none" FROM ${from} WHERE ${where}`,
    ['correctness'],
  );
  const confidence = { correct: new Array(confidenceBins).fill(0), wrong: new Array(confidenceBins).fill(0) };
  for (const { bin, correct, samples } of await ask<{ bin: number; correct: boolean; samples: number }>(
    (from, where) =>
      `SELECT least(floor(probability * $bins), $bins - 1)::INTEGER AS bin, correct, count(*) AS samples FROM ${from}
       WHERE probability IS NOT NULL AND ${where} GROUP BY ALL`,
    ['confidence'],
    { bins: confidenceBins },
  ))
    confidence[correct ? 'correct' : 'wrong'][bin] = samples;
  const predicted = await ask<{ predicted: number; samples: number; correct: number }>(
    (from, where) =>
      `SELECT predicted, count(*) AS samples, count(*) FILTER (correct) AS correct FROM ${from}
       WHERE predicted IS NOT NULL AND ${where} GROUP BY predicted ORDER BY samples DESC, predicted`,
    ['predicted'],
  );
  return {
    ...(judged ?? { correct: 0, wrong: 0, none: 0 }),
    confidence,
    predicted: predicted.map(({ predicted: number, samples, correct }) => ({
      label: table.guesses[number]!,
      samples,
      correct,
    })),
  };
}
