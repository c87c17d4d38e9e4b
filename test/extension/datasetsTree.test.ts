// The Datasets tree with a stand-in for the editor and the runner's real answers.
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { WorkspaceConfig } from '../../src/config/experiment.ts';
import { editSamples } from '../../src/curation/editSamples.ts';
import { listDatasets } from '../../src/data/datasetIndex.ts';
import { recordProblems, updateIndex } from '../../src/data/updateIndex.ts';
import type { Node, SampleNode } from '../../src/extension/datasetNodes.ts';
import { SampleFilter } from '../../src/extension/sampleFilter.ts';
import { createHandlers } from '../../src/runner/handlers.ts';
import { files, grow, tree } from '../data/tree.ts';
import { treeStandIn } from './treeStandIn.ts';

let folder = '';
const messages: string[] = [];
vi.mock('vscode', () =>
  treeStandIn(() => folder, { setStatusBarMessage: (message: string) => void messages.push(message) }),
);
const { DatasetsTree } = await import('../../src/extension/datasetsTree.ts');
const { datasetDrag, dropMeaning } = await import('../../src/extension/datasetDrag.ts');
const { pageOf, sampleActions } = await import('../../src/extension/sampleActions.ts');
const { sampleTooltip } = await import('../../src/extension/sampleTooltip.ts');

const config: WorkspaceConfig = {
  datasets: {
    digits: { kind: 'image', path: 'digits', format: 'classFolders' },
    clips: { kind: 'video', path: 'clips', format: 'classFolders' },
  },
};

let runner: ReturnType<typeof createHandlers>;
let asked: string[];
let said: (string | undefined)[];
const ask = (async (method: keyof typeof runner.handlers, params: never, signal?: AbortSignal) => {
  asked.push(method);
  return runner.handlers[method](params, signal ?? new AbortController().signal);
}) as never;

/** For the tests of a group: two indexed datasets and what answers about them. */
function withWorkspace(): void {
  beforeEach(async () => {
    folder = tree({
      ...files(130, 'digits/train/one/', '.png'),
      ...files(3, 'digits/train/two/', '.png'),
      ...files(2, 'digits/val/one/', '.png'),
      ...files(2, 'digits/val/two/', '.png'),
      ...files(6, 'clips/x/', '.mp4'),
      ...files(6, 'clips/y/', '.mp4'),
      'cover.json': JSON.stringify(config),
    });
    runner = createHandlers({ ffmpeg: undefined, notify: () => {} });
    asked = [];
    said = [];
    await updateIndex(folder, config);
  });
  afterEach(() => runner.close());
}

function newTree() {
  return new DatasetsTree(
    { ask },
    () => listDatasets(folder),
    (line) => void said.push(line),
  );
}

/** The rows as a person reads them, indented; `opened` tells which are open. */
async function drawn(
  shown: InstanceType<typeof DatasetsTree>,
  opened: (node: Node) => boolean,
  parent?: Node,
  depth = 0,
) {
  const lines: string[] = [];
  for (const node of await shown.getChildren(parent)) {
    const item = shown.getTreeItem(node);
    lines.push(`${'  '.repeat(depth)}${item.label} | ${item.description} | ${item.contextValue}`);
    if (opened(node)) lines.push(...(await drawn(shown, opened, node, depth + 1)));
  }
  return lines;
}

const all = () => true;

