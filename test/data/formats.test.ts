// Each format from a small folder of lines as the datasets have them: what is found by itself, and what becomes of it.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DatasetConfig } from '../../src/config/experiment.ts';
import { discoverDatasets } from '../../src/data/discover.ts';
import { writeParquet } from '../../src/data/parquet.ts';
import { scanDataset } from '../../src/data/scanDataset.ts';
import { formatCases, frames } from './formatCases.ts';
import { grow, type Tree, tree } from './tree.ts';

async function scan(root: string, config: Partial<DatasetConfig> & Pick<DatasetConfig, 'format'>) {
  const scanned = await scanDataset(root, 'd', { kind: 'video', path: '.', ...config });
  return {
    expected: scanned.expected,
    raw: scanned.samples,
    samples: scanned.samples.map(({ split, label, id }) => `${split} ${label} ${id.slice(2)}`),
    problems: scanned.problems.map(({ severity, file, line, message }) => {
      expect(message).toMatch(/\.$/);
      const inside = file === root ? '.' : file.replace(`${root}/`, '');
      return `${severity} ${inside}${line === undefined ? '' : `:${line}`} ${message}`;
    }),
  };
}

describe.each(formatCases)('$name', ({ files, found, config, expected, samples, problems = [] }) => {
  test('is found by itself', async () => {
    const discovered = await discoverDatasets(tree(files));
    expect(
      discovered.map(({ format, samples, classes, column, path, reason }) => {
        expect(path).toBe('.');
        expect(reason).toMatch(/\.$/);
        return `${format} ${samples}/${classes}${column === undefined ? '' : ` column=${column}`}`;
      }),
    ).toEqual(found);
  });

  test('is read', async () => {
    // What does not matter to the format: val alone, and held-out samples.
    const unimportant = /has no training|in test \(|is in (val|test) .* but not in train/;
    const scanned = await scan(tree(files), { holdOut: 0, ...config });
    expect(scanned.problems.filter((line) => problems.includes(line) || !unimportant.test(line))).toEqual(problems);
    expect(scanned.samples).toEqual(samples);
    expect(scanned.expected).toEqual(expected);
  });
});

test('frame folders say how their images are called', async () => {
  const root = tree({
    'train.txt': 'a 3 0\nb 2 1\n',
    ...frames('a', 3, (i) => `img_${String(i).padStart(5, '0')}.jpg`),
    ...frames('b', 12, (i) => `100%-${i}.png`),
    'b/notes.txt': 'x',
    // As many pictures of optical flow beside them.
    ...frames('a', 3, (i) => `flow_x_${String(i).padStart(5, '0')}.jpg`),
    ...frames('a', 3, (i) => `flow_y_${String(i).padStart(5, '0')}.jpg`),
  });
  const { raw } = await scan(root, { format: 'mmaction2', holdOut: 0 });
  expect(raw.map(({ file, frames, start, end }) => ({ file, frames, start, end }))).toEqual([
    { file: join(root, 'a'), frames: { pattern: 'img_%05d.jpg', first: 1, count: 3 }, start: null, end: null },
    { file: join(root, 'b'), frames: { pattern: '100%%-%d.png', first: 1, count: 2 }, start: null, end: null },
  ]);
  const fast = await scan(root, { format: 'mmaction2', holdOut: 0, frameRate: 60 });
  expect(fast.raw.map(({ frames }) => frames?.rate)).toEqual([60, 60]);
  expect(fast.problems).toEqual([]);
});

test('EPIC-Kitchens tells the rate of its frame folders by times and frames, each video by its last line', async () => {
  const line = (video: string, times: string, frames: string) =>
    `${video}_0,P01,${video},0,${times},${frames},x,x,0,x,0,[],[]`;
  const root = tree({
    'EPIC_100_train.csv': [
      'narration_id,participant_id,video_id,narration_timestamp,start_timestamp,stop_timestamp,start_frame,stop_frame,narration,verb,verb_class,noun,noun_class,all_nouns,all_noun_classes',
      line('P01_01', '00:00:00.10,00:00:00.14', '6,8'), // 57 by itself
      line('P01_01', '00:00:10.00,00:00:20.00', '599,1199'), // at 59.94
      line('P01_102', '00:00:00.54,00:00:02.23', '27,111'),
      line('P01_103', '00:00:00.54,00:00:02.23', ','),
    ].join('\n'),
    'EPIC_100_verb_classes.csv': 'id,key,instances,category\n0,take,[],x\n',
    ...frames('P01/rgb_frames/P01_01', 8, (i) => `frame_${String(i).padStart(10, '0')}.jpg`),
    ...frames('P01/rgb_frames/P01_102', 60, (i) => `frame_${String(i).padStart(10, '0')}.jpg`),
    ...frames('P01/rgb_frames/P01_103', 5, (i) => `frame_${String(i).padStart(10, '0')}.jpg`),
  });
  const rates = async (config: object) => {
    const { raw } = await scan(root, { format: 'epicKitchens', column: 'verb', holdOut: 0, ...config });
    return raw.map(({ file, frames }) => [file.slice(file.lastIndexOf('_') + 1), frames?.rate]);
  };
  expect(await rates({})).toEqual([
    ['01', 60],
    ['102', 50],
    ['103', undefined],
  ]);
  expect(await rates({ frameRate: 25 })).toEqual([
    ['01', 25],
    ['102', 25],
    ['103', 25],
  ]);
});

describe('mmaction2 lists of videos beside lists of frame folders', () => {
  const clips = ['A/v_1', 'B/v_2'];
  const listed: Tree = {
    ...Object.fromEntries(
      ['train', 'val'].flatMap((split, index) => [
        [`${split}_videos.txt`, clips.map((clip, label) => `${clip}_${index}.avi ${label}\n`).join('')],
        [`${split}_rawframes.txt`, clips.map((clip, label) => `${clip}_${index} 2 ${label}\n`).join('')],
      ]),
    ),
  };
  const all = clips.flatMap((clip) => [`${clip}_0`, `${clip}_1`]);
  const videos = (folder: string): Tree => Object.fromEntries(all.map((clip) => [`${folder}${clip}.avi`, 'x']));
  const folders = (folder: string): Tree =>
    Object.assign({}, ...all.map((clip) => frames(`${folder}${clip}`, 2, (i) => `img_0000${i}.jpg`)));
  const ofSplit = (index: number, path: (clip: string) => string) =>
    clips.map((clip, label) => `${index === 0 ? 'train' : 'val'} ${label} ${path(`${clip}_${index}`)}`);
  const samples = (path: (clip: string) => string) => [...ofSplit(0, path), ...ofSplit(1, path)];
  const unread = (...names: string[]) =>
    `warning . A split is read from lists of videos or of frame folders, not from both. Not read: ${names.join(', ')}. Take the others away to have these read.`;

  test.each<[string, Tree, string[], string]>([
    [
      'the kind that is on the disk: videos',
      videos('videos/'),
      samples((clip) => `videos/${clip}.avi`),
      unread('train_rawframes.txt', 'val_rawframes.txt'),
    ],
    [
      'the kind that is on the disk: frame folders',
      folders('rawframes/'),
      samples((clip) => `rawframes/${clip}`),
      unread('train_videos.txt', 'val_videos.txt'),
    ],
    [
      'videos where both are there',
      { ...videos('videos/'), ...folders('rawframes/') },
      samples((clip) => `videos/${clip}.avi`),
      unread('train_rawframes.txt', 'val_rawframes.txt'),
    ],
    [
      'videos where both are in one folder',
      { ...videos(''), ...folders('') },
      samples((clip) => `${clip}.avi`),
      unread('train_rawframes.txt', 'val_rawframes.txt'),
    ],
  ])('%s', async (_, files, expected, warning) => {
    const root = tree({ ...listed, ...files });
    const scanned = await scan(root, { format: 'mmaction2' });
    expect(scanned.samples).toEqual(expected);
    expect(scanned.problems).toEqual([warning]);
    expect(scanned.expected).toEqual({ train: 2, val: 2 });
    const [only, ...others] = await discoverDatasets(root);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ format: 'mmaction2', samples: 4, classes: 2 });
  });

  test('each split by itself: one that has one kind alone is read as it is', async () => {
    const others = { ...listed };
    delete others['val_rawframes.txt'];
    const scanned = await scan(tree({ ...others, ...folders('rawframes/'), ...videos('videos/') }), {
      format: 'mmaction2',
    });
    expect(scanned.samples).toEqual(samples((clip) => `videos/${clip}.avi`));
    expect(scanned.problems).toEqual([unread('train_rawframes.txt')]);
  });
});

