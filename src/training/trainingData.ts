// The samples of a run: what is trained on and what is held out, per dataset, with every dataset that cannot be trained on
// left out and told.
import { UserError } from '../base/errors.ts';
import { plural } from '../base/format.ts';
import type { WorkspaceConfig } from '../config/experiment.ts';
import type { AvailableDataset } from '../config/resolve.ts';
import type { ResolvedExperiment } from '../config/resolved.ts';
import { type leakedSamples, leakKey } from '../curation/findings.ts';
import { readSamples } from '../data/datasetIndex.ts';
import { type EditCounts, editCounts } from '../data/editQueries.ts';
import { heldOutSplit } from '../data/splits.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { Problem } from '../protocol/events.ts';

/** Training samples that are also held out, by `leakKey`. */
export type LeakedSamples = ReturnType<typeof leakedSamples>;

export interface DatasetSamples extends AvailableDataset {
  readonly train: readonly Sample[];
  readonly evaluation: readonly Sample[];
}

/**
 * The samples of `names`, from the index. A dataset with one class or without training samples goes to `onProblem` and is
 * left out; one without held-out samples is told there, too. Throws UserError where none is left.
 */
export async function readTrainingData(
  workspace: string,
  config: WorkspaceConfig,
  names: readonly string[],
  onProblem: (problem: Problem) => void,
  leaks?: LeakedSamples,
): Promise<DatasetSamples[]> {
  const found: DatasetSamples[] = [];
  const edits = await editCounts(workspace);
  for (const name of names) {
    const { kind } = config.datasets[name]!;
    const samples = await readSamples(workspace, name);
    const { train, dropped } = withoutLeaks(samples, leaks);
    const heldOut = heldOutSplit(samples.map(({ split }) => split)) ?? null;
    const evaluation = samples.filter(({ split }) => split === heldOut);
    const classes = [...new Set([...train, ...evaluation].map(({ label }) => label))].sort();
    const warn = (message: string) => onProblem({ severity: 'warning', file: workspace, dataset: name, message });
    const reason = unfit(train.length, new Set(train.map(({ label }) => label)).size);
    if (reason) warn(`The dataset "${name}" is left out: ${reason}`);
    else {
      if (evaluation.length === 0)
        warn(
          `Nothing of the dataset "${name}" is held out, so its head is not judged. Give it samples in val or, where its lists name no split, a holdOut share in cover.json.`,
        );
      const edited = editedOf(edits.get(name));
      found.push({
        name,
        kind,
        heldOut,
        ...dropped,
        ...edited,
        trainSamples: train.length,
        heldOutSamples: evaluation.length,
        classes,
        train,
        evaluation,
      });
    }
  }
  if (found.length > 0) return found;
  throw new UserError(
    'nothing-to-train',
    `There is nothing to train on: of ${plural(names.length, 'dataset')} none has training samples of at least two classes. Run "cover index" to see why.`,
  );
}

function editedOf(counts: EditCounts | undefined): Pick<AvailableDataset, 'edited'> {
  return counts && counts.excluded + counts.relabelled > 0 ? { edited: counts } : {};
}

/** What is left out, told per dataset. */
export function droppedWarnings(leaks: LeakedSamples, file: string): Problem[] {
  const counts = new Map<string, number>();
  for (const { dataset } of leaks.values()) counts.set(dataset, (counts.get(dataset) ?? 0) + 1);
  return [...counts].map(([dataset, number]) => ({
    severity: 'warning',
    file,
    dataset,
    message: `${plural(number, 'training sample')} of "${dataset}" left out of training, because the same is held out ("leaks": "drop"). "cover duplicates --only leaks" lists them.`,
  }));
}

/** The training samples that may be trained on, and where leaks are dropped, how many were, by evidence. */
function withoutLeaks(
  samples: readonly Sample[],
  leaks: LeakedSamples | undefined,
): { train: Sample[]; dropped: Pick<AvailableDataset, 'leaksDropped'> } {
  const all = samples.filter(({ split }) => split === 'train');
  if (!leaks) return { train: all, dropped: {} };
  const leaksDropped = { bytes: 0, video: 0, look: 0 };
  const train = all.filter((sample) => {
    const evidence = leaks.get(leakKey(sample))?.evidence;
    if (evidence === undefined || evidence === 'source') return true;
    leaksDropped[evidence]++;
    return false;
  });
  return { train, dropped: { leaksDropped } };
}

/** The same of a run, from the samples it was frozen with; in the order in which they were written. */
export function frozenData({ datasets }: ResolvedExperiment, samples: readonly Sample[]): DatasetSamples[] {
  return datasets.map(({ horizontalFlip: _, ...dataset }) => {
    const own = samples.filter((sample) => sample.dataset === dataset.name);
    const train = own.filter(({ split }) => split === 'train');
    if (train.length !== dataset.trainSamples) {
      throw new UserError(
        'run-damaged',
        `The run was made of ${dataset.trainSamples} training samples of "${dataset.name}", but its samples.parquet has ${train.length}. Train again.`,
      );
    }
    return { ...dataset, train, evaluation: own.filter(({ split }) => split === dataset.heldOut) };
  });
}

/** All samples of a run, as they are frozen in it. */
export function allSamples(datasets: readonly DatasetSamples[]): Sample[] {
  return [...datasets.flatMap(({ train }) => train), ...datasets.flatMap(({ evaluation }) => evaluation)];
}

function unfit(train: number, classes: number): string | undefined {
  if (train === 0) return 'it has no usable training samples.';
  if (classes < 2) return 'its training samples have one class only, and a classifier needs two to tell apart.';
  return undefined;
}