describe('rows', () => {
  withWorkspace();

  test('are fetched as they are opened, a page at a time', async () => {
    const shown = newTree();
    const [digits] = await shown.getChildren();
    expect(asked).toEqual([]);
    const [train] = await shown.getChildren(digits);
    const [one] = await shown.getChildren(train);
    const rows = await shown.getChildren(one);
    expect(rows).toHaveLength(101);
    const more = rows.at(-1)!;
    expect(shown.getTreeItem(more)).toMatchObject({ label: 'Show more', description: '30 left' });
    if (more.type === 'more') shown.showMore(more);
    expect(await shown.getChildren(one)).toHaveLength(130);
  });

  test('excluded samples stand below a row of their own, relabelled ones say what they were', async () => {
    await editSamples(folder, [
      { id: 'clips/x/0.mp4', excluded: true },
      { id: 'clips/x/1.mp4', label: 'y' },
    ]);
    await updateIndex(folder, config);
    await recordProblems(folder, [
      { severity: 'error', file: join(folder, 'clips/y/0.mp4'), message: 'It is broken.', dataset: 'clips' },
    ]);
    const shown = newTree();
    const lines = await drawn(shown, (node) => node.type !== 'dataset' || node.dataset.name === 'clips');
    expect(lines[1]).toBe('clips | 11 · 2 classes · 1 excluded  ⚠ 1 | dataset');
    expect(lines.slice(-2)).toEqual(['  excluded | 1 | excluded', '    0.mp4 | train · x | sample.excluded']);
    const moved = lines.findIndex((line) => line.includes('was x'));
    expect(lines[moved]).toBe('      1.mp4 | was x | sample.relabelled');
    const broken = lines.findIndex((line) => line.trim().startsWith('0.mp4'));
    expect(broken).toBeGreaterThan(0);
  });

  test('tags stand behind the name, and offer to be taken off', async () => {
    await editSamples(folder, [
      { id: 'clips/x/0.mp4', excluded: true, tag: ['night'] },
      { id: 'clips/x/1.mp4', label: 'y', tag: ['to check', 'night'] },
      { id: 'clips/x/2.mp4', tag: ['$(zap)\u202e'] },
    ]);
    const shown = newTree();
    const lines = await drawn(shown, (node) => node.type !== 'dataset' || node.dataset.name === 'clips');
    const tagged = lines.filter((line) => line.includes('#')).map((line) => line.trim());
    expect(tagged.toSorted()).toEqual([
      '0.mp4 | train · x · #night | sample.excluded.tagged',
      '1.mp4 | was x · #night #to check | sample.relabelled.tagged',
      '2.mp4 | #$(zap)\ufffd | sample.tagged',
    ]);
    const [, clips] = await shown.getChildren();
    expect(shown.getTreeItem(clips!).tooltip).toContain('3 samples tagged');
  });

  test('problems are marked at the dataset, the class and the sample; excluded ones are dimmed', async () => {
    await recordProblems(folder, [
      { severity: 'error', file: join(folder, 'digits/train/two/1.png'), message: 'It is broken.', dataset: 'digits' },
    ]);
    await editSamples(folder, [{ id: 'digits/train/two/0.png', excluded: true }]);
    await updateIndex(folder, config);
    const shown = newTree();
    const [digits] = await shown.getChildren();
    const [train, , excluded] = await shown.getChildren(digits);
    const [one, two] = await shown.getChildren(train);
    const [first] = await shown.getChildren(two);
    const decoration = (node: Node | undefined) => shown.getTreeItem(node!).resourceUri?.query;
    expect(decoration(digits)).toContain('"text":"1"');
    expect(decoration(one)).toBeUndefined();
    expect(decoration(two)).toContain('"text":"1"');
    expect(decoration(first)).toContain('It is broken.');
    expect(decoration(excluded)).toBe('{"dimmed":true}');
    expect(shown.getTreeItem(excluded!).iconPath).toMatchObject({
      color: { id: 'gitDecoration.ignoredResourceForeground' },
    });
  });

  test('what was asked for rows that are gone is not waited for', async () => {
    const shown = newTree();
    const [digits] = await shown.getChildren();
    const [train] = await shown.getChildren(digits);
    shown.filter({ text: 'one', counts: [{ dataset: 'digits', split: 'train', samples: 130, classes: 1 }] });
    const late = shown.getChildren(train);
    shown.filter(undefined);
    expect(await late).toEqual([]);
  });
});

