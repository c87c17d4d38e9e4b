import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DatasetConfig } from '../../src/config/experiment.ts';
import { scanDataset } from '../../src/data/scanDataset.ts';
import { files, type Tree, tree } from './tree.ts';

/** Samples as `split label path`, problems as `severity file:line message`, with paths inside the dataset's folder. */
async function scan(files: Tree, config: Partial<DatasetConfig> = {}) {
  const root = tree(files);
  const scanned = await scanDataset(root, 'd', { kind: 'image', path: '.', format: 'classFolders', ...config });
  const problems = scanned.problems.map(({ severity, file, line, message, dataset }) => {
    expect(dataset).toBe('d');
    expect(message).toMatch(/\.$/);
    const inside = file === root ? '.' : file.replace(`${root}/`, '');
    return `${severity} ${inside}${line === undefined ? '' : `:${line}`} ${message}`;
  });
  const samples = scanned.samples
    .filter(({ excluded }) => !excluded)
    .map(({ split, label, id }) => `${split} ${label} ${id.slice(2)}`);
  return { root, samples, problems };
}

const two: Tree = { ...files(2, 'train/a/', '.png'), ...files(2, 'train/b/', '.png'), ...files(1, 'val/a/', '.png') };

describe('class folders', () => {
  test('with split folders of any case and name', async () => {
    const { samples, problems } = await scan({
      'Training/b/1.PNG': 'x',
      'Training/a/2.jpg': 'x',
      'valid/a/3.webp': 'x',
    });
    expect(problems).toEqual([]);
    expect(samples).toEqual(['train a Training/a/2.jpg', 'train b Training/b/1.PNG', 'val a valid/a/3.webp']);
  });

  test('without split folders some are held out', async () => {
    const { samples, problems } = await scan({ ...files(5, 'a/', '.png'), ...files(5, 'b/', '.png') });
    expect(problems).toEqual([]);
    expect(samples.filter((sample) => sample.startsWith('val')).length).toBe(2);
    expect(samples).toHaveLength(10);
  });

  test('a class called "test" among other classes is a class', async () => {
    const { samples } = await scan({ ...files(3, 'test/', '.png'), ...files(3, 'other/', '.png') });
    expect(new Set(samples.map((sample) => sample.split(' ')[1]))).toEqual(new Set(['test', 'other']));
  });

  test('labels with commas, quotes, spaces and any letters', async () => {
    const labels = ['a, b', 'say "hi"', "it's", 'Zähne putzen', '走る', '-rf', '50 %', 'é'.normalize('NFD')];
    const tree = Object.fromEntries(labels.flatMap((label) => Object.entries(files(2, `train/${label}/`, '.png'))));
    const { samples, problems } = await scan({ ...tree, ...files(1, "val/it's/", '.png') });
    expect(problems).toEqual([]);
    expect(new Set(samples.map((line) => line.replace(/^(train|val) (.*) (train|val)\/.*$/, '$2')))).toEqual(
      new Set(labels.map((label) => label.normalize('NFC'))),
    );
  });

  test('hidden and machine-made files are no news', async () => {
    expect(
      (await scan({ ...two, '.DS_Store': 'x', 'train/a/Thumbs.db': 'x', 'train/.cache/x.png': 'x' })).problems,
    ).toEqual([]);
  });

  test.each<[string, Tree, Partial<DatasetConfig>, string[]]>([
    [
      'an empty class',
      { ...two, 'train/c/': '' },
      {},
      ['warning train/c Class "c" is empty: its folder holds no image file.'],
    ],
    [
      'an empty file',
      { ...two, 'train/a/9.png': '' },
      {},
      ['error train/a/9.png "train/a/9.png" is empty (0 bytes); it is left out.'],
    ],
    [
      'a broken link',
      { ...two, 'train/a/9.png': { link: 'gone.png' } },
      {},
      ['error train/a/9.png "train/a/9.png" cannot be read: it does not exist; it is left out.'],
    ],
    [
      'other files, told once for a folder',
      { ...two, 'train/a/x.txt': 'x', 'train/a/y.TXT': 'x', 'train/a/z.mp4': 'x', 'train/a/README': 'x' },
      {},
      ['warning train/a 4 files left out here: not image files (no extension, .txt, .mp4).'],
    ],
    [
      'files without a class',
      { ...two, 'train/x.png': 'x', 'y.png': 'x' },
      {},
      [
        'warning . 1 file left out here: no class folder around (y.png, …).',
        'warning train 1 file left out here: no class folder around (x.png, …).',
      ],
    ],
    [
      'folders inside a class',
      { ...two, 'train/a/more/1.png': 'x' },
      {},
      ['warning train/a 1 folder inside class "a" not read (more): files must lie directly in their class folder.'],
    ],
    [
      'a folder beside the splits',
      { ...two, 'extra/a/1.png': 'x' },
      {},
      ['warning extra This folder is left out: it stands beside train, val but is no split.'],
    ],
    [
      'one class',
      files(3, 'train/a/', '.png'),
      {},
      ['warning . Dataset "d" has one class only ("a"): nothing can be learned from one class.'],
    ],
    [
      'a frame rate of what has none',
      two,
      { frameRate: 25 },
      ['warning . "frameRate" does nothing for dataset "d": none of its samples is a folder of frames.'],
    ],
    [
      'a class that is never trained',
      { ...two, ...files(2, 'val/c/', '.png') },
      {},
      ['warning . Class "c" is in val (2 samples) but not in train: it cannot be learned.'],
    ],
    [
      'no training samples',
      files(1, 'val/a/', '.png'),
      {},
      [
        'warning . Dataset "d" has one class only ("a"): nothing can be learned from one class.',
        'error . Dataset "d" has no training samples: all are in val.',
      ],
    ],
    [
      'nothing at all',
      { 'a/': '' },
      {},
      [
        'warning a Class "a" is empty: its folder holds no image file.',
        'error . Dataset "d" has no usable image; see its other problems.',
      ],
    ],
    [
      'an exclusion that matches nothing',
      two,
      { exclude: ['gone.png'] },
      ['warning . cover.json excludes "gone.png", but the dataset has no such sample.'],
    ],
  ])('%s', async (_, files, config, expected) => expect((await scan(files, config)).problems).toEqual(expected));

  test('a dataset folder that is not there', async () => {
    const { root, problems, samples } = await scan(two, { path: 'gone' });
    expect(samples).toEqual([]);
    expect(problems).toEqual([
      `error gone Folder ${join(root, 'gone')} could not be read: it does not exist. Mend it, or the path in cover.json.`,
    ]);
  });

  test('excluded samples are gone, and nothing else moves between the splits', async () => {
    const all = { ...files(10, 'a/', '.png'), ...files(10, 'b/', '.png') };
    const before = (await scan(all)).samples;
    const out = before[0]!.split(' ')[2]!;
    expect((await scan(all, { exclude: [out] })).samples).toEqual(before.slice(1));
  });

  test('links that run in circles end', async () => {
    const { samples } = await scan({ ...two, 'train/a/self': { link: '..' }, 'train/loop': { link: '.' } });
    expect(samples).toHaveLength(5);
  });
});

