import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { WorkspaceConfig } from '../../src/config/experiment.ts';
import {
  listClasses,
  listDatasets,
  listProblems,
  listSamples,
  readSamples,
  type SamplesPage,
} from '../../src/data/datasetIndex.ts';
import { closeReader, withDatabase } from '../../src/data/duckdb.ts';
import { indexFile } from '../../src/data/indexFile.ts';
import { recordProblems, updateIndex } from '../../src/data/updateIndex.ts';
import { tinyDisk } from './tinyDisk.ts';
import { files, grow, tree } from './tree.ts';

const digits = { kind: 'image', path: 'digits', format: 'classFolders' } as const;
const clips = { kind: 'video', path: 'clips', format: 'classFolders' } as const;
const config: WorkspaceConfig = { datasets: { digits, clips } };

function workspace(): string {
  return tree({
    ...files(3, 'digits/train/a/', '.png'),
    ...files(2, 'digits/train/b, "c"/', '.png'),
    ...files(2, 'digits/val/a/', '.png'),
    ...files(5, 'clips/x/', '.mp4'),
    ...files(5, 'clips/y/', '.mp4'),
    'clips/y/bad.mp4': '',
  });
}

test('before the first update everything is empty, and nothing is made', async () => {
  const folder = tree({});
  expect(await listDatasets(folder)).toEqual([]);
  expect(await listProblems(folder)).toEqual([]);
  await expect(readSamples(folder, 'digits')).rejects.toMatchObject({ code: 'missing-database' });
  expect(readdirSync(folder)).toEqual([]);
});

test('what is known of a dataset stays while its lines in cover.json cannot be read', async () => {
  const folder = workspace();
  const before = await updateIndex(folder, config);
  rmSync(join(folder, 'clips/x/0.mp4'));
  const typing = { datasets: { digits }, unreadable: ['clips'] };
  expect(await updateIndex(folder, typing)).toEqual(before);
  writeFileSync(join(folder, 'digits/val/a/new.png'), 'x');
  const [changed, kept] = await updateIndex(folder, typing);
  expect(changed).toMatchObject({ name: 'digits', samples: 8 });
  expect(kept).toEqual(before[1]);
  const [, mended] = await updateIndex(folder, config);
  expect(mended).toMatchObject({ name: 'clips', samples: 9 });
  expect((await updateIndex(folder, { datasets: { digits } })).map(({ name }) => name)).toEqual(['digits']);
});

test('an update tells counts, and the lists agree with them', async () => {
  const folder = workspace();
  const summaries = await updateIndex(folder, config);
  expect(summaries).toEqual([
    {
      name: 'digits',
      kind: 'image',
      path: join(folder, 'digits'),
      samples: 7,
      classes: 2,
      problems: 0,
      splits: [
        { name: 'train', samples: 5, classes: 2 },
        { name: 'val', samples: 2, classes: 1 },
      ],
    },
    {
      name: 'clips',
      kind: 'video',
      path: join(folder, 'clips'),
      samples: 10,
      classes: 2,
      problems: 1,
      splits: [
        { name: 'train', samples: 8, classes: 2 },
        { name: 'val', samples: 2, classes: 2 },
      ],
    },
  ]);
  expect(await listDatasets(folder)).toEqual(summaries);
  expect(await listClasses(folder, 'digits', 'train')).toEqual([
    { label: 'a', samples: 3 },
    { label: 'b, "c"', samples: 2 },
  ]);
  const page = { dataset: 'digits', split: 'train', label: 'b, "c"', offset: 1, limit: 5 };
  expect(await listSamples(folder, page)).toEqual([
    {
      id: 'digits/train/b, "c"/1.png',
      dataset: 'digits',
      split: 'train',
      label: 'b, "c"',
      file: join(folder, 'digits/train/b, "c"/1.png'),
      kind: 'image',
      start: null,
      end: null,
    },
  ]);
  expect((await readSamples(folder, 'digits')).map(({ id }) => id)).toEqual([
    'digits/train/a/0.png',
    'digits/train/a/1.png',
    'digits/train/a/2.png',
    'digits/train/b, "c"/0.png',
    'digits/train/b, "c"/1.png',
    'digits/val/a/0.png',
    'digits/val/a/1.png',
  ]);
  expect(await listProblems(folder)).toEqual([
    {
      severity: 'error',
      file: join(folder, 'clips/y/bad.mp4'),
      message: '"y/bad.mp4" is empty (0 bytes); it is left out.',
      dataset: 'clips',
    },
  ]);
  expect(readFileSync(join(folder, '.cover/.gitignore'), 'utf8')).toBe('*\n');
});

