import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { discoverDatasets } from '../../src/data/discover.ts';
import { files, type Tree, tree } from './tree.ts';

/** `name kind format path samples/classes`. */
async function discover(files: Tree, below = ''): Promise<string[]> {
  const root = tree({
    'ws/': '',
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`ws/${path}`, text])),
  });
  const found = await discoverDatasets(join(root, 'ws', below), undefined, join(root, 'ws'));
  return found.map(
    ({ name, kind, format, path, samples, classes }) => `${name} ${kind} ${format} ${path} ${samples}/${classes}`,
  );
}

const split = (prefix: string, ending: string): Tree => ({
  ...files(2, `${prefix}train/a/`, ending),
  ...files(2, `${prefix}train/b/`, ending),
  ...files(1, `${prefix}val/a/`, ending),
});

test.each<[string, Tree, string[]]>([
  ['the folder itself, with splits', split('', '.mp4'), ['ws video classFolders . 5/2']],
  [
    'the folder itself, without splits',
    { ...files(2, 'a/', '.png'), ...files(2, 'b/', '.JPG') },
    ['ws image classFolders . 4/2'],
  ],
  [
    'several, at several depths, in the order of their paths',
    { ...split('x/y/z/', '.png'), ...split('k 400/', '.avi'), 'README.md': 'x', 'src/a.ts': 'x', 'src/b/c.ts': 'x' },
    ['k-400 video classFolders k 400 5/2', 'z image classFolders x/y/z 5/2'],
  ],
  ['not deeper than three', split('1/2/3/4/', '.png'), []],
  [
    'the same folder name twice',
    { ...split('a/set/', '.png'), ...split('b/set/', '.mp4') },
    ['set image classFolders a/set 5/2', 'set-2 video classFolders b/set 5/2'],
  ],
  ['the majority tells the kind', { ...split('m/', '.mp4'), 'm/train/a/p.png': 'x' }, ['m video classFolders m 5/2']],
  [
    'hidden folders, node_modules and .cover are not searched',
    { ...split('.cover/x/', '.png'), ...split('node_modules/x/', '.png'), ...split('.git/', '.png') },
    [],
  ],
  ['a class that is empty so far', { ...split('d/', '.png'), 'd/train/c/': '' }, ['d image classFolders d 5/2']],
  [
    'a dataset of one class is found, so that it can be told',
    { ...split('d/', '.png'), ...files(3, 'mono/only/', '.mp4') },
    ['d image classFolders d 5/2', 'mono video classFolders mono 3/1'],
  ],
  [
    'a lone folder of pictures beside clips is no dataset where there is a better one',
    { ...split('d/', '.png'), ...files(3, 'clips/frames/', '.jpg'), 'clips/1.mp4': 'x' },
    ['d image classFolders d 5/2'],
  ],
  ['but is one where there is nothing else', files(3, 'pictures/', '.jpg'), ['ws image classFolders . 3/1']],
  [
    'a manifest whose files exist, rather than the folders with its files',
    {
      ...files(2, 'd/a/', '.mp4'),
      ...files(2, 'd/b/', '.mp4'),
      'd/labels.csv': 'path,label\na/0.mp4,x\na/1.mp4,y\nb/0.mp4,z\n',
    },
    ['d video manifest d/labels.csv 3/3'],
  ],
  [
    'a manifest, and the datasets beside the folder its files lie in',
    {
      'clips/0.mp4': 'x',
      'clips/1.mp4': 'x',
      'list.csv': 'path,label\nclips/0.mp4,a\nclips/1.mp4,b\n',
      ...split('d/', '.png'),
    },
    ['list video manifest list.csv 2/2', 'd image classFolders d 5/2'],
  ],
  [
    'folders of files, each with a manifest, are not the classes of one dataset',
    { 'a/1.png': 'x', 'a/m.csv': 'path,label\n1.png,x\n', 'b/1.png': 'x', 'b/m.csv': 'path,label\n1.png,x\n' },
    ['m image manifest a/m.csv 1/1', 'm-2 image manifest b/m.csv 1/1'],
  ],
  [
    'manifests for each split',
    { 'm/1.png': 'x', 'm/train.jsonl': '{"path":"1.png","label":"a"}', 'm/val.jsonl': '{"path":"1.png","label":"a"}' },
    ['m-train image manifest m/train.jsonl 1/1', 'm-val image manifest m/val.jsonl 1/1'],
  ],
  [
    'a table of something else',
    { 'a.csv': 'name,price\na,1\n', 'b.csv': 'path,label\nx.txt,1\n', 'c.csv': 'path,label\ngone.png,1\n' },
    [],
  ],
  [
    'links in a circle',
    { ...split('d/', '.png'), 'd/train/again': { link: '../..' }, 'e/up': { link: '..' } },
    ['d image classFolders d 5/2'],
  ],
])('%s', async (_, files, expected) => expect(await discover(files)).toEqual(expected));

