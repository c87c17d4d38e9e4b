// Every choice is made once: what cover.json leaves open, what a run frozen by an earlier version reads as.
import { expect, test } from 'vitest';
import { type ExperimentInput, workspaceSchema } from '../../src/config/experiment.ts';
import { resolveExperiment } from '../../src/config/resolve.ts';
import { resolvedExperimentSchema } from '../../src/config/resolved.ts';
import { stepsOf } from '../../src/config/stages.ts';

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
      shares: { moves: 1 },
      train: 'all',
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

const three = [
  { name: 'moves', kind: 'video', heldOut: 'val', trainSamples: 900, classes: ['left', 'right'] },
  { name: 'acts', kind: 'video', heldOut: 'val', trainSamples: 400, classes: ['a', 'b'] },
  { name: 'things', kind: 'image', heldOut: 'val', trainSamples: 100, classes: ['x', 'y'] },
] as const;

function resolveThree(experiment: ExperimentInput, choice = {}) {
  const folder = (kind: 'video' | 'image') => ({ kind, path: 'x', format: 'classFolders' }) as const;
  const config = workspaceSchema.parse({
    datasets: { moves: folder('video'), acts: folder('video'), things: folder('image') },
    experiments: { first: experiment },
  });
  return resolveExperiment(
    config,
    three.map((dataset) => ({ ...dataset, classes: [...dataset.classes] })),
    choice,
  );
}

test.each<[NonNullable<ExperimentInput['datasetSampling']>, number[]]>([
  ['proportional', [9 / 14, 4 / 14, 1 / 14]],
  ['uniform', [1 / 3, 1 / 3, 1 / 3]],
  ['sqrt', [30 / 60, 20 / 60, 10 / 60]],
  [{ temperature: 1 }, [9 / 14, 4 / 14, 1 / 14]],
  [{ temperature: 2 }, [30 / 60, 20 / 60, 10 / 60]],
  [{ weights: { moves: 1, things: 3 } }, [0.25, 0, 0.75]],
])('drawn %j: %j', (datasetSampling, expected) => {
  const { stages } = resolveThree({ datasetSampling, imagePretraining: false });
  const shares = stages[0]!.shares!;
  for (const [i, { name }] of three.entries()) expect(shares[name]).toBeCloseTo(expected[i]!, 12);
});

test('a last stage has its own datasets, length, augmentation and parts', () => {
  const { stages, datasets, augmentation } = resolveThree({
    datasetSampling: { weights: { moves: 1, things: 1 } },
    lossWeights: { acts: 0.5 },
    coTraining: { steps: 10, batchSize: 64 },
    fineTuning: { datasets: ['things'], train: 'heads', samples: 250, augmentation: { rotation: 0 } },
  });
  expect(stages.map(({ name }) => name)).toEqual(['imagePretraining', 'coTraining', 'fineTuning']);
  expect(stages.map(stepsOf)).toEqual([120, 10, 8]);
  expect(stages[2]).toMatchObject({ datasets: ['things'], shares: { things: 1 }, train: 'heads', samples: 250 });
  expect(stages[2]!.augmentation).toMatchObject({ rotation: 0, scale: augmentation.scale });
  expect(stages[1]!.augmentation).toBeUndefined();
  expect(datasets.map(({ lossWeight }) => lossWeight)).toEqual([1, 0.5, 1]);
});

test.each<[ExperimentInput, RegExp]>([
  [{ coTraining: { epochs: 1, steps: 5 } }, /coTraining says how long it is in epochs and in steps/],
  [{ fineTuning: { datasets: ['thing'] } }, /fineTuning names a dataset "thing".*"things"/],
  [{ imagePretraining: { datasets: ['moves'] } }, /trains on images only, and "moves" has videos/],
  [{ datasetSampling: { weights: { acts: 1 } }, fineTuning: { datasets: ['things'] } }, /no weight to any dataset of/],
])('%j is refused', (experiment, sentence) => expect(() => resolveThree(experiment)).toThrow(sentence));

test('epochs chosen for a run take the place of any other length', () => {
  const { stages } = resolveThree({ coTraining: { samples: 999 } }, { epochs: 3 });
  expect(stages.map(({ epochs, samples }) => [epochs, samples])).toEqual([
    [3, undefined],
    [3, undefined],
  ]);
});

test('a batch that cannot be cut into equal parts is refused', () => {
  expect(() => resolve({ coTraining: { batchSize: 10, accumulate: 4 } })).toThrow('4 equal parts');
});

test('a stage that names a dataset without samples to train on says so, not that the experiment lacks it', () => {
  const config = workspaceSchema.parse({
    datasets: { ...datasets, still: { kind: 'image', path: 'still', format: 'classFolders' } },
    experiments: { first: { coTraining: { datasets: ['moves', 'still'] } } },
  });
  const own = available.map((dataset) => ({ ...dataset, classes: [...dataset.classes] }));
  expect(() => resolveExperiment(config, own)).toThrow(
    'coTraining cannot train on "still": it has no training samples of at least two classes.',
  );
  expect(() => resolveExperiment(config, own, { datasets: ['moves'] })).toThrow(
    'coTraining names a dataset "still" that is not one of the experiment\'s',
  );
});
