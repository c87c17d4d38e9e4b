// Where the names of a foreign model's classes come from, and how their files may be written.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ClassSources, chooseClasses, indexOfClass } from '../../src/evaluation/classNames.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "cover's classes-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const choose = (sources: Partial<ClassSources>) => chooseClasses({ refs: () => [], about: 'x.json', ...sources });

it.each([
  ['a name a line', 'pole vault\nzumba\n\n', ['pole vault', 'zumba']],
  ['with numbers', '0 pole vault\r\n1,zumba\r\n', ['pole vault', 'zumba']],
  ['numbers that are names', '7 wonders\n9 lives\n', ['7 wonders', '9 lives']],
  ['a JSON list', '["a", "b"]', ['a', 'b']],
])('a file: %s', async (_, text, expected) => {
  const file = join(root, 'classes.txt');
  writeFileSync(file, text);
  expect(await choose({ file, named: ['x'], dataset: ['y'] })).toEqual({ classes: expected, from: `from ${file}` });
});

it.each<[string, Partial<ClassSources>, string[], boolean]>([
  ['named by itself before the dataset', { named: ['b', 'a'], dataset: ['a', 'b'] }, ['b', 'a'], false],
  ['the dataset, for labels', { dataset: ['a', 'b'], refs: () => ['b'] }, ['a', 'b'], false],
  ['the dataset, for indices: with a warning', { dataset: ['a', 'b'], refs: () => ['b', 1] }, ['a', 'b'], true],
  ['the dataset, for scores: with a warning', { dataset: ['a', 'b'], needed: 2 }, ['a', 'b'], true],
  ['numbers that are names', { dataset: ['1', '10', '2'], refs: () => [10, '2'] }, ['1', '2', '10'], false],
  ['numbers of scores: with a warning', { dataset: ['1', '10', '2'], needed: 3 }, ['1', '2', '10'], true],
  ['what is mentioned', { refs: () => ['run', 'jump', 'run'] }, ['jump', 'run'], false],
  ['numbers', { refs: () => [2, '0'] }, ['0', '1', '2'], false],
])('%s', async (_, sources, expected, warned) => {
  const { classes, warning } = await choose(sources);
  expect([classes, warning !== undefined]).toEqual([expected, warned]);
});

it.each<[string, Partial<ClassSources>, RegExp]>([
  ['two alike', { named: ['a', 'b', 'a'] }, /Two classes are called "a"/],
  ['columns of no class', { file: 'FILE', columns: ['a', 'c'] }, /x\.json has a column "score:c"/],
  ['classes of no column', { file: 'FILE', columns: ['a'] }, /has the class "b", and x\.json no column of its scores/],
  ['too few', { named: ['a', 'b'], needed: 3 }, /x\.json has 3 scores a sample, but there are 2 classes/],
  [
    'no file',
    { file: '/nowhere/classes.txt' },
    /classes\.txt could not be read: it does not exist\. Name a text file with/,
  ],
  ['a folder', { file: tmpdir() }, /could not be read: it is not a file\. Name a text file with/],
])('or refused: %s', async (_, sources, message) => {
  const file = join(root, 'two.txt');
  writeFileSync(file, 'a\nb\n');
  await expect(choose(sources.file === 'FILE' ? { ...sources, file } : sources)).rejects.toMatchObject({
    code: 'bad-classes',
    message: expect.stringMatching(message),
  });
});

it.each(['', ' \n\n'])('an empty file is told as that: %j', async (text) => {
  const file = join(root, 'empty.txt');
  writeFileSync(file, text);
  const message = `${file} is empty. Name a text file with the class names in the order of the scores, one a line.`;
  await expect(choose({ file, needed: 2 })).rejects.toMatchObject({ code: 'bad-classes', message });
});

it('a file beside columns that name their classes tells the order of classes, not of scores', async () => {
  const file = join(root, 'order.txt');
  writeFileSync(file, 'a\nb\nc\n');
  expect(await choose({ file, columns: ['c', 'A', 'b'] })).toMatchObject({
    classes: ['a', 'b', 'c'],
    order: [1, 2, 0],
  });
});

it.each<[string | number, number | undefined]>([
  [2, 0],
  ['10', 2],
  [0, 0], // none is called so
  [3, undefined],
])('the class %j of "2", "1" and "10" has index %s', (ref, expected) => {
  expect(indexOfClass(['2', '1', '10'], ref)).toBe(expected);
});

it.each<[string, number | undefined]>([
  ['Pole_vault', 0],
  ['zumba', 1],
  ['Zumba', 2],
  ['ZUMBA', undefined], // either of two
  ['-1', undefined],
])('the class %j of "pole vault", "zumba", "Zumba" and "1 a" has index %s', (ref, expected) => {
  expect(indexOfClass(['pole vault', 'zumba', 'Zumba', '1 a'], ref)).toBe(expected);
});

it.each<[string | number, number | undefined]>([
  ['b', 1],
  ['0', 2],
  ['1', 1],
  [0, 0],
  ['3', undefined],
  [-1, undefined],
  [0.5, undefined],
  ['c', undefined],
])('the class %j of a, b and "0" has index %s', (ref, expected) => {
  expect(indexOfClass(['a', 'b', '0'], ref)).toBe(expected);
});