test.each<[string, Tree, string[]]>([
  ['nothing', { ...split('d/', '.png'), 'd/notes.txt': 'x' }, []],
  [
    'clips beside a dataset',
    { ...split('d/', '.png'), '1.mp4': 'x', '2.mp4': 'x', 'p.png': 'x' },
    ['. 2 videos and 1 image directly in this folder, named by no list'],
  ],
  [
    'clips beside class folders',
    { ...files(2, 'd/a/', '.mp4'), ...files(2, 'd/b/', '.mp4'), 'd/1.mp4': 'x' },
    ['d 1 video directly'],
  ],
  [
    'a list whose files are not there',
    { ...split('d/', '.png'), 'old/labels.csv': 'path,label\ngone.mp4,a\nlost.mp4,b\n' },
    ['old/labels.csv It names 2 videos in 2 classes, and none of the first is there.'],
  ],
  [
    'lists of a well-known dataset without its files',
    { ...split('d/', '.png'), 'k/kinetics400_val_list_videos.txt': 'x/1.mp4 0\nx/2.mp4 1\n' },
    ['k 2 videos in 2 classes: mmaction2'],
  ],
  [
    'one class beside a better dataset',
    { ...split('d/', '.png'), ...files(3, 'clips/frames/', '.jpg'), 'clips/1.mp4': 'x' },
    ['clips 1 video directly', 'clips/frames 3 images directly'],
  ],
  ['a table of something else', { ...split('d/', '.png'), 'a.csv': 'path,label\nx.txt,1\n' }, []],
  ['one class, where there is nothing better', files(3, 'pictures/', '.jpg'), []],
])('left out, and told: %s', async (_, files, expected) => {
  const told: string[] = [];
  const root = tree(files);
  await discoverDatasets(root, undefined, root, ({ path, reason }) => told.push(`${path} ${reason}`));
  expect(told).toHaveLength(expected.length);
  for (const [index, text] of expected.entries()) expect(told[index]).toContain(text);
});

test.skipIf(process.platform !== 'linux')(
  'what shows the running system is not searched, and that is told',
  async () => {
    for (const folder of ['/proc', '/proc/self/task', '/sys/kernel'])
      await expect(discoverDatasets(folder)).rejects.toMatchObject({
        code: 'folder-special',
        message: expect.stringMatching(/^\/\w+.* shows the running system/),
      });
    const root = tree(split('d/', '.png'));
    symlinkSync('/proc', join(root, 'linked'));
    const told: string[] = [];
    const found = await discoverDatasets(root, undefined, root, ({ path, reason }) => told.push(`${path}: ${reason}`));
    expect(found.map(({ name }) => name)).toEqual(['d']);
    expect(told).toEqual(['linked: It shows the running system, and was not searched.']);
  },
);

test('what programs were installed into is not searched, and that is told', async () => {
  const root = tree({
    ...split('d/', '.png'),
    ...split('env/share/x/', '.png'),
    'env/pyvenv.cfg': 'home = /usr/bin',
    ...split('py/site-packages/x/', '.png'),
    ...split('py/__pycache__/', '.png'),
  });
  const told: string[] = [];
  const found = await discoverDatasets(root, undefined, root, ({ path }) => told.push(path));
  expect(found.map(({ name }) => name)).toEqual(['d']);
  expect(told).toEqual(['env', 'py/site-packages']);
});

