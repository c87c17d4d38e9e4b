import { expect, test } from 'vitest';
import { knownKeys, workspaceJsonSchema } from '../../src/config/jsonSchema.ts';

test('the schema speaks draft 7, explains settings, and asks only for what has no default', () => {
  const schema = workspaceJsonSchema() as {
    $schema: string;
    required: string[];
    properties: {
      datasets: { additionalProperties: { required: string[]; properties: { kind: { description: string } } } };
    };
  };
  expect(schema.$schema).toContain('draft-07');
  expect(schema.required).toEqual(['datasets']);
  const dataset = schema.properties.datasets.additionalProperties;
  expect(dataset.required).toEqual(['kind', 'path', 'format']);
  expect(dataset.properties.kind.description).toContain('video of one frame');
});

test.each([
  [[], ['$schema', 'datasets', 'probe', 'experiments', 'studies']],
  [['datasets'], []],
  [
    ['datasets', 'any'],
    [
      'kind',
      'path',
      'format',
      'media',
      'fold',
      'column',
      'mapping',
      'exclude',
      'holdOut',
      'horizontalFlip',
      'frameRate',
      'directionSensitive',
    ],
  ],
  [
    ['experiments', 'e', 'augmentation'],
    [
      'scale',
      'aspect',
      'shorterSide',
      'rotation',
      'brightness',
      'contrast',
      'saturation',
      'hue',
      'randAugment',
      'erasing',
    ],
  ],
  [['experiments', 'e', 'nothing'], []],
])('knownKeys(%j)', (path, keys) => expect(knownKeys(path)).toEqual(keys));

test('settings inside a stage that may also be false are known', () => {
  expect(knownKeys(['experiments', 'e', 'coTraining'])).toContain('warmUp');
  expect(knownKeys(['experiments', 'e', 'coTraining', 'optimizer'])).toContain('weightDecay');
});
