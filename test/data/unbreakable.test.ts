// Lists as they come damaged: each slip costs its own line or entry and is told, and a list never leads out of its folder.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DatasetConfig } from '../../src/config/experiment.ts';
import { cutOff, jsonEntries } from '../../src/data/annotations.ts';
import { type ListFormatName, listFormats } from '../../src/data/formats.ts';
import { readLines } from '../../src/data/lines.ts';
import { writeParquet } from '../../src/data/parquet.ts';
import { scanDataset } from '../../src/data/scanDataset.ts';
import { type Tree, tree } from './tree.ts';

async function scan(files: Tree, config: Partial<DatasetConfig> & Pick<DatasetConfig, 'format'>) {
  const root = tree(files);
  const { samples, problems } = await scanDataset(root, 'd', { kind: 'video', path: '.', holdOut: 0, ...config });
  return {
    samples: samples.map(({ label, id }) => `${label} ${id.slice(2)}`),
    problems: problems
      .filter(({ message }) => !/^Dataset "d"|^Class "/.test(message))
      .map(({ file, line, message }) => `${file.replace(`${root}/`, '')}${line ? `:${line}` : ''} ${message}`),
  };
}

describe('lines', () => {
  const text = 'one\ntwo é\n\nfour';
  test.each([
    ['LF', Buffer.from(text)],
    ['CRLF', Buffer.from(text.replaceAll('\n', '\r\n'))],
    ['CR', Buffer.from(text.replaceAll('\n', '\r'))],
    ['a byte order mark', Buffer.from(`\uFEFF${text}`)],
    ['UTF-16', Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16, the other order', Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
    ['CR at the end', Buffer.from(`${text}\r`)],
  ])('with %s are the same', async (_, bytes) => {
    const found = [];
    for await (const line of readLines(join(tree({ 'a.txt': bytes }), 'a.txt'))) found.push(line);
    expect(found.map(({ number, text }) => `${number} ${text}`)).toEqual(['1 one', '2 two é', '3 ', '4 four']);
  });

  test('a CRLF between two pieces of reading is one line end', async () => {
    const bytes = `${'x'.repeat(65_535)}\r\nend`;
    const found = [];
    for await (const { text } of readLines(join(tree({ 'a.txt': bytes }), 'a.txt'))) found.push(text.length);
    expect(found).toEqual([65_535, 3]);
  });

  test('one that is too long is cut and marked, and the next is whole', async () => {
    const found = [];
    for await (const line of readLines(
      join(tree({ 'a.txt': `${'x'.repeat(200_000)}\nnext` }), 'a.txt'),
      undefined,
      100,
    ))
      found.push(line);
    expect(found).toEqual([
      { number: 1, text: 'x'.repeat(100), isCut: true },
      { number: 2, text: 'next' },
    ]);
  });
});

describe('JSON entry by entry', () => {
  test.each<[string, string[]]>([
    ['[1, {"a": [2]}, "x,]"]', ['1 1', '1 {"a": [2]}', '1 "x,]"']],
    ['{"a": 1,\n"b": {"c": 2}}', ['1 a=1', '2 b={"c": 2}']],
    ['', ['1 ! This file is empty.']],
    ['hello', ['1 ! This file should hold a list or an object of JSON.']],
    ['[1,\n2', ['1 1', '2 2', `2 ! ${cutOff}`]],
    ['[1,,2]', ['1 1', '1 ! There is a comma too many here.', '1 2']],
    [`[1${','.repeat(1000)}\n2]`, ['1 1', '1 ! There is a comma too many here.', '2 2']],
    [`[1${']'.repeat(1000)}`, ['1 1', '1 ! There is more']],
    ['[{"a":1}},\n{"a":2}]', ['1 {"a":1}}', '2 {"a":2}']],
    ['{"a":1},\n"b":2}', ['1 a=1', '1 ! There is more', '2 b=2']],
    ['[{"a":[1},\n{"a":2}]', ['1 {"a":[1}', '2 {"a":2}']],
    ['[{"a":1,\n{"a":2},\n{"a":3}]', ['1 ! This entry is broken', '2 {"a":2}', '3 {"a":3}']],
    ['[{"a":"1},\r{"a":2}]', ['1 ! This entry is broken', '2 {"a":2}']],
    ['[\n[\n{"a":1}]', ['2 ! This entry is broken', '3 {"a":1}']],
    ['[}\n{"a":1}]', ['1 ! This entry is broken', '2 {"a":1}']],
    ['[\n{\n"a": 1\n"b": 2\n},\n{"a":2}]', ['2 {', '6 {"a":2}']],
    ['{"a": {"x": 1,\n"b": {"x": 2}', ['1 ! This entry is broken', '2 b={"x": 2}', `2 ! ${cutOff}`]],
    ['{"a" 1, "b": 2}', ['1 ! This entry has no key', '1 b=2']],
  ])('%j', (text, expected) => {
    const found = [...jsonEntries(text)].map(({ line, key, text, wrong }) => {
      const value = /^\d+$/.test(key) ? text : `${key}=${text}`;
      return `${line} ${wrong === undefined ? value : `! ${wrong}`}`;
    });
    expect(found).toHaveLength(expected.length);
    for (const [i, entry] of expected.entries()) expect(found[i]).toContain(entry);
  });

  test('brackets a million deep, and a million that do not fit', () => {
    const [deep, odd] = ['['.repeat(1e6), '[{('.repeat(3e5) + '}])'.repeat(3e5)];
    expect([...jsonEntries(deep + ']'.repeat(1e6))]).toHaveLength(1);
    expect([...jsonEntries(`[${odd}`)].at(-1)?.wrong).toBe(cutOff);
  });
});

const leaving = 'leads out of the dataset’s folder, which lists of this format never do; it is left out.';
describe('paths that lead out of the dataset', () => {
  test.each<[string, Tree, DatasetConfig['format'], string[]]>([
    [
      'UCF101',
      {
        'trainlist01.txt': '../../x.mp4 1\n/etc/passwd.mp4 1\nA/1.avi 1\n',
        'testlist01.txt': 'A/../../b.avi\n',
        'A/1.avi': 'x',
      },
      'ucf101',
      [
        `trainlist01.txt:1 "../../x.mp4" ${leaving}`,
        'trainlist01.txt:2 This line should be Class/file.avi, with the class number after it.',
        `testlist01.txt:1 "A/../../b.avi" ${leaving}`,
      ],
    ],
    [
      'Kinetics, by a label',
      { 'train.csv': 'label,youtube_id,time_start,time_end,split\n../../x,abcdefghijk,1,2,train\n' },
      'kinetics',
      [`train.csv:2 "../../x/abcdefghijk_000001_000002.mp4" ${leaving}`],
    ],
    [
      'Something-Something, by a list of frames with "/" or "\\"',
      {
        'train.csv': [
          'original_vido_id video_id frame_id path labels',
          '6 0 0 ../secret/img_00001.jpg "x"',
          '7 0 0 ..\\secret/img_00001.jpg "x"',
          '8 0 0 C:\\secret\\img_00001.jpg "x"',
          '9 0 0 in\\9\\img_00001.jpg "x\u0007"',
          '10 0 0 in\\10\\img_00001.jpg "x"',
          '10 0 0 ..\\10\\img_00002.jpg "x"',
          '11 0 0 img_00001.jpg "x"',
        ].join('\n'),
        'in/10/img_00001.jpg': 'x',
      },
      'somethingSomething',
      [
        `train.csv:2 "../secret" ${leaving}`,
        `train.csv:3 "..\\secret" ${leaving}`,
        `train.csv:4 "C:\\secret" ${leaving}`,
        'train.csv:5 The label "x\uFFFD" has a control character in it.',
        `train.csv:7 "..\\10" ${leaving}`,
        'train.csv:8 "img_00001.jpg" should be a folder inside the dataset, "/" and a picture.',
      ],
    ],
  ])('%s', async (_, files, format, problems) => {
    expect((await scan(files, { format })).problems).toEqual(problems);
  });

  test('a manifest and lists for mmaction2 may name files anywhere', async () => {
    const root = tree({
      'lists/m.csv': 'path,label\n../v/1.mp4,a\n',
      'lists/train.txt': '../v/1.mp4 0\n',
      'v/1.mp4': 'x',
    });
    for (const [format, path] of [
      ['manifest', 'lists/m.csv'],
      ['mmaction2', 'lists'],
    ] as const) {
      const { samples } = await scanDataset(root, 'd', { kind: 'video', path, format, holdOut: 0 });
      expect(samples.map(({ file }) => file)).toEqual([join(root, 'v/1.mp4')]);
    }
  });
});

test('lists that cannot be read as what their names say are told, and so are empty ones', async () => {
  const good = 'label,youtube_id,time_start,time_end,split\na,abcdefghijk,1,2,train\n';
  const files = { 'train.csv': good, 'val.csv': 'lebel,yuotube_id\na,b\n', 'v/abcdefghijk.mp4': 'x' };
  expect((await scan(files, { format: 'kinetics' })).problems).toEqual([
    expect.stringMatching(/^val\.csv This list is not read: a CSV begins with label,youtube_id/),
  ]);
  const ucf = { 'trainlist01.txt': 'A/1.avi 1\n', 'testlist01.txt': '\n\n', 'A/1.avi': 'x' };
  expect((await scan(ucf, { format: 'ucf101' })).problems).toEqual([
    'testlist01.txt This list is empty. Fetch it again, or remove it.',
  ]);
});

test('letters that are not UTF-8 are told once', async () => {
  const list = Buffer.from('Café/1.avi 1\nCafé/2.avi 1\n', 'latin1');
  const { problems } = await scan({ 'trainlist01.txt': list, 'testlist01.txt': 'A/1.avi\n' }, { format: 'ucf101' });
  expect(problems.filter((line) => /UTF-8/.test(line))).toEqual([
    'trainlist01.txt 2 lines of this list not in UTF-8: some letters are lost. Save it as UTF-8.',
  ]);
});

test.each([
  ['spaces', `A/1.avi${' '.repeat(9000)}x 1`],
  ['digits', `A/${'1 '.repeat(4500)}x`],
  ['more than any line has', `A/1.avi ${' 1'.repeat(300_000)}`],
])('a line of %s takes no time', async (_, line) => {
  const lines = `${`${line}\n`.repeat(50)}A/2.mp4 1\n`;
  for (const [format, name] of [
    ['ucf101', 'trainlist01.txt'],
    ['mmaction2', 'train.txt'],
    ['hmdb51', 'A_test_split1.txt'],
  ] as const) {
    const { problems } = await scan({ [name]: `A/2.mp4 1\n${lines}`, 'A/2.mp4': 'x' }, { format });
    expect(problems.length).toBeGreaterThan(0);
  }
});

test.skipIf(process.platform === 'win32')(
  'a list that is a pipe or a device is a problem, and nothing is waited for',
  async () => {
    const root = tree({ 'testlist01.txt': 'A/1.avi\n', 'x.json': { link: '/dev/zero' } });
    expect(spawnSync('mkfifo', [join(root, 'trainlist01.txt')]).status).toBe(0);
    const { problems } = await scanDataset(root, 'd', {
      kind: 'video',
      path: '.',
      format: 'ucf101',
      mapping: 'x.json',
    });
    const told = problems.map(({ message }) => message).filter((message) => message.includes('it is not a file'));
    expect(told).toHaveLength(2);
    const endless = tree({ 'm.parquet': { link: '/dev/zero' }, 'meta.mat': { link: '/dev/zero' } });
    for (const config of [
      { path: 'm.parquet', format: 'manifest' },
      { path: '.', format: 'imageNet' },
    ] as const)
      expect((await scanDataset(endless, 'd', { kind: 'image', ...config })).problems.length).toBeGreaterThan(0);
  },
);

test('of a Parquet table only the columns that matter are read, in any case', async () => {
  const root = tree({ 'v/1.mp4': 'x' });
  await writeParquet(join(root, 'm.parquet'), {
    Path: { type: 'VARCHAR', values: ['v/1.mp4'] },
    LABEL: { type: 'VARCHAR', values: ['a'] },
    image: { type: 'BLOB', values: [new Uint8Array(1000)] },
  });
  const { samples } = await scanDataset(root, 'd', {
    kind: 'video',
    path: 'm.parquet',
    format: 'manifest',
    holdOut: 0,
  });
  expect(samples.map(({ label }) => label)).toEqual(['a']);
  mkdirSync(join(root, 'w'));
  writeFileSync(join(root, 'w/m.parquet'), 'PAR1 not at all');
  const { problems } = await scanDataset(root, 'd', { kind: 'video', path: 'w/m.parquet', format: 'manifest' });
  expect(problems[0]?.message).toBe(
    `Manifest ${join(root, 'w/m.parquet')} could not be read: it is missing or not a Parquet file. Mend it, or the path in cover.json.`,
  );
});

test.each(Object.keys(listFormats) as ListFormatName[])(
  '%s: a folder without its lists says which there should be',
  async (format) => {
    const { problems } = await scan(
      { 'readme.md': 'x' },
      { format, ...(format === 'epicKitchens' && { column: 'verb' }) },
    );
    expect(problems.filter((line) => /There is no .*, such as |There is no trainlist01\.txt/.test(line))).toHaveLength(
      1,
    );
  },
);
