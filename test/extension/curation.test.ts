// Edits as the editor makes them, with the runner's real answers: what is asked, told, and taken back.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { updateIndex } from '../../src/data/updateIndex.ts';
import { createHandlers } from '../../src/runner/handlers.ts';
import { files, tree } from '../data/tree.ts';
import { treeStandIn } from './treeStandIn.ts';

let folder = '';
const copied: string[] = [];
const said: string[] = [];
const offered: string[] = [];
const answers: { pick?: string; input?: string } = {};
vi.mock('vscode', () => ({
  ...treeStandIn(() => folder, {
    setStatusBarMessage: (text: string) => said.push(text),
    showQuickPick: async (items: { label: string; description?: string }[]) => {
      offered.splice(0, Infinity, ...items.map(({ label, description }) => `${label} ${description ?? ''}`.trim()));
      return items.find(({ label }) => label.endsWith(answers.pick ?? '?'));
    },
    showInputBox: async () => answers.input,
    createQuickPick: () => typedPick(),
  }),
  env: { clipboard: { writeText: async (text: string) => copied.push(text) } },
}));
/** A quick pick into which `answers.input` is typed; then the row that ends with `answers.pick` is taken, or with Enter the first. */
function typedPick() {
  const told: Record<string, () => void> = {};
  const listen = (name: string) => (listener: () => void) => {
    told[name] = listener;
  };
  const pick = {
    items: [] as { label: string; description?: string }[],
    value: '',
    selectedItems: [] as object[],
    onDidChangeValue: listen('value'),
    onDidAccept: listen('accept'),
    onDidHide: listen('hide'),
    dispose: () => {},
    show: () => {
      pick.value = answers.input ?? '';
      told.value?.();
      offered.splice(
        0,
        Infinity,
        ...pick.items.map(({ label, description }) => `${label} ${description ?? ''}`.trim()),
      );
      const chosen = pick.items.find(({ label }) => label.endsWith(answers.pick ?? '?'));
      pick.selectedItems = chosen ? [chosen] : [];
      if (answers.pick !== undefined || answers.input !== undefined) told.accept?.();
      told.hide?.();
    },
  };
  return pick;
}
const { Curation } = await import('../../src/extension/curation.ts');

const config = { datasets: { d: { kind: 'image', path: 'd', format: 'classFolders' } } } as const;
let runner: ReturnType<typeof createHandlers>;
let edited: (readonly string[])[];
let updates: string[];

beforeEach(async () => {
  folder = tree({
    ...files(3, 'd/train/a/', '.png'),
    ...files(3, 'd/train/b/', '.png'),
    'cover.json': JSON.stringify(config),
  });
  runner = createHandlers({ ffmpeg: undefined, notify: () => {} });
  said.length = 0;
  edited = [];
  updates = [];
  await updateIndex(folder, config);
});
afterEach(() => runner.close());

function curation() {
  const ask = (method: keyof typeof runner.handlers, params: never) =>
    runner.handlers[method](params, new AbortController().signal);
  const indexing = { changed: () => updates.push('changed'), update: async () => updates.push('update') };
  const made = new Curation({ ask } as never, indexing as never);
  made.onEdited(({ ids }) => edited.push(ids));
  return made;
}

const lines = () => {
  const file = join(folder, 'cover.edits.jsonl');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
};

test('what is excluded is told without a notification, and taken back step by step', async () => {
  const made = curation();
  await made.exclude(folder, ['d/train/a/0.png', 'd/train/a/1.png']);
  await made.include(folder, ['d/train/a/1.png']);
  expect(lines()).toEqual(['{"id":"d/train/a/0.png","excluded":true}']);
  await made.include(folder, ['d/train/a/1.png']);
  expect(edited).toEqual([['d/train/a/0.png', 'd/train/a/1.png'], ['d/train/a/1.png']]);
  await made.undo();
  expect(lines()).toHaveLength(2);
  await made.undo();
  expect(lines()).toEqual([]);
  await made.undo();
  expect(said.map((text) => text.replace(/^\$\(\w+\) /, ''))).toEqual([
    'Excluded 2 samples. "CoVeR: Undo Last Edit" takes it back',
    'Included 1 sample again. "CoVeR: Undo Last Edit" takes it back',
    'Nothing to change: the samples are like that already',
    'Undone: Included 1 sample again',
    'Undone: Excluded 2 samples',
    'No edit of samples to undo in this window',
  ]);
  expect(updates).toEqual(['changed', 'changed', 'changed', 'changed']);
});

test('an undo that is refused can be tried again', async () => {
  const made = curation();
  await made.exclude(folder, ['d/train/a/0.png']);
  const excluded = { datasets: { d: { ...config.datasets.d, exclude: ['train/a/0.png'] } } };
  writeFileSync(join(folder, 'cover.json'), JSON.stringify(excluded));
  await expect(made.undo()).rejects.toMatchObject({ code: 'excluded-in-config' });
  writeFileSync(join(folder, 'cover.json'), JSON.stringify(config));
  await made.undo();
  expect(lines()).toEqual([]);
});

