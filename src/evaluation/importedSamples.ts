// Which rows of an imported file are of the samples of a split. What names another sample that the workspace has (of another
// split, of another dataset, or excluded) names none of the split, however it ends.

import { listDatasets, readSamples } from '../data/datasetIndex.ts';
import { knownSamples } from '../data/editQueries.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { DatasetSplit } from './datasetSplit.ts';
import type { ImportedRow } from './importedRow.ts';
import { sampleFinder } from './sampleFinder.ts';

export interface PlacedRow extends ImportedRow {
  /** Absent where the file alone says what there is. */
  found?: Sample;
}

export async function rowsOfSplit(
  workspace: string,
  { dataset, split, samples }: DatasetSplit,
  rows: readonly ImportedRow[],
): Promise<PlacedRow[]> {
  const all = await readSamples(workspace, dataset);
  const others = all.filter((sample) => sample.split !== split);
  const find = sampleFinder(samples, others);
  const names = rows.map(({ sample }) => sample);
  const isElsewhere = await namedElsewhere(workspace, dataset, new Set(all.map(({ id }) => id)), names);
  return rows.flatMap((row) => {
    const found = isElsewhere(row.sample) ? undefined : find(row.sample);
    return found ? [{ ...row, found }] : [];
  });
}

/** Whether a name is the id, or the path inside the dataset, of a sample that the index has beside those with `ids`. */
async function namedElsewhere(
  workspace: string,
  dataset: string,
  ids: ReadonlySet<string>,
  names: readonly string[],
): Promise<(name: string) => boolean> {
  const inside = (name: string) => `${dataset}/${name}`;
  const unknown = names.filter((name) => !ids.has(name) && !ids.has(inside(name)));
  if (unknown.length === 0) return () => false;
  const datasets = new Set((await listDatasets(workspace)).map(({ name }) => name));
  const possible = unknown.filter((name) => datasets.has(name.slice(0, name.indexOf('/'))));
  const known = await knownSamples(workspace, [...possible, ...unknown.map(inside)]);
  const elsewhere = new Set(known.map(({ id }) => id));
  return (name) => elsewhere.has(name) || elsewhere.has(inside(name));
}
