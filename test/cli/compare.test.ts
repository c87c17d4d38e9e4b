import { expect, it } from 'vitest';
import { asOne } from '../../src/cli/compareCommand.ts';

it.each<[string, Record<string, (string | null)[]>, Record<string, (string | null)[]>]>([
  ['a setting stays', { seed: ['1', '2'] }, { seed: ['1', '2'] }],
  [
    'a stage that one run does not have is one row',
    {
      'stages.fineTuning.epochs': [null, '3'],
      'stages.fineTuning.optimizer.name': [null, '"adamw"'],
      seed: ['1', '2'],
    },
    { 'stages.fineTuning': [null, 'yes'], seed: ['1', '2'] },
  ],
  [
    'a stage that all have is told setting by setting',
    { 'stages.coTraining.epochs': ['1', '2'], 'stages.coTraining.shares.b': [null, '0.5'] },
    { 'stages.coTraining.epochs': ['1', '2'], 'stages.coTraining.shares.b': [null, '0.5'] },
  ],
  [
    'so is one of which those that have it differ',
    { 'stages.fineTuning.epochs': [null, '3', '3'], 'stages.fineTuning.steps': [null, null, '7'] },
    { 'stages.fineTuning.epochs': [null, '3', '3'], 'stages.fineTuning.steps': [null, null, '7'] },
  ],
  [
    'datasets whose names have dots are told apart',
    {
      'datasets.a.1.kind': ['"video"', null],
      'datasets.a.1.classes': ['["x"]', null],
      'datasets.a.2.kind': [null, '"video"'],
      'datasets.a.2.classes': [null, '["x"]'],
    },
    { 'datasets.a.1': ['yes', null], 'datasets.a.2': [null, 'yes'] },
  ],
  [
    'one setting alone says itself',
    { 'stages.coTraining.shares.b': [null, '0.5'] },
    { 'stages.coTraining.shares.b': [null, '0.5'] },
  ],
])('%s', (_, settings, expected) => {
  const rows = asOne(Object.entries(settings).map(([setting, values]) => ({ setting, values })));
  expect(Object.fromEntries(rows.map(({ setting, values }) => [setting, values]))).toEqual(expected);
});
