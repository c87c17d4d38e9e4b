// Which samples of a split the names in an imported file mean. Names of other samples that the workspace has (of another split,
// of another dataset, or excluded) mean none of the split, however they end.

import { listDatasets, readSamples } from '../data/datasetIndex.ts';
import { knownSamples } from '../data/editQueries.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { DatasetSplit } from './datasetSplit.ts';
import { sampleFinder } from './sampleFinder.ts';

export async function importedSamples(
  workspace: string,
  { dataset, split, samples }: DatasetSplit,
  names: readonly string[],
): Promise<(name: string) => Sample | undefined> {
  const all = await readSamples(workspace, dataset);
  const others = all.filter((sample) => sample.split !== split);
  const find = sampleFinder(samples, others);
  const isElsewhere = await namedElsewhere(workspace, dataset, new Set(all.map(({ id }) => id)), names);
  return (name) => (isElsewhere(name) ? undefined : find(name));
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