test('progress counts every file of every dataset', async () => {
  const seen: Record<string, [number, number]> = {};
  await updateIndex(workspace(), config, {
    onProgress: ({ dataset, done, total }) => {
      expect(done).toBeGreaterThan(seen[dataset]?.[0] ?? 0);
      seen[dataset] = [done, total];
    },
  });
  expect(seen).toEqual({ digits: [7, 7], clips: [11, 11] });
});

test('nothing changed, nothing is written; a change is noticed', async () => {
  const folder = workspace();
  await updateIndex(folder, config);
  const long = new Date(1e12);
  utimesSync(indexFile(folder), long, long);
  await updateIndex(folder, config);
  expect(statSync(indexFile(folder)).mtimeMs).toBe(1e12);

  grow(folder, files(1, 'digits/train/new/', '.png'));
  rmSync(join(folder, 'clips/x/0.mp4'));
  const [first, second] = await updateIndex(folder, config);
  expect([first?.samples, first?.classes, second?.samples]).toEqual([8, 3, 9]);
});

test('of a dataset that changed only the classes that did are stored again', async () => {
  const folder = workspace();
  const numbers = async () => {
    await updateIndex(folder, config);
    const rows = await withDatabase(indexFile(folder), 'read', (database) =>
      database.all<{ name: string; id: number; stored: number }>(
        `SELECT dataset || ' ' || split || ' ' || label AS name, id, count(class) AS stored
         FROM classes LEFT JOIN samples ON class = id GROUP BY ALL ORDER BY id`,
      ),
    );
    return new Map(rows.map(({ name, id, stored }) => [name, `${id}: ${stored}`]));
  };
  const first = await numbers();
  expect(first.size).toBe(7);
  grow(folder, { 'digits/train/a/9.png': 'x', 'digits/test/c/0.png': 'x' });
  rmSync(join(folder, 'clips/x/4.mp4'));
  const second = await numbers();
  const same = [...first].filter(([name, id]) => second.get(name) === id).map(([name]) => name);
  expect(same.sort()).toEqual(['clips train y', 'clips val x', 'clips val y', 'digits train b, "c"', 'digits val a']);
  expect(second.get('digits train a')).toMatch(/: 4$/);
  expect(second.get('digits test c')).toMatch(/: 1$/);
  expect(second.size).toBe(8);
  const all = await readSamples(folder, 'digits');
  expect(all.map(({ id }) => id.slice(7))).toEqual([
    ...['train/a/0.png', 'train/a/1.png', 'train/a/2.png', 'train/a/9.png', 'train/b, "c"/0.png', 'train/b, "c"/1.png'],
    ...['val/a/0.png', 'val/a/1.png', 'test/c/0.png'],
  ]);
});

test('pages of samples, with a text or without', async () => {
  const paths = ['a/0', 'a/1', 'a/2', 'a/3', 'B/0', 'B/10', 'c/0'];
  const folder = tree(Object.fromEntries([...paths, 'a/x'].map((path) => [`d/train/${path}.png`, 'x'])));
  grow(folder, { 'd/val/a/1.png': 'x' });
  const exclude = ['train/a/2.png', 'train/a/x.png'];
  await updateIndex(folder, { datasets: { d: { kind: 'image', path: 'd', format: 'classFolders', exclude } } });
  const table: [Partial<SamplesPage>, string[]][] = [
    [{ label: 'a' }, ['a/0', 'a/1', 'a/3']],
    [{ label: 'a', offset: 1, limit: 1 }, ['a/1']],
    [{}, ['B/0', 'B/10', 'a/0', 'a/1', 'a/3', 'c/0']],
    [{ offset: 1, limit: 3 }, ['B/10', 'a/0', 'a/1']],
    [{ offset: 5 }, ['c/0']],
    [{ filter: 'B/' }, ['B/0', 'B/10']],
    [{ filter: '0.P' }, ['B/0', 'B/10', 'a/0', 'c/0']],
    [{ filter: '0.p', offset: 1, limit: 2 }, ['B/10', 'a/0']],
    [{ filter: '0.p', label: 'B', offset: 1 }, ['B/10']],
    [{ filter: '%' }, []],
    [{ filter: '0', label: 'none' }, []],
  ];
  for (const [page, expected] of table) {
    const found = await listSamples(folder, { dataset: 'd', split: 'train', offset: 0, limit: 10, ...page });
    expect([page, found.map(({ id }) => id.slice('d/train/'.length, -'.png'.length))]).toEqual([page, expected]);
  }
});