test('a search counts its folders, of as many as there seem to be, and stops in the midst of them', async () => {
  const root = tree({
    ...split('d/', '.png'),
    ...split('k/x/y/', '.png'),
    ...Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`many/${i}/a.txt`, 'x'])),
  });
  const counts: [number, number][] = [];
  const found = await discoverDatasets(root, undefined, root, undefined, (done, total) => counts.push([done, total]));
  expect(found.map(({ name }) => name)).toEqual(['d', 'y']);
  expect(counts.map(([done]) => done)).toEqual(counts.map((_, index) => index + 1));
  for (const [done, total] of counts.slice(0, -1)) expect(done).toBeLessThan(total);
  const [done, total] = counts.at(-1)!;
  expect(done).toBe(total);
  expect(done).toBeGreaterThan(80);

  const stopping = new AbortController();
  let looked = 0;
  const stopped = discoverDatasets(root, stopping.signal, root, undefined, () => {
    if (++looked === 20) stopping.abort();
  });
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
  expect(looked).toBe(20);
});

test('paths are relative to the workspace, also from a folder below or beside it', async () => {
  expect(await discover(split('a/b/', '.png'), 'a')).toEqual(['b image classFolders a/b 5/2']);
  const root = tree(split('data/', '.png'));
  expect((await discoverDatasets(join(root, 'data'), undefined, join(root, 'ws')))[0]?.path).toBe('../data');
});

test('each find says why', async () => {
  const root = tree({ ...split('', '.mp4'), 'train/a/p.png': 'x' });
  expect((await discoverDatasets(root))[0]?.reason).toBe(
    '5 videos in 2 classes: class folders in train and val; mixed: 1 image among them will be left out.',
  );
});

test('a folder that is not there is an error, and aborting stops', async () => {
  await expect(discoverDatasets(join(tree({}), 'gone'))).rejects.toMatchObject({
    code: 'folder-unreadable',
    message: expect.stringContaining('it does not exist'),
  });
  await expect(discoverDatasets(tree({}), AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
});

test('a dataset of which few videos are on the disk is known by its lists, not taken for class folders', async () => {
  const line = (index: number) =>
    `ApplyEyeMakeup/v_ApplyEyeMakeup_g${10 + Math.floor(index / 90)}_c${10 + (index % 90)}.avi`;
  const lines = Array.from({ length: 900 }, (_, index) => line(index));
  expect(
    await discover({
      'ucf/classInd.txt': '1 ApplyEyeMakeup\n2 Archery\n',
      'ucf/trainlist01.txt': lines.map((one) => `${one} 1\n`).join(''),
      'ucf/testlist01.txt': 'Archery/v_Archery_g01_c01.avi\n',
      [`ucf/${line(1)}`]: '',
    }),
  ).toEqual(['ucf video ucf101 ucf 901/2']);
});

test('so is one whose last of very many videos alone is on the disk', async () => {
  const lines = Array.from({ length: 110_001 }, (_, index) => `C${index % 50}/v_${index}.avi 1\n`);
  expect(
    await discover({
      'ucf/trainlist01.txt': `${lines.join('')}D/v_1.avi 2\n`,
      'ucf/testlist01.txt': 'C1/v_x.avi\n',
      'ucf/UCF-101/D/v_1.avi': 'x',
    }),
  ).toEqual(['ucf video ucf101 ucf 110003/51']);
});

test('of lists of videos beside lists of frame folders those are told that are read', async () => {
  const lists = ['train', 'val'].flatMap((part) => [
    [`k_${part}_list_videos.txt`, `${part}/1.mp4 0\n${part}/2.mp4 1\n`],
    [`k_${part}_list_rawframes.txt`, `${part}/1 3 0\n${part}/2 3 1\n`],
  ]);
  const root = tree({ ...Object.fromEntries(lists), 'train/1.mp4': 'x', 'val/2.mp4': 'x' });
  const [found] = await discoverDatasets(root);
  expect(found!.reason).toContain('mmaction2 lists, by k_train_list_videos.txt, k_val_list_videos.txt.');
});
