// What an experiment says of augmentation and views is checked once, when it is resolved.
import { expect, test } from 'vitest';
import { type ExperimentInput, workspaceSchema } from '../../src/config/experiment.ts';
import { resolveExperiment } from '../../src/config/resolve.ts';

function resolve(experiment: ExperimentInput, dataset: object = {}, format = 'classFolders') {
  const config = workspaceSchema.parse({
    datasets: { moves: { kind: 'video', path: 'moves', format: 'classFolders', ...dataset } },
    experiments: { first: experiment },
  });
  Object.assign(config.datasets.moves!, { format });
  const classes = ['left', 'right'];
  return resolveExperiment(config, [{ name: 'moves', kind: 'video', heldOut: 'val', trainSamples: 640, classes }]);
}

test.each([
  [{}, 'classFolders', false],
  [{ horizontalFlip: true }, 'classFolders', true],
  [{ horizontalFlip: true, directionSensitive: true }, 'classFolders', false],
  [{ horizontalFlip: true }, 'somethingSomething', false],
  [{ horizontalFlip: true, directionSensitive: false }, 'somethingSomething', true],
  [{ directionSensitive: false }, 'classFolders', false],
])('a dataset of %j (%s) is mirrored: %s', (dataset, format, mirrored) => {
  expect(resolve({}, dataset, format).datasets[0]!.horizontalFlip).toBe(mirrored);
});

test('defaults are as they were', () => {
  const { augmentation, sampling, views } = resolve({});
  expect(augmentation).toEqual({
    ...{ scale: [0.65, 1], aspect: 1.2, rotation: 10, brightness: 0.2, contrast: 0.2, saturation: 0, hue: 0 },
    randAugment: { operations: 0, magnitude: 7 },
    erasing: { probability: 0, scale: [0.02, 0.33] },
  });
  expect(sampling).toEqual({ name: 'uniform', stride: 4, places: 4 });
  expect(views).toEqual({ clips: 1, crops: 1 });
});

test.each<[ExperimentInput, RegExp]>([
  [{ augmentation: { shorterSide: [8, 64] } }, /shorterSide begins at 8 pixels/],
  [{ augmentation: { shorterSide: [320, 256] } }, /smaller number first/],
  [{ augmentation: { scale: [1, 0.5] } }, /augmentation.scale must name the smaller number first/],
  [{ sampling: { name: 'whole' }, views: { clips: 2 } }, /whole-clip sampling/],
])('%j is refused', (experiment, expected) => {
  expect(() => resolve(experiment)).toThrow(expected);
});