describe('rows that are shown when the index changes', () => {
  withWorkspace();

  /** A tree whose datasets, splits and classes are open, and what it told the editor to draw anew. */
  async function openTree() {
    const shown = newTree();
    const told: (Node | undefined)[] = [];
    shown.onDidChangeTreeData((node) => told.push(node));
    await drawn(shown, all);
    asked.length = 0;
    return { shown, told };
  }

  test('stay where they are when they are the same', async () => {
    const { shown, told } = await openTree();
    const [digits] = await shown.getChildren();
    await updateIndex(folder, config);
    await shown.refresh();
    expect(asked).toContain('index/samples');
    expect(told).toEqual([]);
    expect((await shown.getChildren())[0]).toBe(digits);
  });

  test('are fetched before the editor is told once, and answered from what was fetched', async () => {
    const { shown, told } = await openTree();
    await editSamples(folder, [{ id: 'clips/x/0.mp4', excluded: true }]);
    await updateIndex(folder, config);
    await shown.refresh();
    expect(told).toEqual([undefined]);
    asked.length = 0;
    const lines = await drawn(shown, (node) => node.type !== 'excluded');
    expect(asked).toEqual([]);
    expect(lines.slice(-1)).toEqual(['  excluded | 1 | excluded']);
    expect(lines.filter((line) => line.includes('0.mp4'))).toHaveLength(1);
  });

  test('are no more of those that the editor closed meanwhile, which it asks for when they are opened', async () => {
    const { shown } = await openTree();
    for (const excluded of [true, false]) {
      await editSamples(folder, [{ id: 'clips/x/0.mp4', excluded }]);
      await updateIndex(folder, config);
      await shown.refresh();
      asked.length = 0;
      await drawn(shown, ({ type }) => type === 'dataset');
    }
    expect(asked).toEqual([]);
    expect(await drawn(shown, all)).toContain('      0.mp4 |  | sample');
    expect(asked).toContain('index/samples');
  });

  test('of several changes at once the last one counts, also while the editor asks', async () => {
    const { shown, told } = await openTree();
    await editSamples(folder, [{ id: 'clips/x/0.mp4', excluded: true }]);
    const first = shown.refresh();
    await updateIndex(folder, config);
    await Promise.all([first, shown.refresh()]);
    expect(told).toEqual([undefined]);
    const [, clips] = await shown.getChildren();
    const [, , excluded] = await shown.getChildren(clips);
    const late = shown.getChildren(excluded);
    await shown.refresh();
    await late;
    expect(told).toEqual([undefined, undefined]);
    expect((await drawn(shown, all)).at(-1)).toMatch(/0\.mp4 \| .* \| sample\.excluded/);
  });

  test('are as many as were asked for with "Show more"', async () => {
    const { shown, told } = await openTree();
    const [digits] = await shown.getChildren();
    const [train] = await shown.getChildren(digits);
    const [one] = await shown.getChildren(train);
    const more = (await shown.getChildren(one)).at(-1)!;
    if (more.type === 'more') shown.showMore(more);
    expect(told).toEqual([one]);
    expect(await shown.getChildren(one)).toHaveLength(130);
    await editSamples(folder, [{ id: 'digits/train/one/0.png', excluded: true }]);
    await updateIndex(folder, config);
    await shown.refresh();
    const [again] = await shown.getChildren((await shown.getChildren((await shown.getChildren())[0]))[0]);
    expect(await shown.getChildren(again)).toHaveLength(129);
  });
});

describe('a command on rows', () => {
  const excluded: (readonly string[])[] = [];
  const selected = sampleOf('d/selected', 'a');
  const clicked = sampleOf('d/clicked', 'a');
  const actions = () =>
    sampleActions({
      runners: { ask },
      curation: { exclude: async (_: string, ids: readonly string[]) => void excluded.push(ids) } as never,
      selection: () => [selected],
      filter: () => undefined,
      openClip: async () => {},
    });

  test.each([
    ['from a key or the palette is one on what is selected', [], ['d/selected']],
    ['falls on the row that was clicked', [clicked], ['d/clicked']],
    [
      'falls on all that are selected where the clicked one is of them',
      [clicked, [selected, clicked]],
      ['d/selected', 'd/clicked'],
    ],
    ['falls on no other row where its own was drawn anew', [undefined], undefined],
    ['falls on none where some were drawn anew', [clicked, [clicked, undefined]], undefined],
  ])('%s', async (_, given, expected) => {
    folder = tree({ 'cover.json': '{}' });
    excluded.length = 0;
    messages.length = 0;
    await actions()['cover.excludeSamples']!(...(given as never[]));
    expect(excluded).toEqual(expected ? [expected] : []);
    expect(messages).toHaveLength(expected ? 0 : 1);
  });
});

