// One split of one dataset of the workspace, as the index has it now: what a model or predictions from elsewhere are judged on.
import { UserError } from '../base/errors.ts';
import type { DatasetConfig, WorkspaceConfig } from '../config/experiment.ts';
import { requireWorkspace } from '../config/workspace.ts';
import { readSamples } from '../data/datasetIndex.ts';
import { indexProgress } from '../data/indexProgress.ts';
import { heldOutSplit } from '../data/splits.ts';
import { updateIndex } from '../data/updateIndex.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { JobEvent } from '../protocol/events.ts';

export interface DatasetSplit {
  dataset: string;
  kind: Sample['kind'];
  split: string;
  samples: Sample[];
  /** Of the whole dataset, in the order that heads of our runs have them. */
  classes: string[];
}

/** Throws UserError `no-dataset`. */
export function requireDataset({ datasets }: WorkspaceConfig, name: string): DatasetConfig {
  const known = Object.hasOwn(datasets, name) ? datasets[name] : undefined;
  if (known) return known;
  const names = Object.keys(datasets).join(', ');
  throw new UserError('no-dataset', `There is no dataset "${name}" in cover.json; it has ${names || 'none'}.`);
}

/** Brings the index up to date first. Throws UserError `no-dataset`, `no-split`. */
export async function readSplit(
  workspace: string,
  dataset: string,
  { split: asked, signal }: { split?: string | undefined; signal?: AbortSignal | undefined },
  onEvent: (event: JobEvent) => void,
): Promise<DatasetSplit> {
  const config = await requireWorkspace(workspace, { datasets: [dataset] }, (problem) =>
    onEvent({ event: 'problem', problem }),
  );
  const known = requireDataset(config, dataset);
  await updateIndex(workspace, config, { signal, onProgress: indexProgress(onEvent) });
  const all = await readSamples(workspace, dataset);
  const splits = [...new Set(all.map(({ split }) => split))];
  const split = asked ?? heldOutSplit(splits);
  const samples = all.filter((sample) => sample.split === split);
  if (split === undefined || samples.length === 0)
    throw new UserError(
      'no-split',
      `The dataset "${dataset}" has no samples in ${split ?? 'val or test'}; it has ${splits.join(', ') || 'none at all'}.`,
    );
  return { dataset, kind: known.kind, split, samples, classes: [...new Set(all.map(({ label }) => label))].sort() };
}
