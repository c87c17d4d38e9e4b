// A disk that is away for a while costs nothing of what the index knows.
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { WorkspaceConfig } from '../../src/config/experiment.ts';
import { listDatasets, listProblems } from '../../src/data/datasetIndex.ts';
import { readIndex } from '../../src/data/indexFile.ts';
import { probeMedia } from '../../src/data/probeMedia.ts';
import { recordProblems, updateIndex } from '../../src/data/updateIndex.ts';
import { files, tree } from './tree.ts';

const digits = { kind: 'image', path: 'disk/digits', format: 'classFolders' } as const;
const clips = { kind: 'video', path: 'lists/clips.csv', format: 'manifest', media: 'disk/clips' } as const;
const config: WorkspaceConfig = { datasets: { digits, clips } };

/** Probed, with an edit, tags and a file that turned out to be damaged. */
async function workspace(): Promise<string> {
  const folder = tree({
    ...files(4, 'disk/digits/a/', '.png'),
    ...files(6, 'disk/digits/b/', '.png'),
    ...files(3, 'disk/clips/', '.mp4'),
    'lists/clips.csv': 'path,label,split\n0.mp4,x,train\n1.mp4,y,train\n2.mp4,y,test\n',
    'cover.edits.jsonl':
      '{"id":"digits/a/0.png","label":"b","tags":["odd","night"]}\n{"id":"digits/a/1.png","excluded":true}\n',
  });
  await updateIndex(folder, config);
  await probeMedia(folder, async () => facts);
  await recordProblems(folder, [
    { severity: 'error', dataset: 'digits', file: join(folder, 'disk/digits/b/2.png'), message: 'it is damaged.' },
  ]);
  return folder;
}

const facts = { codec: 'png', width: 8, height: 6, rotation: 0, duration: null, rate: null };

/** All that is stored of samples and files: where a class was stored anew, its number is another. */
const stored = (folder: string) =>
  readIndex(folder, async (database) => ({
    samples: await database.all('SELECT * FROM samples ORDER BY class, position, path'),
    classes: await database.all('SELECT * FROM classes ORDER BY id'),
    tags: await database.all('SELECT * FROM tags ORDER BY ALL'),
    expected: await database.all('SELECT * FROM expected ORDER BY ALL'),
    media: await database.all('SELECT * FROM media ORDER BY file'),
    decoding: await database.all("SELECT * FROM problems WHERE source = 'decode'"),
  }));

test.each([
  ['is not there', (disk: string) => renameSync(disk, `${disk}.away`), 'does not exist'],
  [
    'is not mounted: empty folders are left',
    (disk: string) => {
      renameSync(disk, `${disk}.away`);
      mkdirSync(join(disk, 'digits'), { recursive: true });
      mkdirSync(join(disk, 'clips'));
    },
    'is an empty folder',
  ],
])('what the index knows stays while a disk %s', async (_, unplug, why) => {
  const folder = await workspace();
  const disk = join(folder, 'disk');
  const before = { known: await stored(folder), datasets: await listDatasets(folder) };
  expect(before.known.decoding).toHaveLength(1);
  expect(before.datasets).toMatchObject([{ samples: 9, excluded: 1, relabelled: 1, tagged: 1, problems: 1 }, {}]);

  unplug(disk);
  const file = join(disk, 'digits/b/3.png');
  await recordProblems(folder, [{ severity: 'error', dataset: 'digits', file, message: 'there is no such file.' }]);
  for (const time of ['at once', 'and again']) {
    await updateIndex(folder, config);
    await probeMedia(folder, async () => Promise.reject(new Error('asked for a file that is away')));
    expect(await stored(folder), time).toEqual(before.known);
  }
  expect(await listDatasets(folder)).toEqual(
    before.datasets.map((known) => ({ ...known, problems: known.problems + 1 })),
  );
  const told = (await listProblems(folder)).filter(({ severity }) => severity === 'warning');
  const line = (dataset: string, file: string, missing: string, samples: number) => ({
    severity: 'warning',
    dataset,
    file: join(folder, file),
    message:
      `Dataset "${dataset}" is not there: ${join(folder, missing)} ${why}. What the index has of it (${samples} samples) ` +
      'stays as it was until the dataset is back, or removed from cover.json.',
  });
  expect(told).toEqual([
    line('clips', 'lists/clips.csv', 'disk/clips', 3),
    line('digits', 'disk/digits', 'disk/digits', 10),
  ]);

  rmSync(disk, { recursive: true, force: true });
  renameSync(`${disk}.away`, disk);
  await updateIndex(folder, config);
  expect(await stored(folder), 'back').toEqual(before.known);
  expect(await listDatasets(folder)).toEqual(before.datasets);
});

test('nor is anything lost when a disk goes while it is looked through', async () => {
  const folder = await workspace();
  const disk = join(folder, 'disk');
  const before = await stored(folder);
  let looked = 0;
  await updateIndex(folder, config, {
    onProgress: () => {
      if (looked++ === 0) renameSync(disk, `${disk}.away`);
    },
  });
  expect(looked).toBeGreaterThan(0);
  expect(await stored(folder)).toEqual(before);
  expect((await listProblems(folder)).map(({ dataset, message }) => [dataset, /is not there/.test(message)])).toEqual([
    ['digits', false], // the damaged file
    ['clips', true],
    ['digits', true],
  ]);
  renameSync(`${disk}.away`, disk);
  await updateIndex(folder, config);
  expect(await stored(folder)).toEqual(before);
});

test('of another folder, or of a dataset that was removed, nothing stays', async () => {
  const folder = await workspace();
  renameSync(join(folder, 'disk'), join(folder, 'gone'));
  const elsewhere = { ...digits, path: 'elsewhere/digits' };
  const [, gone] = await updateIndex(folder, { datasets: { clips, digits: elsewhere } });
  expect(gone).toMatchObject({ name: 'digits', samples: 0 });
  expect((await updateIndex(folder, { datasets: { clips } })).map(({ name, samples }) => [name, samples])).toEqual([
    ['clips', 3],
  ]);
});

test('a file that goes while files are asked what they are is no damaged file', async () => {
  const folder = tree({ ...files(3, 'd/train/a/', '.png'), ...files(1, 'd/train/b/', '.png') });
  const one: WorkspaceConfig = { datasets: { d: { kind: 'image', path: 'd', format: 'classFolders' } } };
  await updateIndex(folder, one);
  const [goes, went] = ['1', '2'].map((name) => join(folder, `d/train/a/${name}.png`)) as [string, string];
  renameSync(went, `${went}.away`);
  await probeMedia(folder, async ({ file }) => {
    if (file !== goes) return facts;
    renameSync(goes, `${goes}.away`);
    throw new Error('it is gone');
  });
  expect(await listProblems(folder)).toEqual([]);
  // They come back as they were, to the millisecond, and are asked then.
  for (const file of [goes, went]) renameSync(`${file}.away`, file);
  const asked: string[] = [];
  await updateIndex(folder, one);
  await probeMedia(folder, async ({ file }) => {
    asked.push(file);
    return facts;
  });
  expect(asked.sort()).toEqual([goes, went]);
});