test('datasets that go, come or change places', async () => {
  const folder = workspace();
  await updateIndex(folder, config);
  const names = async (datasets: WorkspaceConfig['datasets']) =>
    (await updateIndex(folder, { datasets })).map(({ name, samples }) => `${name} ${samples}`);
  expect(await names({ clips, digits })).toEqual(['clips 10', 'digits 7']);
  expect(await names({ clips })).toEqual(['clips 10']);
  expect(await listClasses(folder, 'digits', 'train')).toEqual([]);
  expect(await names({ digits: { ...digits, exclude: ['val/a/0.png'] } })).toEqual(['digits 6']);
  expect(await names({})).toEqual([]);
});

test('a dataset that is gone from the disk is a problem, and the others are indexed', async () => {
  const folder = workspace();
  rmSync(join(folder, 'clips'), { recursive: true });
  const summaries = await updateIndex(folder, config);
  expect(summaries.map(({ samples }) => samples)).toEqual([7, 0]);
  expect((await listProblems(folder)).map(({ severity, dataset }) => `${severity} ${dataset}`)).toEqual([
    'error clips',
  ]);
});

describe('problems that decoding finds', () => {
  const at = (folder: string, message: string) =>
    ({ severity: 'error', file: join(folder, 'clips/x/1.mp4'), message, dataset: 'clips' }) as const;

  test('stay until the file changes, and a new one replaces the old', async () => {
    const folder = workspace();
    await updateIndex(folder, { datasets: { clips } });
    await recordProblems(folder, [at(folder, 'No frame could be read.')]);
    await recordProblems(folder, [at(folder, 'The file ends too early.')]);
    const messages = async () => (await listProblems(folder)).map(({ message }) => message);
    const told = ['"y/bad.mp4" is empty (0 bytes); it is left out.', 'The file ends too early.'];
    expect((await messages()).sort()).toEqual(told);
    expect((await updateIndex(folder, { datasets: { clips } }))[0]?.problems).toBe(2);
    expect((await messages()).sort()).toEqual(told);
    expect((await listProblems(folder)).find(({ message }) => message === told[1])).toEqual(at(folder, told[1]!));

    writeFileSync(join(folder, 'clips/x/1.mp4'), 'mended');
    await updateIndex(folder, { datasets: { clips } });
    expect(await messages()).toEqual([told[0]]);
  });

  test('go with their dataset', async () => {
    const folder = workspace();
    await updateIndex(folder, config);
    await recordProblems(folder, [at(folder, 'No frame could be read.')]);
    await updateIndex(folder, { datasets: { digits } });
    expect(await listProblems(folder)).toEqual([]);
  });
});

test('of very many problems the rest is told as a number', async () => {
  const lines = Array.from({ length: 20 }, (_, index) => `${index}.png,`);
  const folder = tree({ 'm.csv': `path,label\n${lines.join('\n')}\n` });
  await updateIndex(folder, { datasets: { m: { kind: 'image', path: 'm.csv', format: 'manifest' } } });
  const problems = await listProblems(folder, 5);
  expect(problems.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, undefined]);
  expect(problems.at(-1)?.message).toBe('15 more problems are not listed.');
});

describe('an index that cannot be used is made again, and this is told once', () => {
  test.each<[string, (file: string) => unknown]>([
    ['damaged', (file) => writeFileSync(file, 'junk')],
    ['cut off', (file) => writeFileSync(file, readFileSync(file).subarray(0, 9000))],
    [
      'of another version',
      (file) => withDatabase(file, 'write', (database) => database.run('UPDATE meta SET version = 0')),
    ],
    [
      'of something else',
      async (file) => {
        rmSync(file);
        await withDatabase(file, 'write', (database) => database.run('CREATE TABLE mine (n INTEGER)'));
      },
    ],
  ])('%s', async (_, damage) => {
    const folder = workspace();
    await updateIndex(folder, { datasets: { digits } });
    await damage(indexFile(folder));
    await expect(listDatasets(folder)).rejects.toMatchObject({ code: 'damaged-database' });
    expect((await updateIndex(folder, { datasets: { digits } }))[0]?.samples).toBe(7);
    expect(await listProblems(folder)).toEqual([
      {
        severity: 'warning',
        file: indexFile(folder),
        message: 'The index was damaged or of another version, and was made again from the datasets.',
      },
    ]);
    await updateIndex(folder, { datasets: { digits } });
    expect(await listProblems(folder)).toEqual([]);
  });
});

