// What Train CoVeR offers to choose from, as plain rows: each dataset with the share of the samples it will be drawn
// with (N_d / ΣN), the model sizes, the devices. Pure; `trainCommand.ts` shows them.

import { count, dotted, percent, plural } from '../base/format.ts';
import type { DatasetSummary } from '../protocol/datasets.ts';

/** Samples a dataset trains on: its `train` split where it has one, else all. */
export function trainingSamples(dataset: DatasetSummary): number {
  return dataset.splits.find((split) => split.name === 'train')?.samples ?? dataset.samples;
}

/** "moves 40.0 % · digits 60.0 %": how a batch of these datasets is mixed. '' where there is nothing to draw. */
export function mixture(datasets: readonly DatasetSummary[]): string {
  const total = datasets.reduce((sum, dataset) => sum + trainingSamples(dataset), 0);
  if (total === 0) return '';
  return dotted(...datasets.map((dataset) => `${dataset.name} ${percent(trainingSamples(dataset) / total)}`));
}

export interface Choice {
  label: string;
  description: string;
  detail?: string;
}

/** One row per dataset. The share is the one among all of them; the mixture of what is picked stands in the title. */
export function datasetChoices(datasets: readonly DatasetSummary[]): (Choice & { dataset: DatasetSummary })[] {
  const total = datasets.reduce((sum, dataset) => sum + trainingSamples(dataset), 0);
  return datasets.map((dataset) => ({
    dataset,
    label: dataset.name,
    description: dotted(
      dataset.kind,
      `${plural(trainingSamples(dataset), 'training sample')} in ${plural(dataset.classes, 'class', 'classes')}`,
      total > 0 && `drawn ${percent(trainingSamples(dataset) / total)}`,
      dataset.problems > 0 && plural(dataset.problems, 'problem'),
    ),
  }));
}

/** The model presets, smallest first. Hidden size, blocks and attention heads are those of the configuration's schema. */
export const presetChoices: readonly (Choice & { preset: string })[] = [
  preset('nano', 96, 3, 3, 'minutes on a laptop; for trying things out'),
  preset('tiny', 192, 12, 3, 'small datasets, or a fast machine'),
  preset('small', 384, 12, 6, 'needs an accelerator, or patience'),
  preset('base', 768, 12, 12, 'TimeSformer’s size'),
  preset('large', 1024, 24, 16, 'the size in the CoVeR paper'),
];

function preset(name: string, hidden: number, blocks: number, heads: number, meant: string) {
  return {
    preset: name,
    label: name,
    description: dotted(`hidden size ${count(hidden)}`, plural(blocks, 'block'), plural(heads, 'attention head')),
    detail: meant,
  };
}