describe('manifests', () => {
  const media: Tree = { 'v/1.mp4': 'x', 'v/2.mp4': 'x', 'v/3.mp4': 'x' };
  const manifest = (name: string, text: string) =>
    scan({ ...media, [name]: text }, { kind: 'video', path: name, format: 'manifest' });
  const good = 'v/1.mp4,a,train\nv/2.mp4,b,train\nv/3.mp4,a,val';

  test.each([
    ['CSV', 'm.csv', `path,label,split\n${good}\n`],
    [
      'columns in another order and case, a further column',
      'm.csv',
      'Split,id,LABEL,Path\ntrain,1,a,v/1.mp4\ntrain,2,b,v/2.mp4\nvalidation,3,a,v/3.mp4',
    ],
    ['byte order mark and CRLF', 'm.csv', `\uFEFFpath,label,split\r\n${good.replaceAll('\n', '\r\n')}\r\n`],
    ['semicolons', 'm.csv', `path;label;split\n${good.replaceAll(',', ';')}\n`],
    ['tabs', 'm.csv', `path\tlabel\tsplit\n${good.replaceAll(',', '\t')}\n`],
    [
      'JSON Lines',
      'm.jsonl',
      '{"path":"v/1.mp4","label":"a","split":"train"}\n\n{"path":"./v/2.mp4","label":"b","split":"train","more":[1]}\r\n{"path":"v/3.mp4","label":"a","split":"val","start":null}',
    ],
    ['paths as Windows writes them', 'm.csv', `path,label,split\n${good.replaceAll('/', '\\')}\n`],
  ])('%s', async (_, name, text) => {
    const { samples, problems } = await manifest(name, text);
    expect(problems).toEqual([]);
    expect(samples).toEqual(['train a v/1.mp4', 'train b v/2.mp4', 'val a v/3.mp4']);
  });

  test('labels with a comma, a quote, a line end, or a number for a label', async () => {
    const csv = await manifest('m.csv', 'path,label\nv/1.mp4,"a, ""b"""\nv/2.mp4,"two\nlines"\nv/3.mp4,"it\'s"\n');
    expect(csv.problems).toEqual([]);
    expect(csv.samples).toEqual(['train a, "b" v/1.mp4', "train it's v/3.mp4", 'train two\nlines v/2.mp4']);
    const json = await manifest('m.jsonl', '{"path":"v/1.mp4","label":7}\n{"path":"v/2.mp4","label":"a, \\"b\\""}');
    expect(json.samples).toEqual(['train 7 v/1.mp4', 'train a, "b" v/2.mp4']);
  });

  test('parts of one file, in seconds', async () => {
    const { samples, problems } = await manifest(
      'm.csv',
      'path,label,split,start,end\nv/1.mp4,a,train,0,2.5\nv/1.mp4,b,train,2.5,\nv/2.mp4,a,val,,4\n',
    );
    expect(problems).toEqual([]);
    expect(samples).toEqual(['train a v/1.mp4#t=0,2.5', 'train b v/1.mp4#t=2.5', 'val a v/2.mp4#t=0,4']);
  });

  const csv = (line: string) => `path,label,split,start,end\n${good.replaceAll('\n', ',,\n')},,\n${line}\n`;
  test.each([
    [
      'a missing file',
      'v/9.mp4,a,train,,',
      'error m.csv:5 "v/9.mp4" cannot be read: it does not exist; it is left out.',
    ],
    ['a folder', 'v/x.mp4/,a,train,,', 'error m.csv:5 "v/x.mp4" cannot be read: it does not exist; it is left out.'],
    ['no label', 'v/1.mp4, ,train,,', 'error m.csv:5 "v/1.mp4" has no label.'],
    ['no path', ',a,train,,', 'error m.csv:5 This line has no path.'],
    ['another kind', 'v/1.png,a,train,,', 'error m.csv:5 "v/1.png" is not a video file (.png); this line is left out.'],
    [
      'an unknown split',
      'v/1.mp4,a,trian,,',
      'error m.csv:5 "trian" is no split: write train, val or test, or leave it empty.',
    ],
    ['start after end', 'v/1.mp4,a,train,5,5', 'error m.csv:5 start (5 s) must come before end (5 s).'],
    ['no seconds', 'v/1.mp4,a,train,0:05,9', 'error m.csv:5 start and end must be seconds, 0 or more, such as 12.5.'],
    [
      'negative seconds',
      'v/1.mp4,a,train,-1,9',
      'error m.csv:5 start and end must be seconds, 0 or more, such as 12.5.',
    ],
    [
      'a second time',
      'v/1.mp4,a,train,,',
      'warning m.csv:5 "v/1.mp4" stands in line 2 already; this line is left out.',
    ],
    [
      'a second time, differently',
      'v/1.mp4,b,train,,',
      'warning m.csv:5 "v/1.mp4" stands in line 2 already, there with label "a"; this line is left out.',
    ],
    [
      'an unquoted comma',
      'v/1.mp4,a, b,train,,',
      'error m.csv:5 This line has 6 values for 5 columns. Put a text with a "," in it in double quotes.',
    ],
    [
      'an open quote',
      'v/1.mp4,"a,train,,',
      'error m.csv:5 This line cannot be used: a quote is opened but never closed. Put a text with quotes in quotes and double those inside.',
    ],
    [
      'no split among others that have one',
      'v/1.mp4,a,,1,2',
      'warning m.csv 1 of the lines names no split; it is used for training.',
    ],
  ])('CSV line with %s', async (_, line, expected) =>
    expect((await manifest('m.csv', csv(line))).problems).toEqual([expected]),
  );

  const lines = '{"path":"v/1.mp4","label":"a"}\n{"path":"v/2.mp4","label":"b"}\n{"path":"v/3.mp4","label":"b"}\n';
  test.each([
    [
      'a slip',
      '{"path"',
      'error m.jsonl:4 This line is not valid JSON. Write one object a line: {"path": …, "label": …}.',
    ],
    ['a list', '[]', 'error m.jsonl:4 This line is not an object. Write {"path": …, "label": …}.'],
    [
      'a list for a label',
      '{"path":"v/1.mp4","label":["a"]}',
      'error m.jsonl:4 "label" must be text or a number here.',
    ],
    ['a NUL', '{"path":"v/1\\u0000.mp4","label":"a"}', 'error m.jsonl:4 This path has a NUL character in it.'],
    [
      'a missing file',
      '{"path":"/gone/1.mp4","label":"a"}',
      'error m.jsonl:4 "/gone/1.mp4" cannot be read: it does not exist; it is left out.',
    ],
  ])('JSON line with %s', async (_, line, expected) =>
    expect((await manifest('m.jsonl', lines + line)).problems).toEqual([expected]),
  );

  test.each([
    ['an empty file', ''],
    ['no header', 'v/1.mp4,a\n'],
  ])('%s', async (_, text) => {
    expect((await manifest('m.csv', text)).problems[0]).toBe(
      'error m.csv:1 The first line must name the columns, path and label at least: path,label,split,start,end.',
    );
  });

  test('times of images are ignored, and said to be', async () => {
    const { problems } = await scan(
      { 'a.png': 'x', 'b.png': 'x', 'm.csv': 'path,label,start,end\na.png,a,1,2\nb.png,b,,\n' },
      { path: 'm.csv', format: 'manifest' },
    );
    expect(problems).toEqual(['warning m.csv start and end mean nothing for images; ignored in 1 line.']);
  });
});

