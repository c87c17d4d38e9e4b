import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseTree } from 'jsonc-parser';
import { expect, test } from 'vitest';
import { saveDraft } from '../../src/config/draft.ts';
import { addDatasets, addEntry, type NewDataset } from '../../src/config/edit.ts';
import { insertEntry } from '../../src/config/insertJson.ts';
import { cleanName, nearest, uniqueName } from '../../src/config/names.ts';
import { loadWorkspace } from '../../src/config/workspace.ts';
import { tree } from '../data/tree.ts';

const digits: NewDataset = { name: 'digits', kind: 'image', path: 'd', format: 'classFolders' };
const read = (folder: string) => readFileSync(join(folder, 'cover.json'), 'utf8');

test('a missing cover.json is made, valid and without leftovers', async () => {
  const folder = tree({ 'd/a/': '' });
  expect(await addDatasets(folder, [digits])).toEqual(['digits']);
  expect(read(folder)).toBe(
    '{\n  "datasets": {\n    "digits": {\n      "kind": "image",\n      "path": "d",\n      "format": "classFolders"\n    }\n  }\n}\n',
  );
  expect((await loadWorkspace(folder)).problems).toEqual([]);
  expect(readdirSync(folder).sort()).toEqual(['cover.json', 'd']);
});

test.skipIf(process.platform === 'win32')(
  'a link stays one, and the file behind it keeps its permissions',
  async () => {
    const folder = tree({ 'd/a/': '', 'shared/lab.json': '{}' });
    const shared = join(folder, 'shared', 'lab.json');
    chmodSync(shared, 0o660);
    symlinkSync(join('shared', 'lab.json'), join(folder, 'cover.json'));
    await addDatasets(folder, [digits]);
    expect(lstatSync(join(folder, 'cover.json')).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(shared, 'utf8')).datasets).toHaveProperty('digits');
    expect(statSync(shared).mode & 0o777).toBe(0o660);
  },
);

test('a workspace folder that does not exist yet is made', async () => {
  const folder = join(tree({}), 'new', 'place');
  await addDatasets(folder, [digits]);
  expect(existsSync(join(folder, 'cover.json'))).toBe(true);
});

test('comments, layout and line ends stay; only the new lines differ', async () => {
  const before =
    '// our lab\r\n{\r\n\t"datasets": {\r\n\t\t/* old */ "digits": { "kind": "image", "path": "d", "format": "classFolders" } // keep\r\n\t},\r\n\t"experiments": {}\r\n}\r\n';
  const folder = tree({ 'd/a/': '', 'cover.json': before });
  expect(await addDatasets(folder, [digits, { ...digits, name: 'Digits' }, { ...digits, name: 'x y' }])).toEqual([
    'digits-2',
    'Digits-3',
    'x-y',
  ]);
  const after = read(folder);
  expect(after.split('\r\n').length).toBe(after.split('\n').length);
  expect(after).toContain('\r\n\t\t"digits-2": {\r\n\t\t\t"kind": "image"');
  for (const kept of [
    '// our lab',
    '/* old */ "digits": { "kind": "image", "path": "d", "format": "classFolders" }',
    '// keep',
  ])
    expect(after).toContain(kept);
  expect((await loadWorkspace(folder)).problems).toEqual([]);
});

test('a file with a slip in it is never overwritten', async () => {
  const folder = tree({ 'cover.json': '{ "datasets": {\n  "a" }' });
  await expect(addDatasets(folder, [digits])).rejects.toMatchObject({
    code: 'bad-workspace',
    message: expect.stringMatching(/cover\.json:2: .*Mend it first\.$/),
  });
  expect(read(folder)).toBe('{ "datasets": {\n  "a" }');
});

test('where the folder cannot be written, one sentence and no leftovers', async () => {
  const folder = tree({ file: 'x' });
  await expect(addDatasets(join(folder, 'file', 'below'), [digits])).rejects.toMatchObject({ name: 'UserError' });
  expect(readdirSync(folder)).toEqual(['file']);
});

test.each([
  ['Kinetics 400', 'Kinetics-400'],
  ['čistá dáta', 'cista-data'],
  ['-rf', 'rf'],
  ['动作', 'dataset'],
  ['a'.repeat(80), 'a'.repeat(64)],
  ['.hidden', 'hidden'],
  ['constructor', 'dataset'],
])('cleanName(%j) is %j', (text, name) => expect(cleanName(text)).toBe(name));

test.each([
  ['a', [], 'a'],
  ['a', ['A'], 'a-2'],
  ['a', ['a', 'a-2'], 'a-3'],
  ['a'.repeat(64), ['a'.repeat(64)], `${'a'.repeat(62)}-2`],
])('uniqueName(%j, %j) is %j', (name, taken, unique) => expect(uniqueName(name, taken)).toBe(unique));

test.each([
  ['kinetic', ['digits', 'kinetics'], 'kinetics'],
  ['tony', ['nano', 'tiny'], 'tiny'],
  ['zzz', ['digits'], undefined],
  ['', ['ab'], undefined],
])('nearest(%j, %j) is %j', (word, choices, guess) => expect(nearest(word, choices)).toBe(guess));

test('what several write at once is all kept, and nothing else is left', async () => {
  const folder = tree({ 'd/a/': '', 'cover.json': '{}' });
  const add = (name: string) => addEntry(folder, 'experiments', name, {});
  const save = async (name: string) => (await saveDraft(folder, { edits: [], flips: {} }, name)).name;
  const names = await Promise.all([...['a', 'b', 'a', 'c'].map(add), ...['d', 'e', 'f', 'g'].map(save)]);
  expect(Object.keys(JSON.parse(read(folder)).experiments).sort()).toEqual(names.sort());
  expect(names).toEqual(['a', 'a-2', 'b', 'c', 'd', 'e', 'f', 'g']);
  expect(readdirSync(folder).sort()).toEqual(['cover.json', 'd']);
});

test('the file is written in place of itself, not beside it', async () => {
  const folder = tree({ 'd/a/': '' });
  writeFileSync(join(folder, 'cover.json'), '');
  await addDatasets(folder, [digits]);
  expect(Object.keys((await loadWorkspace(folder)).config?.datasets ?? {})).toEqual(['digits']);
});

const parsed = (text: string) => parseTree(text, [], { allowTrailingComma: true })!;

test.each([
  ['{}', '{\n  "k": 1\n}'],
  ['{ /* later */ }', '{ /* later */\n  "k": 1\n}'],
  ['{ "a": 1 }', '{ "a": 1, "k": 1 }'],
  ['{ "a": 1, }', '{ "a": 1, "k": 1 }'],
  ['{\n\t"a": 1\n}', '{\n\t"a": 1,\n\t"k": 1\n}'],
  ['{\n  "a": 1 // one\n  // two\n}', '{\n  "a": 1, // one\n  "k": 1\n  // two\n}'],
  ['{\n  "a": 1, // one\n}', '{\n  "a": 1, // one\n  "k": 1,\n}'],
  ['{\n  "a": {\n    "b": "},"\n  }\n}', '{\n  "a": {\n    "b": "},"\n  },\n  "k": 1\n}'],
])('adding "k" to %j', (before, after) => expect(insertEntry(before, parsed(before), 1, 'k')).toBe(after));

test.each([
  ['[]', '["x"]'],
  ['["a"]', '["a", "x"]'],
  ['[\n  "a"\n]', '[\n  "a",\n  "x"\n]'],
])('adding "x" to %j', (before, after) => expect(insertEntry(before, parsed(before), 'x')).toBe(after));
