// What is told where many files are missing, or much is wrong in one way: few sentences, with the numbers.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DatasetConfig } from '../../src/config/experiment.ts';
import { ProblemList, sortOf } from '../../src/data/problemList.ts';
import { scanDataset } from '../../src/data/scanDataset.ts';
import { type Tree, tree } from './tree.ts';

/** A list of `listed` videos in two classes, of which the first `there` are on the disk. */
function list(listed: number, there: number, line = (path: string, label: number) => `${path} ${label}`): Tree {
  const path = (index: number) => `c${index % 2}/${index}.avi`;
  const lines = Array.from({ length: listed }, (_, index) => line(path(index), index % 2));
  const onDisk = Array.from({ length: there }, (_, index) => [path(index), 'x']);
  return { 'train.txt': lines.join('\n'), 'other/': '', ...Object.fromEntries(onDisk) };
}

const missingFile = (line: number) =>
  `error train.txt:${line} "c${(line - 1) % 2}/${line - 1}.avi" cannot be read: it does not exist; it is left out.`;

describe('files that a list names and that are not there', () => {
  test.each<[string, Tree, Partial<DatasetConfig>, string[]]>([
    [
      'none of them: one problem',
      list(3000, 0),
      {},
      [
        'error . None of the 3,000 videos that its lists name (such as "c0/0.avi" and "c0/2.avi") was found below ROOT. Name the folder they lie in as "media".',
      ],
    ],
    [
      'none of them below the folder that is named',
      list(30, 0),
      { media: 'other' },
      [
        'error . None of the 30 videos that its lists name (such as "c0/0.avi" and "c0/2.avi") was found below ROOT/other. Check "media" in cover.json: it should be the folder they lie in.',
      ],
    ],
    [
      'most of them: one problem',
      list(3000, 10),
      {},
      [
        'error . 2,990 of the 3,000 videos that its lists name (such as "c0/10.avi" and "c0/12.avi") were not found below ROOT. Fetch those that are not on the disk. Name the folder they lie in as "media".',
      ],
    ],
    ['some of them: one problem each', list(10, 8), {}, [missingFile(9), missingFile(10)]],
    [
      'none of few: each, and that there is nothing',
      list(2, 0),
      {},
      [missingFile(1), missingFile(2), 'error . Dataset "d" has no usable video; see its other problems.'],
    ],
  ])('%s', async (_, files, config, expected) => {
    const root = tree(files);
    const { problems } = await scanDataset(root, 'd', {
      ...{ kind: 'video', path: '.', format: 'mmaction2', holdOut: 0 },
      ...config,
    } as DatasetConfig);
    const told = problems.map(({ severity, file, line, message }) => {
      const inside = file === root ? '.' : file.replace(`${root}/`, '');
      return `${severity} ${inside}${line === undefined ? '' : `:${line}`} ${message.replace(root, 'ROOT')}`;
    });
    expect(told).toEqual(expected);
  });

  test('of a manifest, none of which is there', async () => {
    const root = tree({ 'm.csv': `path,label\n${Array.from({ length: 9 }, (_, i) => `${i}.png,a`).join('\n')}\n` });
    const { problems } = await scanDataset(root, 'd', { kind: 'image', path: 'm.csv', format: 'manifest' });
    expect(problems.map(({ message }) => message)).toEqual([
      `None of the 9 images that it names (such as "0.png" and "1.png") was found below ${root}. Name the folder they lie in as "media".`,
    ]);
  });

  test('of many that are missing a thousand are kept, and the others are a number', async () => {
    const root = tree(list(3000, 1500));
    const { problems } = await scanDataset(root, 'd', { kind: 'video', path: '.', format: 'mmaction2', holdOut: 0 });
    expect(problems).toHaveLength(1001);
    expect(problems.at(-1)).toMatchObject({
      severity: 'error',
      file: join(root, 'train.txt'),
      message: 'And 500 more of this sort: "…" cannot be read: it does not exist; it is left out.',
    });
  });
});

test('a few of another sort are not lost among very many', () => {
  const [one, other] = [new ProblemList(), new ProblemList()];
  const add = (list: ProblemList, number: number, message: (index: number) => string) => {
    for (let index = 0; index < number; index++) list.add({ severity: 'error', file: '/a', message: message(index) });
  };
  add(one, 5000, (index) => `"${index}.avi" has no label.`);
  add(one, 2, () => 'Two of these.');
  add(other, 5000, (index) => `This line has ${index} values.`);
  one.join(other);
  const told = one.problems().map(({ message }) => message);
  expect(told).toHaveLength(2004);
  expect(told.filter((message) => message === 'Two of these.')).toHaveLength(2);
  expect(told.slice(-2)).toEqual([
    'And 4,000 more of this sort: "…" has no label.',
    'And 4,000 more of this sort: This line has … values.',
  ]);
  expect(one.number).toBe(10_002);
});

test.each([
  ['/d/a b 1.txt could not be read: it does not exist.', '… could not be read: it does not exist.'],
  ['"v 1.mp4" stands in line 12 already; left out.', '"…" stands in line … already; left out.'],
  ['"v.mp4" stands in "lists/a.txt", line 3, already.', '"…" stands in "…", line …, already.'],
  ['It is also in /tmp/cover-3QuE/x.txt: mend it.', 'It is also in …: mend it.'],
  ['The codec h264 has 1,024 frames at 29.97 frames/s.', 'The codec h264 has … frames at … frames/s.'],
  ['Write n01440764 or labels_2.txt.', 'Write n01440764 or labels_2.txt.'],
  ['Copies in C:\\a\\1.mp4, and 3 more.', 'Copies in …, and … more.'],
])('what differs in %s', (message, expected) => expect(sortOf({ file: '/d/a b 1.txt', message })).toBe(expected));

test('an entry that another list names already is told with that list’s place in the dataset', async () => {
  const root = tree({
    'train_list_videos.txt': 'a.mp4 0\nb.mp4 1\n',
    'val_list_videos.txt': 'a.mp4 0\n',
    'a.mp4': 'x',
    'b.mp4': 'x',
  });
  const { problems } = await scanDataset(root, 'd', { kind: 'video', path: '.', format: 'mmaction2', holdOut: 0 });
  expect(problems.map(({ message }) => message)).toEqual([
    '"a.mp4" stands in "train_list_videos.txt", line 1, already; this line is left out.',
  ]);
});