test('one file that lists name in different ways is one sample', async () => {
  const media = tree(files(3, 'v/', '.mp4'));
  const lists = {
    'train_list.txt': `${media}/v/0.mp4 0\nv//1.mp4 0\n./v/2.mp4 1\n`,
    'val_list.txt': `v/0.mp4 0\n${media}/v/../v/1.mp4 1\nv/2.mp4 1\n${media}//v/2.mp4 1\n`,
  };
  const { samples, problems } = await scan(lists, { kind: 'video', format: 'mmaction2', media, holdOut: 0 });
  expect(samples).toHaveLength(3);
  expect(problems.filter((told) => told.includes('already'))).toEqual([
    'warning val_list.txt:1 "v/0.mp4" stands in "train_list.txt", line 1, already; this line is left out.',
    `warning val_list.txt:2 "${media}/v/../v/1.mp4" stands in "train_list.txt", line 2, already, there with label "0"; this line is left out.`,
    'warning val_list.txt:3 "v/2.mp4" stands in "train_list.txt", line 3, already; this line is left out.',
    `warning val_list.txt:4 "${media}//v/2.mp4" stands in "train_list.txt", line 3, already; this line is left out.`,
  ]);
});

test('aborting stops a scan', async () => {
  const controller = new AbortController();
  controller.abort();
  const root = tree(two);
  await expect(
    scanDataset(root, 'd', { kind: 'image', path: '.', format: 'classFolders' }, { signal: controller.signal }),
  ).rejects.toMatchObject({ code: 'cancelled' });
  await expect(
    scanDataset(join(root), 'd', { kind: 'image', path: 'm.csv', format: 'manifest' }, { signal: controller.signal }),
  ).rejects.toMatchObject({ code: 'cancelled' });
});