describe('FiftyOne keys with folders', () => {
  const media = (...paths: string[]): Tree => Object.fromEntries(paths.map((path) => [path, 'x']));
  const both = media(...['cat', 'dog'].flatMap((label) => [1, 2, 3].map((i) => `data/${label}/00${i}.png`)));
  const missing = (path: string, line: number) =>
    `error labels.json:${line} "data/${path}" cannot be read: it does not exist; it is left out.`;
  test.each<[string, string[], Tree, string[], string[]]>([
    [
      'each names its own file',
      ['cat/001', 'cat/002', 'cat/003', 'dog/001', 'dog/002', 'dog/003'],
      both,
      ['cat/001.png', 'cat/002.png', 'cat/003.png', 'dog/001.png', 'dog/002.png', 'dog/003.png'],
      [],
    ],
    [
      'a file without a key is of no class',
      ['cat/002', 'cat/003', 'dog/001', 'dog/002', 'dog/003'],
      both,
      ['cat/002.png', 'cat/003.png', 'dog/001.png', 'dog/002.png', 'dog/003.png'],
      [],
    ],
    ['a file of another folder is another file', ['dog/001'], media('data/cat/001.png'), [], [missing('dog/001', 2)]],
    [
      'dots, endings, other endings',
      ['cat/v1.0', 'cat/v1.1', 'dog/2.jpg', 'dog/3.jpg'],
      media('data/cat/v1.0.png', 'data/cat/v1.1.png', 'data/dog/2.jpg', 'data/dog/2.png', 'data/dog/3.webp'),
      ['cat/v1.0.png', 'cat/v1.1.png', 'dog/2.jpg', 'dog/3.webp'],
      [],
    ],
    [
      'files without the folders, or in more of them, where there is one of this name',
      ['cat/1', 'dog/2', '3'],
      media('data/1.png', 'data/images/dog/2.png', 'data/a/3.png'),
      ['1.png', 'a/3.png', 'images/dog/2.png'],
      [],
    ],
    ['a name that several files have', ['1'], media('data/a/1.png', 'data/b/1.png'), [], [missing('1', 2)]],
    [
      'several keys for one file',
      ['cat/1', 'dog/1'],
      media('data/1.png'),
      [],
      [missing('cat/1', 2), missing('dog/1', 3)],
    ],
  ])('%s', async (_, keys, files, samples, problems) => {
    const labels = keys.map((key) => `"${key}": "${key.split('/')[0]}"`).join(',\n');
    const root = tree({ 'labels.json': `{"labels": {\n${labels}\n}}`, ...files });
    const scanned = await scan(root, { format: 'fiftyOne', kind: 'image', holdOut: 0 });
    expect(scanned.raw.map(({ id }) => id.replace('d/data/', '')).sort()).toEqual(samples);
    for (const { id, label } of scanned.raw) if (/\/(cat|dog)\//.test(id)) expect(id).toContain(`/${label}/`);
    expect(scanned.problems.filter((line) => line.includes('labels.json:'))).toEqual(problems);
  });
});

test('the files may lie elsewhere', async () => {
  const root = tree({
    'lists/trainlist01.txt': 'A/v_A_g01_c01.avi 1\nB/v_B_g01_c01.avi 2\n',
    'lists/testlist01.txt': 'A/v_A_g02_c01.avi\n',
    'disk/A/v_A_g01_c01.avi': 'x',
    'disk/B/v_B_g01_c01.avi': 'x',
    'disk/A/v_A_g02_c01.avi': 'x',
  });
  const { samples, problems } = await scan(root, { format: 'ucf101', path: 'lists', media: 'disk' });
  expect(problems).toEqual([]);
  expect(samples).toEqual(['train A A/v_A_g01_c01.avi', 'train B B/v_B_g01_c01.avi', 'test A A/v_A_g02_c01.avi']);
});

describe.each(['', 'UCF-101/', 'videos/UCF-101/'])(
  'of a long list only a few files are on the disk, in "%s"',
  (place) => {
    const names = Array.from({ length: 50 }, (_, index) => `C${String(index).padStart(2, '0')}`);
    const rows = (group: number, clips: number) =>
      names.map((name) =>
        Array.from({ length: clips }, (_, clip) => `${name}/v_${name}_g${group}_c${clip}.avi\n`).join(''),
      );
    const few = (split: string, paths: string[]) => paths.map((path) => `${split} ${path.slice(0, 3)} ${place}${path}`);
    const train = ['C03/v_C03_g2_c4.avi', 'C03/v_C03_g2_c7.avi', 'C17/v_C17_g2_c2.avi'];
    const held = ['C03/v_C03_g1_c2.avi', 'C17/v_C17_g1_c3.avi'];
    const onDisk = (paths: string[]): Tree => Object.fromEntries(paths.map((path) => [`d/${place}${path}`, 'x']));

    test.each([
      ['of both splits', train, held],
      ['of train', train, []],
      ['of test', [], held],
    ])('%s: they are found', async (_, ofTrain, ofTest) => {
      const root = tree({
        'd/lists/trainlist01.txt': rows(2, 20).join(''),
        'd/lists/testlist01.txt': rows(1, 5).join(''),
        'd/other/C03/notes.txt': 'x',
        ...onDisk([...ofTrain, ...ofTest]),
      });
      const { samples, expected } = await scan(join(root, 'd'), { format: 'ucf101' });
      expect(samples).toEqual([...few('train', ofTrain), ...few('test', ofTest)]);
      expect(expected).toEqual({ train: 1000, test: 250 });
      const found = await discoverDatasets(root);
      expect(found.map(({ format, path, missing }) => ({ format, path, missing }))).toEqual([
        { format: 'ucf101', path: 'd', missing: undefined },
      ]);
    });
  },
);

test('where every file of a named split is missing, nothing else is held out in its place', async () => {
  const root = tree({
    'trainlist01.txt': 'A/1.avi 1\nA/2.avi 1\nB/1.avi 2\nB/2.avi 2\n',
    'testlist01.txt': 'A/3.avi\n',
    'A/1.avi': 'x',
    'A/2.avi': 'x',
    'B/1.avi': 'x',
    'B/2.avi': 'x',
  });
  const { raw, expected } = await scan(root, { format: 'ucf101' });
  expect(raw.map(({ split }) => split)).toEqual(['train', 'train', 'train', 'train']);
  expect(expected).toEqual({ train: 4, test: 1 });
});

test('manifests in Parquet, with the label in a column of another name', async () => {
  const root = tree({ 'v/1.mp4': 'x', 'v/2.mp4': 'x', 'v/3.mp4': 'x' });
  await writeParquet(join(root, 'm.parquet'), {
    path: { type: 'VARCHAR', values: ['v/1.mp4', 'v/2.mp4', 'v/9.mp4'] },
    verb: { type: 'VARCHAR', values: ['take', 'wash', 'wash'] },
    label: { type: 'VARCHAR', values: ['x', 'x', 'x'] },
    start: { type: 'DOUBLE', values: [0.5, null, null] },
  });
  const { samples, problems } = await scan(root, { format: 'manifest', path: 'm.parquet', column: 'verb', holdOut: 0 });
  expect(samples).toEqual(['train take v/1.mp4#t=0.5', 'train wash v/2.mp4']);
  expect(problems).toEqual(['error m.parquet:3 "v/9.mp4" cannot be read: it does not exist; it is left out.']);
  expect((await discoverDatasets(root)).map(({ path, samples }) => `${path} ${samples}`)).toEqual(['m.parquet 3']);
});

describe('a mapping of the classes', () => {
  const files: Tree = { 'train/a/1.png': 'x', 'train/b/1.png': 'x', 'train/c/1.png': 'x', 'train/d/1.png': 'x' };
  test.each([
    ['JSON', 'm.json', '{"b": "a", "c": null, "d": "e"}'],
    ['CSV', 'm.csv', 'from,to\nb,a\nc,\nd,e\n'],
  ])('%s: renames, merges, drops', async (_, mapping, text) => {
    const root = tree({ ...files, [mapping]: text });
    const { samples, problems } = await scan(root, { format: 'classFolders', kind: 'image', mapping, holdOut: 0 });
    expect(samples).toEqual(['train a train/a/1.png', 'train a train/b/1.png', 'train e train/d/1.png']);
    expect(problems).toEqual([]);
  });

  test('says what it maps in vain, and what it cannot use', async () => {
    const root = tree({ ...files, 'm.json': '{\n"aa": "a",\n"b": 3\n}' });
    const config = { format: 'classFolders', kind: 'image', mapping: 'm.json', holdOut: 0 } as const;
    expect((await scan(root, config)).problems).toEqual([
      'error m.json:3 "b" should be given a new name in quotes, or null to drop it.',
      'warning m.json 1 class of this mapping stands for no sample: "aa". Check the names.',
    ]);
  });
});

test('ImageNet with a flat val/ and folders beside it: one class comes from one place', async () => {
  const root = tree({
    'train/n01440764/1.JPEG': 'x',
    'train/n01443537/1.JPEG': 'x',
    'validation/n01440764/1.JPEG': 'x',
    'val/ILSVRC2012_val_00000001.JPEG': 'x',
    'val/ILSVRC2012_val_00000002.JPEG': 'x',
    'LOC_val_solution.csv':
      'ImageId,PredictionString\nILSVRC2012_val_00000001,n01440764 1 2 3 4\nILSVRC2012_val_00000002,n01443537 1 2 3 4\n',
  });
  const { samples, problems } = await scan(root, { format: 'imageNet', kind: 'image' });
  expect(samples).toEqual([
    'train n01440764 train/n01440764/1.JPEG',
    'train n01443537 train/n01443537/1.JPEG',
    'val n01440764 validation/n01440764/1.JPEG',
    'val n01443537 val/ILSVRC2012_val_00000002.JPEG',
  ]);
  expect(problems).toEqual([
    'warning LOC_val_solution.csv 1 line of this list left out: other images of val lie in folders of these classes.',
  ]);
});

test('a folder that could be read in two ways says so', async () => {
  const root = tree({
    'ucf/trainlist01.txt': 'A/v_A_g01_c01.avi 1\nB/v_B_g01_c01.avi 2\n',
    'ucf/testlist01.txt': 'A/v_A_g02_c01.avi\n',
    'ucf/trainlist02.txt': 'A/v_A_g02_c01.avi 1\n',
    'ucf/train/A/v_A_g01_c01.avi': 'x',
    'ucf/train/B/v_B_g01_c01.avi': 'x',
    'ucf/test/A/v_A_g02_c01.avi': 'x',
  });
  const [only, ...others] = await discoverDatasets(root);
  expect(others).toEqual([]);
  expect(only).toMatchObject({ name: 'ucf', format: 'ucf101', path: 'ucf' });
  expect(only!.reason).toContain('This is fold 1; write "fold": 2 for another.');
  expect(only!.reason).toContain('Could also be read as mmaction2 or classFolders: change "format".');
});

test.each([['.'], ['annotations']])(
  'lists in %s without their files are one dataset, in the likeliest format',
  async (folder) => {
    const root = tree({
      [`${folder}/trainlist01.txt`]: 'A/v_A_g01_c01.avi 1\nB/v_B_g01_c01.avi 2\n',
      [`${folder}/testlist01.txt`]: 'A/v_A_g02_c01.avi\n',
    });
    const found = await discoverDatasets(root);
    expect(found.map(({ format, path }) => `${format} ${path}`)).toEqual([`ucf101 ${folder}`]);
    expect(found[0]!.reason).toContain('None of the files was found: name their folder as "media".');
    expect(found[0]!.reason).toContain('Could also be read as mmaction2: change "format".');
  },
);

const lists = resolve(process.env.COVER_ANNOTATIONS ?? '../shared/annotations');
describe.skipIf(!existsSync(lists))(`official lists (${lists}; skipped where COVER_ANNOTATIONS has none)`, () => {
  const counts = async (config: Partial<DatasetConfig> & Pick<DatasetConfig, 'format' | 'path'>) => {
    const { expected, problems } = await scanDataset(lists, 'd', { kind: 'video', ...config });
    const other = problems.filter(({ message }) => !/^None of the/.test(message));
    const missing = problems.map(({ message }) => /^None of the ([\d,]+) videos .* was found/.exec(message)?.[1]);
    return { expected, other, missing };
  };
  test.each([
    [1, { train: 9537, test: 3783 }],
    [2, { train: 9586, test: 3734 }],
    [3, { train: 9624, test: 3696 }],
  ])('UCF101, fold %i', async (fold, expected) => {
    const found = await counts({ format: 'ucf101', path: 'ucf101', fold });
    expect(found).toEqual({ expected, other: [], missing: ['13,320'] });
    const [only] = await discoverDatasets(join(lists, 'ucf101'));
    expect(only).toMatchObject({ format: 'ucf101', samples: 13_320, classes: 101 });
  });

  test.each([
    [['Haircut', 'HandstandPushups', 'PlayingViolin'], { train: 269, test: 89 }],
    [['ApplyLipstick', 'Archery', 'BabyCrawling'], { train: 283, test: 108 }],
  ])('UCF101 with the files of %j alone', async (classes, there) => {
    const listed = ['trainlist01.txt', 'testlist01.txt'].map((name) =>
      readFileSync(join(lists, 'ucf101', name), 'utf8'),
    );
    const own = listed.flatMap((text) => text.match(/^\S+/gm)!).filter((path) => classes.includes(path.split('/')[0]!));
    const root = tree({
      'ucfTrainTestlist/trainlist01.txt': listed[0]!,
      'ucfTrainTestlist/testlist01.txt': listed[1]!,
      ...Object.fromEntries(own.map((path) => [`UCF-101/${path}`, 'x'])),
    });
    const { raw } = await scan(root, { format: 'ucf101' });
    const number = (split: string) => raw.filter((sample) => sample.split === split).length;
    expect({ train: number('train'), test: number('test') }).toEqual(there);
    expect(raw).toHaveLength(own.length);
    expect((await discoverDatasets(root)).map(({ format, path }) => `${format} ${path}`)).toEqual(['ucf101 .']);
  });

  test('Kinetics-400 validation', async () => {
    const found = await counts({ format: 'kinetics', path: 'kinetics' });
    expect(found).toMatchObject({ expected: { val: 19_906 }, other: [], missing: ['19,906'] });
    const [only] = await discoverDatasets(join(lists, 'kinetics'));
    expect(only).toMatchObject({ format: 'kinetics', samples: 19_906, classes: 400 });
    expect(only!.reason).toContain('None of the files was found');
  });

  test('Something-Something V2: every one of the 174 classes is taken', async () => {
    const labels = Object.keys(
      JSON.parse(readFileSync(join(lists, 'ssv2/something-something-v2-labels.json'), 'utf8')),
    );
    const root = tree({
      'something-something-v2-labels.json': readFileSync(
        join(lists, 'ssv2/something-something-v2-labels.json'),
        'utf8',
      ),
      'something-something-v2-train.json': JSON.stringify(
        labels.map((label, id) => ({ id: String(id), template: label.replace(/\bsomething\b/g, '[something]') })),
      ),
    });
    grow(root, Object.fromEntries(labels.map((_, id) => [`v/${id}.webm`, 'x'])));
    const { raw, problems } = await scan(root, { format: 'somethingSomething', holdOut: 0 });
    expect(problems).toEqual([]);
    expect(new Set(raw.map(({ label }) => label)).size).toBe(174);
  });

  test('HMDB51: 51 classes, from lists made of their names', async () => {
    const names = readFileSync(join(lists, 'labels/hmdb51.txt'), 'utf8').trim().split('\n');
    const files: Tree = {};
    for (const name of names) {
      files[`splits/${name}_test_split1.txt`] = `${name}_1.avi 1 \n${name}_2.avi 2 \n${name}_3.avi 0 \n`;
      for (const number of [1, 2, 3]) files[`videos/${name}/${name}_${number}.avi`] = 'x';
    }
    const { expected, raw, problems } = await scan(tree(files), { format: 'hmdb51' });
    expect(problems).toEqual([]);
    expect(expected).toEqual({ train: 51, test: 51 });
    expect(new Set(raw.map(({ label }) => label)).size).toBe(51);
  });
});