test('the name of a class makes no icon of what is told of it', async () => {
  Object.assign(answers, { pick: 'New class…', input: '$(zap)' });
  const made = curation();
  await made.relabel(folder, ['d/train/a/0.png']);
  await made.undo();
  expect(said.filter((text) => text.includes('$(zap)'))).toEqual([]);
  expect(said.at(-1)).toContain('zap');
});

test.each([
  [{ pick: 'b' }, ['{"id":"d/train/a/0.png","label":"b"}']],
  [{ pick: 'New class…', input: ' c ' }, ['{"id":"d/train/a/0.png","label":"c"}']],
  [{ pick: 'New class…' }, []],
  [{ pick: 'As the dataset says' }, []],
  [{}, []],
])('relabelling asks for the class: %j', async (given, expected) => {
  Object.assign(answers, { pick: undefined, input: undefined }, given);
  await curation().relabel(folder, ['d/train/a/0.png']);
  expect(lines()).toEqual(expected);
});

test('a tag is asked for, with those in use; one of theirs is taken off; each is undone', async () => {
  const ids = ['d/train/a/0.png', 'd/train/b/0.png'];
  const made = curation();
  Object.assign(answers, { pick: undefined, input: '  to check ' });
  await made.tag(folder, [ids[0]!]); // Enter, before the row is there
  expect(offered).toEqual(['$(add) to check new tag']);
  Object.assign(answers, { pick: '(zap)', input: '$(zap)' });
  await made.tag(folder, ids);
  expect(offered).toEqual(['to check on 1 sample', '$(add) $\u2060(zap) new tag']);
  Object.assign(answers, { pick: 'to check', input: 'to' });
  await made.tag(folder, ids);
  expect(lines()).toEqual(ids.map((id) => `{"id":"${id}","tags":["$(zap)","to check"]}`));
  await made.untag(folder, ids);
  expect(offered).toEqual(['$\u2060(zap) on 2 samples', 'to check on 2 samples']);
  expect(lines()).toEqual(ids.map((id) => `{"id":"${id}","tags":["$(zap)"]}`));
  for (let times = 0; times < 4; times++) await made.undo();
  expect(lines()).toEqual([]);
  await made.untag(folder, ids);
  for (const input of [undefined, ' ', 'x'.repeat(65)]) {
    Object.assign(answers, { pick: undefined, input });
    expect(await made.tag(folder, ids)).toBe(false);
  }
  expect(offered).toEqual([`$(warning) A tag has at most 64 characters: "${'x'.repeat(24)}…" has more.`]);
  expect(lines()).toEqual([]);
  expect(said.map((text) => text.replace(/^\$\(\w+\) /, ''))).toEqual([
    'Tagged 1 sample "to check". "CoVeR: Undo Last Edit" takes it back',
    'Tagged 2 samples "$\u2060(zap)". "CoVeR: Undo Last Edit" takes it back',
    'Tagged 1 sample "to check". "CoVeR: Undo Last Edit" takes it back',
    'Removed the tag "to check" from 2 samples. "CoVeR: Undo Last Edit" takes it back',
    'Undone: Removed the tag "to check" from 2 samples',
    'Undone: Tagged 1 sample "to check"',
    'Undone: Tagged 2 samples "$\u2060(zap)"',
    'Undone: Tagged 1 sample "to check"',
    'The samples have no tags',
  ]);
});

test('the last edit is copied as the command that does the same', async () => {
  const ids = ['d/train/a/0.png', 'd/train/b/0.png'];
  const made = curation();
  await made.copyLast();
  expect(copied).toEqual([]);
  Object.assign(answers, { pick: undefined, input: '-to check' });
  await made.exclude(folder, ids);
  await made.copyLast();
  await made.include(folder, ids);
  await made.copyLast();
  await made.tag(folder, ids);
  await made.copyLast();
  Object.assign(answers, { pick: 'to check', input: undefined });
  await made.untag(folder, ids);
  await made.copyLast();
  await made.relabel(folder, ids, 'b');
  await made.copyLast();
  await made.relabel(folder, ids, null);
  await made.copyLast();
  Object.assign(answers, { pick: 'New class…', input: "c's" });
  await made.relabel(folder, ids);
  await made.copyLast();
  await made.undo();
  await made.undo();
  await made.copyLast();
  const commands = [
    'exclude',
    'include',
    "tag -- '-to check'",
    "untag -- '-to check'",
    'relabel --label b',
    'relabel',
    "relabel --label 'c'\\''s' --new-class",
    'relabel --label b',
  ];
  expect(copied).toEqual(commands.map((words) => `cover edit --workspace ${folder} ${words} ${ids.join(' ')}`));
});

test('a class that is no class of the dataset is refused', async () => {
  await expect(curation().relabel(folder, ['d/train/a/0.png'], 'nonsense')).rejects.toMatchObject({
    code: 'unknown-class',
  });
  expect(edited).toEqual([]);
});
