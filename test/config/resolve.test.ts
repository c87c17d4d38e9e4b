// Every choice is made once: what cover.json leaves open, what a run frozen by an earlier version reads as.
import { expect, test } from 'vitest';
import { type ExperimentInput, workspaceSchema } from '../../src/config/experiment.ts';
import { resolveExperiment } from '../../src/config/resolve.ts';
import { resolvedExperimentSchema } from '../../src/config/resolved.ts';

const datasets = { moves: { kind: 'video', path: 'moves', format: 'classFolders' } } as const;
const available = [
  { name: 'moves', kind: 'video', heldOut: 'val', trainSamples: 640, classes: ['left', 'right'] },
] as const;

function resolve(experiment: ExperimentInput) {
  const config = workspaceSchema.parse({ datasets, experiments: { first: experiment } });
  return resolveExperiment(
    config,
    available.map((dataset) => ({ ...dataset, classes: [...dataset.classes] })),
  );
}

test('a plain experiment trains as it always did: nothing is mixed, averaged, left out or scaled', () => {
  const { stages, model, ...experiment } = resolve({});
  expect(stages).toEqual([
    {
      name: 'coTraining',
      datasets: ['moves'],
      epochs: 63,
      stepsPerEpoch: 20,
      batchSize: 32,
      optimizer: {
        name: 'adamw',
        learningRate: 1e-3,
        weightDecay: 0.05,
        momentum: 0.9,
        betas: [0.9, 0.999],
        epsilon: 1e-8,
        clipNorm: 1,
        headLearningRate: 1,
        layerDecay: 1,
      },
      warmUp: 0.1,
      schedule: { name: 'cosine', milestones: [0.75, 0.93], gamma: 0.1, minimumRate: 0 },
      labelSmoothing: 0.1,
      mixup: 0,
      cutmix: 0,
      mixupProbability: 1,
      dropPath: 0,
      dropout: 0,
      accumulate: 1,
      averageDecay: 0,
    },
  ]);
  expect(model.attention).toBe('divided');
  expect(experiment).toMatchObject({ precision: 'auto', checkpointing: false, checkpointMinutes: 10 });
});

test('what is written is taken, and survives being frozen', () => {
  const frozen = resolve({
    model: { attention: 'joint' },
    coTraining: { accumulate: 4, averageDecay: 0.999, mixup: 0.8, schedule: { name: 'step', milestones: [11, 14] } },
    checkpointMinutes: 2,
    checkpointSteps: 50,
  });
  expect(frozen.stages[0]).toMatchObject({ accumulate: 4, averageDecay: 0.999, mixup: 0.8 });
  expect(frozen.stages[0]!.schedule).toEqual({ name: 'step', milestones: [11, 14], gamma: 0.1, minimumRate: 0 });
  expect(resolvedExperimentSchema.parse(JSON.parse(JSON.stringify(frozen)))).toEqual(frozen);
});

test('a run frozen before a setting existed reads as what it did', () => {
  const { precision: _, checkpointing: __, checkpointMinutes: ___, ...before } = resolve({});
  const stages = before.stages.map(
    ({ schedule: _, mixup: __, accumulate: ___, averageDecay: ____, ...stage }) => stage,
  );
  expect(resolvedExperimentSchema.parse({ ...before, stages })).toEqual(resolve({}));
});

test('a batch that cannot be cut into equal parts is refused', () => {
  expect(() => resolve({ coTraining: { batchSize: 10, accumulate: 4 } })).toThrow('4 equal parts');
});
