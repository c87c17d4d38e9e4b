import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { WorkspaceConfig } from '../../src/config/experiment.ts';
import { updateIndex } from '../../src/data/updateIndex.ts';
import { watchPlan } from '../../src/data/watchPlan.ts';
import { files, tree } from './tree.ts';

test('folders and lists, with the number of folders that the files lie in', async () => {
  const folder = tree({
    ...files(3, 'digits/a/', '.png'),
    ...files(3, 'digits/b/', '.png'),
    ...files(2, 'frames/v1/img_', '.jpg'),
    ...files(2, 'frames/v2/img_', '.jpg'),
    'lists/train.txt': 'v1 2 0\nv2 2 1\n',
    'all.csv': 'path,label\nmore/x.png,a\n',
    'more/x.png': 'x',
    'map.json': '{"a": "A"}',
  });
  const config: WorkspaceConfig = {
    datasets: {
      digits: { kind: 'image', path: 'digits', format: 'classFolders', mapping: 'map.json' },
      table: { kind: 'image', path: 'all.csv', format: 'manifest' },
      elsewhere: { kind: 'video', path: 'lists', format: 'mmaction2', media: 'frames' },
    },
  };
  const [digits, table, lists, frames] = ['digits', '', 'lists', 'frames'].map((name) => join(folder, name));
  const plan = (counts: [number, number, number]) => [
    { dataset: 'digits', folder: digits, folders: counts[0] },
    { dataset: 'digits', folder: table, name: 'map.json', folders: 0 },
    { dataset: 'table', folder: table, name: 'all.csv', folders: 0 },
    { dataset: 'table', folder: table, folders: counts[1] },
    { dataset: 'elsewhere', folder: lists, folders: counts[2] },
    { dataset: 'elsewhere', folder: frames, folders: counts[2] },
  ];
  const found = async () =>
    (await watchPlan(folder, config)).map((path) => ({ ...path, folder: path.folder.replace(/\/$/, '') }));
  const trimmed = (paths: ReturnType<typeof plan>) =>
    paths.map((path) => ({ ...path, folder: path.folder!.replace(/\/$/, '') }));
  expect(await found()).toEqual(trimmed(plan([0, 0, 0])));
  await updateIndex(folder, config);
  expect(await found()).toEqual(trimmed(plan([2, 1, 2])));
});