describe('the filter', () => {
  withWorkspace();

  test('leaves what has the text in its path, open', async () => {
    await editSamples(folder, [{ id: 'digits/train/one/12.png', excluded: true }]);
    await updateIndex(folder, config);
    const shown = newTree();
    const filter = new SampleFilter(
      (filter, signal) => runner.handlers['curation/matchCounts']({ workspace: folder, filter }, signal),
      (filtered) => shown.filter(filtered),
      (error) => expect.fail(String(error)),
      0,
    );
    filter.set('/ONE/12');
    await vi.waitFor(() => expect(filter.filtered?.text).toBe('/ONE/12'));
    expect(await drawn(shown, all)).toEqual([
      'digits | 11 of 136 | dataset',
      '  train | 10 | split',
      '    one | 10 | class',
      ...Array.from(
        { length: 10 },
        (_, i) => `      12${['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'][i]}.png |  | sample`,
      ),
      '  excluded | 1 | excluded',
      '    12.png | train · one | sample.excluded',
    ]);
    const [digits] = await shown.getChildren();
    expect(shown.getTreeItem(digits!).collapsibleState).toBe(2);
    filter.set('zebra');
    await vi.waitFor(() => expect(filter.filtered?.text).toBe('zebra'));
    expect(await shown.getChildren()).toEqual([]);
    expect(said.at(-1)).toBe('No sample has "zebra" in its path.');
    filter.set('');
    expect((await shown.getChildren()).map((node) => shown.getTreeItem(node).label)).toEqual(['digits', 'clips']);
    expect(said.at(-1)).toBeUndefined();
  });

  test('a hundred quick changes leave one result, that of the last', async () => {
    const shown: (string | undefined)[] = [];
    const searched: string[] = [];
    let running = 0;
    let most = 0;
    const filter = new SampleFilter(
      async (text, signal) => {
        searched.push(text);
        most = Math.max(most, ++running);
        // Earlier ones answer later, unless they are stopped.
        await new Promise((resolve) => setTimeout(resolve, 30 - Math.min(29, searched.length)));
        running--;
        return signal.aborted ? [] : [{ dataset: text, split: 'train', samples: 1, classes: 1 }];
      },
      (filtered) => shown.push(filtered?.text),
      (error) => expect.fail(String(error)),
      1,
    );
    for (let i = 0; i < 100; i++) {
      filter.set(`text ${i}`);
      if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await vi.waitFor(() => expect(filter.filtered?.text).toBe('text 99'));
    await vi.waitFor(() => expect(running).toBe(0));
    expect(shown.at(-1)).toBe('text 99');
    expect(shown.filter((text) => text === 'text 99')).toHaveLength(1);
    expect(filter.filtered?.counts[0]?.dataset).toBe('text 99');
    expect(searched.length).toBeLessThan(20);
  });

  test('one that fails is told, the next goes on', async () => {
    const failures: unknown[] = [];
    const filter = new SampleFilter(
      async (text) => {
        if (text === 'bad') throw new Error('no');
        return [];
      },
      () => {},
      (error) => failures.push(error),
      0,
    );
    filter.set('bad');
    await vi.waitFor(() => expect(failures).toHaveLength(1));
    filter.set('good');
    await vi.waitFor(() => expect(filter.filtered?.text).toBe('good'));
  });
});

const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => {} }) };
const dataset = { name: 'd', kind: 'video', path: '/d', samples: 4, classes: 2, problems: 0, splits: [] } as const;
const sampleOf = (id: string, label: string, excluded?: boolean): SampleNode => ({
  type: 'sample',
  sample: {
    ...{ id, dataset: id.split('/')[0]!, split: 'train', label, file: `/${id}`, kind: 'video', start: null, end: null },
    ...(excluded && { excluded }),
  },
});
const classOf = (label: string): Node => ({
  type: 'class',
  dataset: { ...dataset, splits: [] },
  split: 'val',
  label,
  samples: 1,
});

