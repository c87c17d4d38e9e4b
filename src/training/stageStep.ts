// A stage's training step and what its batches are drawn from, as its experiment says.
import type { ResolvedExperiment, ResolvedStage } from '../config/resolved.ts';
import { plannedShares } from '../config/stages.ts';
import type { Device } from '../engine/devices.ts';
import type { ModelSpec } from '../model/modelSpec.ts';
import type { Parameter, ParameterLayout } from '../model/parameters.ts';
import type { TrainingSet } from './batches.ts';
import { optimizerOf } from './optimizer.ts';
import { precisionOn } from './precision.ts';
import { rateScale } from './rateScale.ts';
import type { DatasetSamples } from './trainingData.ts';
import { type InitialState, TrainingStep } from './trainingStep.ts';

export interface StepPlace {
  readonly spec: ModelSpec;
  readonly layout: ParameterLayout;
  readonly device: Device;
}

/** From `state` on: a checkpoint's, or weights alone. Whoever asks for the step releases it. */
export function createStep(
  experiment: ResolvedExperiment,
  stage: ResolvedStage,
  { spec, layout, device }: StepPlace,
  state: InitialState,
): Promise<TrainingStep> {
  const options = {
    spec,
    layout,
    optimizer: optimizerOf(stage),
    device,
    spatialOnly: stage.name === 'imagePretraining',
    headsOnly: stage.train === 'heads',
    heads: drawnDatasets(experiment, stage),
    rateScale: (parameter: Parameter) => rateScale(parameter, spec.depth, stage.optimizer),
    averageDecay: stage.averageDecay,
    precision: precisionOn(device, experiment.precision),
    dropPath: stage.dropPath,
    dropout: stage.dropout,
    seed: experiment.seed,
    checkpointing: experiment.checkpointing,
  };
  return TrainingStep.create(options, state);
}

/** A dataset may be among the stage's and have no share in what it draws. */
function drawnDatasets({ datasets }: ResolvedExperiment, stage: ResolvedStage): string[] {
  const shares = plannedShares(stage, datasets);
  return Object.keys(shares).filter((name) => shares[name]! > 0);
}

/** The stage's datasets in its order, each with what it is trained on. */
export function trainingSets(
  experiment: ResolvedExperiment,
  stage: ResolvedStage,
  datasets: readonly DatasetSamples[],
): TrainingSet[] {
  return stage.datasets.map((name) => ({
    dataset: experiment.datasets.find((dataset) => dataset.name === name)!,
    samples: datasets.find((dataset) => dataset.name === name)!.train,
  }));
}
