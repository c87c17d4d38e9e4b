// What a schema cannot see in the stages of an experiment, and in the fine-tuning of a study: lengths given twice, batches that
// cannot be cut, datasets that are not there to be named.
import type { Problem } from '../protocol/events.ts';
import type { ExperimentConfig, StudyConfig, WorkspaceConfig } from './experiment.ts';
import { didYouMean } from './names.ts';
import type { JsonPlaces } from './places.ts';
import { batchSizeDefault } from './presets.ts';
import { type StageConfig, stageNames } from './stage.ts';
import { lengthUnits } from './stages.ts';

export function stageProblems(
  name: string,
  experiment: ExperimentConfig,
  config: WorkspaceConfig,
  places: JsonPlaces,
): Problem[] {
  const at = ['experiments', name];
  const chosen = experiment.datasets ?? [...Object.keys(config.datasets), ...(config.unreadable ?? [])];
  const problems: Problem[] = [];
  const unknown = (dataset: string) =>
    `Experiment "${name}" does not train on a dataset "${dataset}"${didYouMean(dataset, chosen) || `: it has ${chosen.join(', ') || 'none'}`}.`;
  for (const stage of stageNames) {
    const settings: Partial<StageConfig> = experiment[stage] || {};
    problems.push(...problemsOfStage([...at, stage], settings, places));
    const { datasets = [] } = settings;
    for (const [index, dataset] of datasets.entries()) {
      const place = [...at, stage, 'datasets', index];
      if (!chosen.includes(dataset)) problems.push(places.atValue('error', place, unknown(dataset)));
      else if (stage === 'imagePretraining' && config.datasets[dataset]?.kind === 'video')
        problems.push(
          places.atValue(
            'error',
            place,
            `Image pre-training trains on images, and "${dataset}" has videos. Leave it out.`,
          ),
        );
    }
  }
  const { datasetSampling, lossWeights } = experiment;
  for (const dataset of Object.keys(lossWeights))
    if (!chosen.includes(dataset))
      problems.push(places.atKey('warning', [...at, 'lossWeights', dataset], unknown(dataset)));
  if (typeof datasetSampling === 'object' && 'weights' in datasetSampling) {
    const place = [...at, 'datasetSampling', 'weights'];
    for (const dataset of Object.keys(datasetSampling.weights))
      if (!chosen.includes(dataset)) problems.push(places.atKey('warning', [...place, dataset], unknown(dataset)));
    if (!chosen.some((dataset) => (datasetSampling.weights[dataset] ?? 0) > 0))
      problems.push(
        places.atValue('error', place, 'No dataset of the experiment has a weight here above 0. Give one.'),
      );
  }
  return problems;
}

/** What is wrong with how a study's transfer fine-tunes. */
export function fineTuningProblems(name: string, { fineTuning }: StudyConfig, places: JsonPlaces): Problem[] {
  if (!fineTuning) return [];
  const at = ['studies', name, 'fineTuning'];
  const problems = problemsOfStage(at, fineTuning, places);
  if (fineTuning.datasets)
    problems.push(
      places.atKey(
        'error',
        [...at, 'datasets'],
        `Study "${name}" fine-tunes on each dataset by itself, so its fineTuning names none: remove "datasets".`,
      ),
    );
  return problems;
}

/** What is wrong with a stage whatever it trains on. */
function problemsOfStage(at: readonly string[], settings: Partial<StageConfig>, places: JsonPlaces): Problem[] {
  const problems: Problem[] = [];
  const { batchSize = batchSizeDefault, accumulate = 1 } = settings;
  if (batchSize % accumulate !== 0)
    problems.push(
      places.atValue(
        'error',
        [...at, 'accumulate'],
        `A batch of ${batchSize} samples cannot be computed in ${accumulate} equal parts: batchSize must be a multiple of accumulate.`,
      ),
    );
  const lengths = lengthUnits.filter((unit) => settings[unit] !== undefined);
  if (lengths.length > 1)
    problems.push(
      places.atKey(
        'error',
        [...at, lengths.at(-1)!],
        `${at.at(-1)} says how long it is in ${lengths.join(' and in ')}: keep one of them.`,
      ),
    );
  return problems;
}
