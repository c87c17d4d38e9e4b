// In which order a file has its scores, where its rows say the best classes by place and by name.
import { expect, it } from 'vitest';
import type { ImportedRow } from '../../src/evaluation/importedRow.ts';
import { scoreOrder } from '../../src/evaluation/scoreOrder.ts';

/** Places of the best classes with their names. */
type Best = readonly (readonly [number, string])[];
const row = (best: Best): ImportedRow => ({
  ...{ sample: 's', line: 1 },
  ...{ places: best.map(([place]) => place), predicted: best.map(([, name]) => name) },
});

it.each<[string, Best[], number[] | undefined]>([
  ['as the classes, where all that is told agrees', [[[0, 'a']], [[2, 'c']]], [0, 1, 2, 3]],
  [
    'another, told of all classes',
    [
      [
        [3, 'a'],
        [2, 'b'],
      ],
      [
        [1, 'C'],
        [0, 'd'],
        [3, 'a'],
      ],
    ],
    [3, 2, 1, 0],
  ],
  [
    'not known: another, told of some',
    [
      [
        [3, 'a'],
        [0, 'd'],
      ],
    ],
    undefined,
  ],
  [
    'not known: rows contradict one another',
    [
      [
        [0, 'a'],
        [1, 'b'],
      ],
      [[1, 'a']],
    ],
    undefined,
  ],
  ['not known: one place has two names', [[[0, 'a']], [[0, 'b']]], undefined],
  [
    'not known: a name that is no class',
    [
      [
        [0, 'a'],
        [1, 'x'],
      ],
    ],
    undefined,
  ],
])('%s', (_, rows, expected) => {
  expect(scoreOrder(rows.map(row), ['a', 'b', 'c', 'd'])).toEqual(expected);
});
