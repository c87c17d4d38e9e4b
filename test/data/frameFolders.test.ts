// What frames lie in folders that are clips, each read once for all the clips in it.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FrameFolders, FrameNumbers } from '../../src/data/frameFolders.ts';
import { frames } from './formatCases.ts';
import { grow, tree } from './tree.ts';

test.each<[string, number[], number, number, { first: number; last: number; count: number } | undefined]>([
  ['all', [1, 2, 3], 1, 3, { first: 1, last: 3, count: 3 }],
  ['some of one stretch', [1, 2, 3, 4, 5], 2, 4, { first: 2, last: 4, count: 3 }],
  ['more than there are', [4, 5, 6], 1, 9, { first: 4, last: 6, count: 3 }],
  ['across gaps', [1, 2, 5, 6, 7, 10, 11], 2, 10, { first: 2, last: 10, count: 5 }],
  ['from a gap to a gap', [1, 2, 5, 6, 9], 3, 8, { first: 5, last: 6, count: 2 }],
  ['each by itself', [1, 3, 5, 7], 2, 6, { first: 3, last: 5, count: 2 }],
  ['one number of two names', [1, 1, 2], 1, 2, { first: 1, last: 2, count: 2 }],
  ['none in a gap', [1, 2, 5, 6], 3, 4, undefined],
  ['none before', [5, 6], 1, 4, undefined],
  ['none behind', [5, 6], 7, 9, undefined],
  ['none of none asked for', [5, 6], 6, 5, undefined],
])('numbers of frames: %s', (_, numbers, first, last, expected) => {
  const all = new FrameNumbers(numbers);
  expect(all.between(first, last)).toEqual(expected);
  expect(all.within(first, last)).toEqual([...new Set(numbers)].filter((number) => number >= first && number <= last));
  expect([all.first, all.last, all.count]).toEqual([Math.min(...numbers), Math.max(...numbers), new Set(numbers).size]);
});

test('a folder is read once, and again where it changed or was forgotten', async () => {
  const root = tree({ ...frames('a', 5), ...frames('b', 3), 'none/x.txt': 'x' });
  const folders = new FrameFolders(40); // two folders
  const read = async (name: string, mtime = 1) => (await folders.read(join(root, name), mtime))?.numbers.count;
  expect(await Promise.all([read('a'), read('a'), read('b')])).toEqual([5, 5, 3]);
  grow(root, frames('a', 6));
  expect([await read('a'), await read('a', 2), await read('a', 2)]).toEqual([5, 6, 6]);
  grow(root, frames('b', 4));
  expect([await read('b'), await read('none'), await read('b')]).toEqual([3, undefined, 4]);
  await expect(read('gone')).rejects.toThrow('ENOENT');
  grow(root, frames('gone', 1));
  expect(await read('gone')).toBe(1);
});
