// Whether every arm of a study could be trained: asked before it is begun, since then it is frozen as it is.
import type { WorkspaceConfig } from '../config/experiment.ts';
import { type AvailableDataset, resolveExperiment } from '../config/resolve.ts';
import type { ResolvedStage } from '../config/resolved.ts';
import { stepsOf } from '../config/stages.ts';
import { armsOf, experimentOf, type Finished, ofArm, type StudyDataset } from './plan.ts';
import type { StoredStudy } from './studyFolder.ts';

/** What a dataset may hold: which settings fit together does not depend on it. */
const assumed = { heldOut: 'val', trainSamples: 1000, classes: ['a', 'b'] } satisfies Partial<AvailableDataset>;

/** Throws UserError, as a start of the first arm that cannot be trained would. */
export function checkArms(
  {
    study,
    experiment,
    datasets,
  }: Pick<StoredStudy, 'study' | 'experiment'> & { readonly datasets: readonly StudyDataset[] },
  config: WorkspaceConfig,
): void {
  const finished = new Map<string, Finished>();
  // One seed's arms are those of any other.
  for (const arm of armsOf({ ...study, seeds: study.seeds.slice(0, 1) }, datasets)) {
    const own = datasets
      .filter(({ name }) => arm.datasets.includes(name))
      .map((dataset) => ({ ...dataset, ...assumed }));
    try {
      const given = {
        name: experiment.name,
        experiment: experimentOf(arm, experiment.config, study, finished),
        beside: [],
      };
      const { stages } = resolveExperiment(config, own, { given });
      finished.set(arm.key, {
        run: arm.key,
        stages: Object.fromEntries(stages.map((stage) => [stage.name, drawnBy(stage)])),
      });
    } catch (error) {
      throw ofArm(arm, error);
    }
  }
}

/** Samples that a stage would draw of each of its datasets. */
function drawnBy(stage: ResolvedStage): Record<string, number> {
  const all = stage.samples ?? stepsOf(stage) * stage.batchSize;
  return Object.fromEntries(Object.entries(stage.shares ?? {}).map(([name, share]) => [name, all * share]));
}