describe('where the index cannot be written', () => {
  test('a file in the place of .cover', async () => {
    const folder = workspace();
    writeFileSync(join(folder, '.cover'), '');
    await expect(updateIndex(folder, config)).rejects.toMatchObject({
      code: 'database-unwritable',
      message: `${join(folder, '.cover')} must be a folder, but a file stands there. Move it away.`,
    });
  });

  test('a full disk: one sentence, and the index as it was', async (context) => {
    const disk = tinyDisk(context, '2m');
    const datasets = { m: { kind: 'image', path: 'm.csv', format: 'manifest' } } as const;
    writeFileSync(join(disk, 'm.csv'), 'path,label\na.png,x\n');
    writeFileSync(join(disk, 'a.png'), 'x');
    expect((await updateIndex(disk, { datasets }))[0]?.samples).toBe(1);
    const lines = Array.from({ length: 40_000 }, (_, index) => `a.png,l${index},${index},${index + 1}`);
    const big = tree({
      'a.png': 'x',
      'a.mp4': 'x',
      'm.csv': `path,label,start,end\n${lines.join('\n').replaceAll('png', 'mp4')}`,
    });
    const full = { m: { kind: 'video', path: join(big, 'm.csv'), format: 'manifest' } } as const;
    await expect(updateIndex(disk, { datasets: full })).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining('the disk is full'),
    });
    expect((await listDatasets(disk))[0]?.samples).toBe(1);
    closeReader(indexFile(disk)); // or the disk could not be taken away
  });
});

test('a cancelled update leaves no index', async () => {
  const folder = workspace();
  await expect(updateIndex(folder, config, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'cancelled',
  });
  expect(existsSync(indexFile(folder))).toBe(false);
});

test('ten thousand files', async () => {
  const folder = tree({});
  for (let label = 0; label < 10; label++) grow(folder, files(1000, `big/c${label}/`, '.png'));
  const datasets = { big: { kind: 'image', path: 'big', format: 'classFolders' } } as const;
  const [big] = await updateIndex(folder, { datasets });
  expect(big?.splits).toEqual([
    { name: 'train', samples: 8000, classes: 10 },
    { name: 'val', samples: 2000, classes: 10 },
  ]);
  const samples = await readSamples(folder, 'big');
  expect(new Set(samples.map(({ id }) => id)).size).toBe(10_000);

  const before = statSync(indexFile(folder)).mtimeMs;
  const progress: number[] = [];
  const update = () => updateIndex(folder, { datasets }, { onProgress: ({ done }) => progress.push(done) });
  expect(await update()).toEqual([big]);
  expect(statSync(indexFile(folder)).mtimeMs, 'nothing is written where nothing changed').toBe(before);
  expect(progress.at(-1)).toBe(10_000);
  writeFileSync(join(folder, 'big/c3/7.png'), 'longer');
  grow(folder, { 'big/c4/new.png': 'x' });
  expect((await update())[0]?.samples).toBe(10_001);
  rmSync(join(folder, 'big/c4/new.png'));
  expect((await update())[0]?.samples).toBe(10_000);
});

const real = resolve(process.env.COVER_SAMPLES ?? '../shared/samples', 'datasets');
describe.skipIf(!existsSync(real))(`real datasets (${real}; skipped where COVER_SAMPLES has none)`, () => {
  test('surveillance-fights and mnist-digits', async () => {
    const datasets = {
      fights: { kind: 'video', path: join(real, 'surveillance-fights'), format: 'classFolders' },
      digits: { kind: 'image', path: join(real, 'mnist-digits'), format: 'classFolders' },
    } as const;
    const folder = tree({});
    const summaries = await updateIndex(folder, { datasets });
    expect(summaries.map(({ splits, problems }) => ({ splits, problems }))).toEqual([
      {
        splits: [
          { name: 'train', samples: 28, classes: 2 },
          { name: 'val', samples: 12, classes: 2 },
        ],
        problems: 0,
      },
      {
        splits: [
          { name: 'train', samples: 400, classes: 10 },
          { name: 'val', samples: 100, classes: 10 },
        ],
        problems: 0,
      },
    ]);
  });
});
