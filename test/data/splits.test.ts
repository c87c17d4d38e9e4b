import { expect, test } from 'vitest';
import { splitOf } from '../../src/data/folders.ts';
import { assignSplits, heldOutSplit } from '../../src/data/splits.ts';

type Split = 'train' | 'val' | 'test' | null;
const samples = (number: number, label: string, split: Split = null) =>
  Array.from({ length: number }, (_, index) => ({ path: `${label}/${index}.png`, label, split }));
const heldOut = (splits: readonly string[]) => splits.filter((split) => split === 'val').length;

test.each([
  ['train', 'train'],
  ['Training', 'train'],
  ['VAL', 'val'],
  ['validation', 'val'],
  ['valid', 'val'],
  ['validate', 'val'],
  [' Testing ', 'test'],
  ['trainval', undefined],
  ['constructor', undefined],
])('splitOf(%j) is %j', (name, split) => expect(splitOf(name)).toBe(split));

test.each([
  [['train', 'val', 'test'], 'val'],
  [['train', 'test'], 'test'],
  [['train'], undefined],
])('%j is judged on %j', (splits, expected) => expect(heldOutSplit(splits)).toBe(expected));

test.each([
  [10, 0.2, 2],
  [10, 0, 0],
  [2, 0.2, 1],
  [2, 0.9, 1],
  [1, 0.5, 0],
  [3, 0.01, 1],
  [100, 0.25, 25],
])('of %i samples a share of %d holds out %i', (number, share, expected) => {
  expect(heldOut(assignSplits(samples(number, 'a'), share))).toBe(expected);
});

test('every class is held out in its share', () => {
  const all = [...samples(50, 'a'), ...samples(10, 'b'), ...samples(2, 'c')];
  const splits = assignSplits(all);
  const of = (label: string) => heldOut(splits.filter((_, index) => all[index]!.label === label));
  expect([of('a'), of('b'), of('c')]).toEqual([10, 2, 1]);
});

test('which samples are held out depends on their paths only, not on the order they are found in', () => {
  const all = samples(40, 'a');
  const chosen = (list: typeof all) =>
    list
      .filter((_, index) => assignSplits(list)[index] === 'val')
      .map(({ path }) => path)
      .sort();
  expect(chosen([...all].reverse())).toEqual(chosen(all));
  expect(chosen(all)).not.toEqual(all.slice(0, 8).map(({ path }) => path));
});

test('train without val or test gives some of its own; val or test as named are kept', () => {
  expect(heldOut(assignSplits(samples(10, 'a', 'train')))).toBe(2);
  expect(assignSplits([...samples(2, 'a', 'train'), ...samples(2, 'a', 'test')])).toEqual([
    'train',
    'train',
    'test',
    'test',
  ]);
  expect(assignSplits([...samples(2, 'a', 'train'), ...samples(1, 'a', 'val')])).toEqual(['train', 'train', 'val']);
});

test('parts of one file are not torn apart, unless the class has no other file', () => {
  const parts = ['x', 'y', 'z', 'w'].flatMap((path) =>
    Array.from({ length: 5 }, () => ({ path, label: 'a', split: null })),
  );
  const splits = assignSplits(parts);
  for (const path of ['x', 'y', 'z', 'w'])
    expect(new Set(splits.filter((_, index) => parts[index]!.path === path)).size).toBe(1);
  expect(heldOut(splits)).toBe(5);
  expect(heldOut(assignSplits(parts.slice(0, 5)))).toBe(1);
});