test.each([
  ['another class', classOf('b'), { ids: ['d/1', 'd/2'], label: 'b' }],
  ['a class that some have', classOf('a'), { ids: ['d/2'], label: 'a' }],
  ['a sample', sampleOf('d/9', 'b'), { ids: ['d/1', 'd/2'], label: 'b' }],
  ['a sample of another dataset', sampleOf('e/9', 'b'), { ids: ['e/3'], label: 'b' }],
  [
    'excluded',
    { type: 'excluded', dataset: { ...dataset, splits: [] }, samples: 1 } as Node,
    { ids: ['d/1', 'd/2'], exclude: true },
  ],
  ['a dataset', { type: 'dataset', dataset: { ...dataset, splits: [] } } as Node, undefined],
  ['nothing', undefined, undefined],
])('samples dropped on %s', (_, target, meaning) => {
  const samples = [sampleOf('d/1', 'a'), sampleOf('d/2', 'c'), sampleOf('e/3', 'a')];
  expect(dropMeaning(samples, target)).toEqual(meaning);
});

describe('dragging', () => {
  withWorkspace();

  const drag = (done: unknown[]) =>
    datasetDrag(
      { run: async (uri: { fsPath: string }) => void done.push(uri.fsPath) } as never,
      {
        relabel: async (_: string, ids: string[], label: string) => void done.push({ ids, label }),
        exclude: async (_: string, ids: string[]) => void done.push({ ids }),
      } as never,
      { guard: (work: () => Promise<unknown>) => work() } as never,
    );
  const drop = async (list: string | undefined, nodes: Node[], target: Node | undefined) => {
    const done: unknown[] = [];
    const controller = drag(done);
    const transfer = new Map<string, unknown>();
    if (list !== undefined) transfer.set('text/uri-list', { asString: async () => list });
    else await controller.handleDrag?.(nodes, transfer as never, token as never);
    await controller.handleDrop?.(target, transfer as never, token as never);
    return done;
  };

  test('a folder adds its datasets, a file those of its folder, each once; other addresses are no folders', async () => {
    const list = [
      `file://${folder}/digits`,
      '# a comment',
      `file://${folder}/cover.json`,
      `vscode-remote://host${folder}/digits`,
      'https://example.org/x',
      '',
    ].join('\r\n');
    expect(await drop(list, [], undefined)).toEqual([join(folder, 'digits'), folder]);
  });

  test('samples do what the row says that they are dropped on', async () => {
    const samples = [sampleOf('d/1', 'a'), sampleOf('d/2', 'b')];
    expect(await drop(undefined, samples, classOf('b'))).toEqual([{ ids: ['d/1'], label: 'b' }]);
    expect(await drop(undefined, samples, undefined)).toEqual([]);
    expect(await drop(undefined, [classOf('a')], classOf('b'))).toEqual([]);
  });
});

test.each([
  [sampleOf('d/x/1.mp4#t=0,2', 'a'), { dataset: 'd', filters: { splits: ['train'], labels: ['a'], text: 'x/1.mp4' } }],
  [sampleOf('d/x/1.mp4', 'a', true), { dataset: 'd', filters: { excluded: true, text: 'x/1.mp4' } }],
  [classOf('b'), { dataset: 'd', filters: { splits: ['val'], labels: ['b'], text: 'f' } }],
])('the dataset page of %#', (node, expected) => {
  expect(pageOf(node, 'f')).toEqual(expected);
});

describe('tooltips', () => {
  withWorkspace();

  test('names are text, whatever stands in them; a file that cannot be read says so', async () => {
    const name = '![x](evil) <script>.png';
    grow(folder, { [`digits/train/two/${name}`]: 'no image' });
    await updateIndex(folder, config);
    const shown = newTree();
    const [digits] = await shown.getChildren();
    const [train] = await shown.getChildren(digits);
    const [, two] = await shown.getChildren(train);
    const node = (await shown.getChildren(two)).find(
      (each) => each.type === 'sample' && each.sample.file.endsWith(name),
    );
    if (node?.type !== 'sample') throw new Error('no such row');
    const { value } = await sampleTooltip({ ask }, folder, node, token as never);
    expect(value).not.toContain('<script>');
    expect(value).not.toContain('![x]');
    expect(value).toMatch(/could not be read|unreadable|decoded|not/i);
    expect(value).toContain('**two** · train');
  });
});
