import { describe, expect, test } from 'vitest';
import { layoutOf, mentionsIn } from '../../src/inline/layout.ts';
import type { Mention } from '../../src/inline/mention.ts';

/** What a document says, short: `line: name (id) = label @start-end`, candidates with a bar between. */
function read(file: string, text: string): string[] {
  const lines = text.split('\n');
  const lineAt = (line: number) => lines[line];
  const layout = layoutOf(file, lineAt);
  if (!layout) return ['no layout'];
  return mentionsIn(layout, lineAt, 0, lines.length).map((mention) => {
    check(mention, lines);
    const candidates = mention.candidates.map(
      ({ name, isId, label }) => `${name}${isId ? ' (id)' : ''}${label ? ` = ${label.text}` : ''}`,
    );
    const { startSec, endSec } = mention;
    const part = startSec === undefined && endSec === undefined ? '' : ` @${startSec ?? ''}-${endSec ?? ''}`;
    return `${mention.line}: ${candidates.join(' | ')}${part}`;
  });
}

/** Every span holds what it says, as written. */
function check({ line, candidates }: Mention, lines: readonly string[]): void {
  const plain = (text: string) => text.replace(/^"|"$/g, '').replaceAll('""', '"').replaceAll('\\"', '"');
  for (const { start, end, name, label } of candidates) {
    const written = lines[line]!.slice(start, end);
    if (!/[%#\\]/.test(written)) expect(plain(written).trim()).toBe(name);
    if (label && !/\\/.test(label.text)) {
      const own = lines[label.line]!.slice(label.start, label.end);
      if (!own.includes('\\u')) expect(plain(own)).toBe(label.text);
    }
  }
}

describe('tables', () => {
  test.each<[string, string, string, string[]]>([
    ['names of columns', 'a.csv', 'path,label,split\nclips/a.mp4,archery,val', ['1: clips/a.mp4 = archery']],
    [
      'quotes, commas and doubled quotes',
      'a.csv',
      'label,"path"\n"riding, a ""bike""","my clips/a, b.mp4"\n,c.mp4',
      ['1: my clips/a, b.mp4 = riding, a "bike"', '2: c.mp4 = '],
    ],
    ['columns in any case, blanks', 'a.csv', ' File , Class \n a.png ,  red dot ', ['1: a.png = red dot']],
    ['semicolons', 'a.csv', 'path;label\na,b.mp4;c', ['1: a,b.mp4 = c']],
    ['tabs', 'a.tsv', 'video\tlabel\na b.avi\tc d', ['1: a b.avi = c d']],
    [
      'a part of a file',
      'a.csv',
      'path,label,start,end\na.mp4,x,1.5,\nb.mp4,x,0,2',
      ['1: a.mp4 = x @1.5-', '2: b.mp4 = x @0-2'],
    ],
    ['no names of columns', 'a.csv', 'a/b.mp4,blocking,<p>,<n>', ['0: a/b.mp4 = blocking']],
    ['the label first', 'a.csv', 'archery,b.mp4', ['0: b.mp4 = archery']],
    ['a byte order mark', 'a.csv', '\uFEFFpath,label\na.mp4,b', ['1: a.mp4 = b']],
    [
      'Kinetics',
      'val.csv',
      'label,youtube_id,time_start,time_end,split\n"air drumming",_dbcJuKJQNs,40,50,val',
      ['1: _dbcJuKJQNs (id) = air drumming'],
    ],
    ['a test list without labels', 'test.csv', 'youtube_id,time_start\n_dbcJuKJQNs,40', ['1: _dbcJuKJQNs (id)']],
    [
      'folders of frames in a column of paths',
      'a.csv',
      'path,label\nframes/34870,wave',
      ['1: frames/34870 (id) = wave'],
    ],
    [
      'EPIC-Kitchens',
      'train.csv',
      'narration_id,participant_id,video_id,start_timestamp,stop_timestamp,verb\nP01_102_0,P01,P01_102,00:01:00.54,01:00:02.23,take',
      ['1: P01_102 (id) @60.54-3602.23'],
    ],
    ['addresses', 'a.csv', 'path,label\nhttps://x.org/a.mp4,b\nfile:///a.mp4,b\ndata:video/mp4,b', []],
    ['an open quote', 'a.csv', 'path,label\n"a.mp4,b\nc.mp4,d', ['2: c.mp4 = d']],
    ['other words', 'a.csv', 'name,age\nAda Lovelace,36', []],
    ['empty', 'a.csv', '', []],
    ['a very long line', 'a.csv', `path,label\n${'x'.repeat(5000)}.mp4,b\nc.mp4,d`, ['2: c.mp4 = d']],
    ['unicode', 'a.csv', 'path,label\nvidéos/点击 1.mp4,água 🚲', ['1: vidéos/点击 1.mp4 = água 🚲']],
    [
      'Windows',
      'a.csv',
      'path,label\nC:\\clips\\a b.mp4,b\n..\\c.mp4,d',
      ['1: C:\\clips\\a b.mp4 = b', '2: ..\\c.mp4 = d'],
    ],
  ])('%s', (_, file, text, expected) => expect(read(file, text)).toEqual(expected));
});

describe('lists', () => {
  test.each<[string, string, string[]]>([
    ['UCF101', 'ApplyEyeMakeup/v_Apply_g08_c01.avi 1', ['0: ApplyEyeMakeup/v_Apply_g08_c01.avi = 1']],
    ['a path alone', '/data/a.mp4\n./b.webm\n', ['0: /data/a.mp4', '1: ./b.webm']],
    ['a path with spaces', 'my clips/a b.mp4 12', ['0: my clips/a b.mp4 = 12 | b.mp4 = 12']],
    ['frames and a label', 'a/b.mp4 163 riding a bike', ['0: a/b.mp4 = riding a bike']],
    ['frames and a number', 'a/b.mp4 163 7', ['0: a/b.mp4 = 7']],
    ['a folder of frames', 'some/directory-1 163 7', ['0: some/directory-1 (id) = 7']],
    ['the label first', 'riding a bike clips/a.mp4', ['0: riding a bike clips/a.mp4 | clips/a.mp4 = riding a bike']],
    ['words behind', 'a.mp4 riding a bike  ', ['0: a.mp4 = riding a bike']],
    ['tabs', 'a b.mp4\triding a bike', ['0: a b.mp4 = riding a bike']],
    ['commas', 'a b.mp4, riding a bike, val', ['0: a b.mp4 = riding a bike']],
    ['Jester', '34870;Drumming Fingers', ['0: 34870 (id) = Drumming Fingers']],
    ['quotes', '"a b.mp4" 3', ['0: a b.mp4 = 3']],
    ['an ending inside of a name', 'a.mp4.tmp b.mp4x c', []],
    ['addresses', 'see https://x.org/a.mp4 there', []],
    ['prose', 'There is nothing here. Or is there?', []],
    ['Windows', 'D:\\a b\\c.avi 3', ['0: D:\\a b\\c.avi = 3 | b\\c.avi = 3']],
    ['a list with column names', 'path,label\na.mp4,b', ['1: a.mp4 = b']],
  ])('%s', (_, text, expected) => expect(read('a.txt', text)).toEqual(expected));
});

describe('JSON', () => {
  test.each<[string, string, string, string[]]>([
    [
      'JSON lines',
      'a.jsonl',
      '{"path":"a.mp4","label":"b \\"c\\""}\n\n{"label":"d","path":"e f.mp4","start":1,"end":2.5}',
      ['0: a.mp4 = b "c"', '2: e f.mp4 = d @1-2.5'],
    ],
    [
      'a broken line harms no other',
      'a.jsonl',
      '{"path":"a.mp4","lab\n{"path":"b.mp4","label":"c"}',
      ['0: a.mp4', '1: b.mp4 = c'],
    ],
    [
      'an array over lines',
      'a.json',
      '[\n  {\n    "label": "a",\n    "path": "x/y.mp4"\n  },\n  {\n    "path": "z.mp4",\n    "label": "b"\n  }\n]',
      ['3: x/y.mp4 = a', '6: z.mp4 = b'],
    ],
    ['names alone', 'a.json', '["a.mp4",\n"b c.png", "https://x.org/c.mp4", "d"]', ['0: a.mp4', '1: b c.png']],
    ['keyed by name', 'a.json', '{"a.mp4": "x", "b.mp4": {"label": "y"}}', ['0: a.mp4 = x', '0: b.mp4 = y']],
    [
      'Something-Something',
      'train.json',
      '[{"id":"78687","label":"holding potato","template":"Holding [something]","placeholders":["potato"]}]',
      ['0: 78687 (id)'],
    ],
    [
      'Kinetics',
      'train.json',
      '{"---QUuC4vJs": {"annotations": {"label": "testifying", "segment": [84.0, 94.0]}, "subset": "validate", "url": "https://www.youtube.com/watch?v=---QUuC4vJs"}}',
      ['0: ---QUuC4vJs (id) = testifying'],
    ],
    [
      'Kinetics with digits',
      'train.json',
      '{"0wR5jVB-WPk": {"annotations": {"label": "abseiling", "segment": [84.0, 94.0]}, "subset": "validate"}}',
      ['0: 0wR5jVB-WPk (id) = abseiling'],
    ],
    [
      'Diving48',
      'V2.json',
      '[{"vid_name": "_8Vy3dlHg2w_00000", "label": 3, "start_frame": 0}]',
      ['0: _8Vy3dlHg2w_00000 (id) = 3'],
    ],
    [
      'a label in an object of its own',
      'a.json',
      '{"filepath": "/d/a.jpg", "ground_truth": {"label": "cat"}}',
      ['0: /d/a.jpg = cat'],
    ],
    ['FiftyOne', 'labels.json', '{"classes": ["a", "b"], "labels": {"000001": 0}}', ['0: 000001 (id) = 0']],
    ['escapes', 'a.json', '{"path": "C:\\\\clips\\\\a.mp4", "label": "\\u00e9"}', ['0: C:\\clips\\a.mp4 = é']],
    [
      'settings',
      'package.json',
      '{"name": "x", "version": "1.0.0", "main": "a.js", "icon": "media/icon.png"}',
      ['0: media/icon.png'],
    ],
    ['one endless line', 'a.json', `[${'{"path":"a.mp4"},'.repeat(400)}{}]`, []],
  ])('%s', (_, file, text, expected) => expect(read(file, text)).toEqual(expected));

  test('the middle of a document: objects that begin above and end below', () => {
    const objects = Array.from({ length: 300 }, (_, i) => `  {\n    "path": "${i}.mp4",\n    "label": "c${i}"\n  },`);
    const lines = ['[', ...objects.join('\n').split('\n'), ']'];
    const lineAt = (line: number) => lines[line];
    const found = mentionsIn({ kind: 'json' }, lineAt, 602, 610);
    expect(found.map(({ line, candidates }) => [line, candidates[0]!.name, candidates[0]!.label?.text])).toEqual([
      [602, '150.mp4', 'c150'],
      [606, '151.mp4', 'c151'],
      [610, '152.mp4', 'c152'],
    ]);
  });
});

describe('Markdown', () => {
  test.each<[string, string, string[]]>([
    [
      'links and pictures',
      'See [a clip](clips/a%20b.mp4) and ![x](<c d.png> "title").',
      ['0: clips/a b.mp4', '0: c d.png'],
    ],
    ['code', 'Play `my clips/a.mp4`, not `ffmpeg -i`.', ['0: my clips/a.mp4']],
    ['tables', '| clips/a.mp4 | archery |', ['0: clips/a.mp4']],
    ['tags', '<video src="a b.mp4"></video>', ['0: a b.mp4']],
    ['definitions', '[a]: ../a.mp4', ['0: ../a.mp4']],
    ['addresses', '[a](https://x.org/a.mp4) `http://x.org/b.mp4` https://x.org/c.mp4 <https://x.org/d.mp4>', []],
    ['brackets in a name', '[a](b(1).mp4)', ['0: b(1).mp4']],
    ['parts of an address', '[a](a.mp4#t=3)', ['0: a.mp4']],
    ['words', 'In a.mp4, b.mp4 and c.gif.', ['0: a.mp4', '0: b.mp4', '0: c.gif']],
  ])('%s', (_, text, expected) => expect(read('a.md', text)).toEqual(expected));
});

test('what is shown for a name in a text stands behind all that belongs to it', () => {
  const text = 'See [a](b.mp4 "c") and `d.mp4`: e.mp4.';
  const found = mentionsIn({ kind: 'markdown' }, (line) => (line === 0 ? text : undefined), 0, 0);
  expect(found.map(({ shownAt }) => text.slice(0, shownAt))).toEqual([
    'See [a](b.mp4 "c")',
    'See [a](b.mp4 "c") and `d.mp4`',
    'See [a](b.mp4 "c") and `d.mp4`: e.mp4',
  ]);
});

test('other documents name nothing', () => expect(read('a.ts', 'a.mp4')).toEqual(['no layout']));
