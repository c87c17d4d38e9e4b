import { expect, test } from 'vitest';
import { differences } from '../../src/evaluation/compareSettings.ts';

const experiment = {
  name: 'a',
  seed: 1,
  model: { depth: 4, mean: [0.5, 0.5, 0.5] },
  stages: [
    { name: 'coTraining', epochs: 3, optimizer: { learningRate: 0.001 } },
    { name: 'fineTuning', epochs: 1 },
  ],
  datasets: [],
};

test.each([
  ['nothing but the name', { ...experiment, name: 'b' }, []],
  ['a number', { ...experiment, seed: 2 }, [['seed', '1', '2']]],
  [
    'one of several in a list',
    { ...experiment, model: { depth: 4, mean: [0.5, 0.5, 0.4] } },
    [['model.mean', '[0.5,0.5,0.5]', '[0.5,0.5,0.4]']],
  ],
  [
    'inside a stage, and a stage that is not there',
    { ...experiment, stages: [{ name: 'coTraining', epochs: 3, optimizer: { learningRate: 0.01 } }] },
    [
      ['stages.coTraining.optimizer.learningRate', '0.001', '0.01'],
      ['stages.fineTuning.epochs', '1', null],
    ],
  ],
  ['a setting that only the other has', { ...experiment, leaks: 'drop' }, [['leaks', null, '"drop"']]],
])('%s', (_, other, expected) => {
  expect(differences([experiment, other]).map(({ setting, values }) => [setting, ...values])).toEqual(expected);
});
