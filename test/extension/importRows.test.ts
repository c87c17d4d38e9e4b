// What the import's pickers show and what a person may type.
import { describe, expect, test } from 'vitest';
import { layouts as known } from '../../src/evaluation/foreignInput.ts';
import { inputArguments, inputRows, layouts, withTyped } from '../../src/extension/importRows.ts';

const model = {
  layout: 'NCTHW',
  frames: 8,
  size: 224,
  resize: 256,
  mean: [0.485, 0.456, 0.406],
  std: [0.22500001, 0.225, 0.225],
  colours: 'bgr' as const,
  outputs: ['scores'],
  told: [],
};

describe('the input of a model', () => {
  test('its rows say what would be done', () => {
    const rows = inputRows(model, {});
    expect(rows.map(({ field, value }) => [field, value])).toEqual([
      ['layout', 'NCTHW'],
      ['size', '224 × 224 pixels'],
      ['resize', '256 pixels'],
      ['frames', '8'],
      ['mean', '0.485, 0.456, 0.406'],
      ['std', '0.225, 0.225, 0.225'],
      ['range', 'as mean and deviation suggest'],
      ['colours', 'blue, green, red'],
    ]);
  });

  test('the layouts offered are those that can be read', () => {
    expect([...layouts].sort()).toEqual([...known].sort());
  });

  test.each([
    ['layout', ' ntchw ', { layout: 'NTCHW' }],
    ['mean', '0.5; 0.5, 0.5', { mean: [0.5, 0.5, 0.5] }],
    ['std', '127.5', { std: [127.5] }],
    ['range', '255', { range: 255 }],
    ['colours', 'BGR', { colours: 'bgr' }],
    ['frames', '32', { frames: 32 }],
    ['size', '', {}], // found again
  ] as const)('%s typed as %j', (field, text, expected) => {
    expect(withTyped({ size: 9 }, field, text)).toEqual(field === 'size' ? {} : { size: 9, ...expected });
  });

  test.each([
    ['layout', 'CHW'],
    ['mean', '1, 2'],
    ['mean', 'a, b, c'],
    ['range', '2'],
    ['frames', '1.5'],
    ['size', '9000'],
    ['colours', 'grey'],
  ] as const)('%s typed as %j is refused', (field, text) => {
    expect(() => withTyped({}, field, text)).toThrow();
  });

  test('the same as options of the command line', () => {
    const given = { layout: 'NHWC', mean: [1, 2, 3], range: 255, colours: 'bgr' as const };
    expect(inputArguments(given)).toEqual([
      '--layout',
      'NHWC',
      '--mean',
      '1,2,3',
      '--range',
      '255',
      '--colours',
      'bgr',
    ]);
    expect(inputArguments({})).toEqual([]);
  });
});
