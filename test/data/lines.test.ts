import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseRecord, readCsv, readLines } from '../../src/data/lines.ts';
import { tree } from './tree.ts';

test.each([
  ['a,b', ',', ['a', 'b']],
  ['', ',', ['']],
  ['a,', ',', ['a', '']],
  [' a , b ', ',', ['a', 'b']],
  ['"a,b",c', ',', ['a,b', 'c']],
  ['"say ""hi""",c', ',', ['say "hi"', 'c']],
  ['a, "b c" ,d', ',', ['a', 'b c', 'd']],
  ['5" pipe,x', ',', ['5" pipe', 'x']],
  ['""', ',', ['']],
  ['"",', ',', ['', '']],
  ['a;b,c', ';', ['a', 'b,c']],
  ['a\t"b"\t', '\t', ['a', 'b', '']],
  ['"a', ',', 'open'],
  ['"a""', ',', 'open'],
  ['"a"b,c', ',', 'trailing'],
])('parseRecord(%j, %j) is %j', (text, delimiter, expected) => expect(parseRecord(text, delimiter)).toEqual(expected));

async function records(text: string) {
  const found = [];
  for await (const record of readCsv(join(tree({ 'a.csv': text }), 'a.csv'), ',')) found.push(record);
  return found;
}

describe('records know the line they begin on', () => {
  test('byte order mark, CRLF, empty lines, a field over two lines, no last line end', async () => {
    expect(await records('\uFEFFpath,label\r\n\r\na,"two\r\nlines"\r\nb,c')).toEqual([
      { line: 1, fields: ['path', 'label'] },
      { line: 3, fields: ['a', 'two\nlines'] },
      { line: 5, fields: ['b', 'c'] },
    ]);
  });

  test.each([
    ['at the end', 'a,"b\nc,d\n'],
    ['far from the end', `a,"b\nc,d\n${'x,y\n'.repeat(200)}`],
  ])('a quote that is never closed costs its own line only: %s', async (_, text) => {
    const found = await records(text);
    expect(found[0]).toMatchObject({ line: 1, error: expect.stringContaining('never closed') });
    expect(found[1]).toEqual({ line: 2, fields: ['c', 'd'] });
    expect(found).toHaveLength(text.trimEnd().split('\n').length);
  });
});

test('lines split at line feeds only, and an endless line does not fill the memory', async () => {
  const file = join(tree({ 'a.txt': `one\u2028still one\ntwo\n${'x'.repeat(3 << 20)}` }), 'a.txt');
  const lines = [];
  for await (const line of readLines(file)) lines.push(line);
  expect(lines.slice(0, 2)).toEqual([
    { number: 1, text: 'one\u2028still one' },
    { number: 2, text: 'two' },
  ]);
  expect(lines).toHaveLength(3);
  expect(lines[2]!.text.length).toBeLessThanOrEqual(1 << 20);
});
