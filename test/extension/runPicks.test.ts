// Which runs are offered for what: an imported evaluation is no training, and has no model to ask.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { registerCommands } from '../../src/extension/commands.ts';
import type { registerInlinePredictions } from '../../src/extension/inlinePredictions.ts';
import type { RunActions } from '../../src/extension/runActions.ts';
import type { RunSummary } from '../../src/protocol/runs.ts';
import { loadWithCommands, loadWithEditor } from './editorStandIn.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cover-picks-'));
  writeFileSync(join(folder, 'cover.json'), '{}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(name: string, state: RunSummary['state'], imported?: RunSummary['imported']): RunSummary {
  const heads = { moves: { top1: 0.9, top5: 1, samples: 40, missing: 0, classes: 4 } };
  const place = { run: name, folder: join('/w', '.cover', 'runs', name), experiment: 'e', started: '2026-01-01' };
  return { ...place, state, error: null, step: 1, steps: 2, device: 'cpu', heads, ...(imported && { imported }) };
}
const runs = [
  run('a', 'done'),
  run('b', 'done'),
  run('c', 'failed'),
  run('d', 'cancelled'),
  run('elsewhere', 'done', 'model'),
  run('half', 'failed', 'predictions'),
];
const runners = { ask: async () => runs };

/** The commands that a module of the extension registers, and what they offer to pick from. */
async function load<T>(entry: string) {
  const loaded = await loadWithCommands<T>(entry, folder);
  const offered = () =>
    loaded.vscode.said.flatMap(([how, items]) =>
      how === 'pick' ? [(items as unknown as { label: string }[]).map(({ label }) => label)] : [],
    );
  return { ...loaded, offered };
}
const guard = (work: () => Promise<unknown>) => work();

test('commands', async () => {
  const { module, known, offered } = await load<{ registerCommands: typeof registerCommands }>(
    'src/extension/commands.ts',
  );
  module.registerCommands({ runners, messages: { guard } } as never);
  for (const id of ['cover.openRun', 'cover.evaluateRun', 'cover.resumeRun', 'cover.openEvaluation'])
    await known.get(id)!();
  const all = runs.map((each) => each.run);
  expect(offered()).toEqual([['a', 'b', 'c', 'd'], ['a', 'b', 'c', 'd'], ['c', 'd'], all]);
});

test('comparing with others', async () => {
  const { module, offered } = await load<{ RunActions: typeof RunActions }>('src/extension/runActions.ts');
  const actions = new module.RunActions(runners as never, {} as never, {} as never);
  await actions.pick(folder, 'Compare', (other) => other.run !== 'a');
  await actions.run(folder, runs[0]!, 'compareSettings');
  expect(offered()).toEqual([
    ['b', 'c', 'd'],
    ['b', 'c', 'd'],
  ]);
});

test('the model for inline predictions, whose choice is forgotten when it was deleted', async () => {
  const { module, vscode, known, offered } = await load<{
    registerInlinePredictions: typeof registerInlinePredictions;
  }>('src/extension/inlinePredictions.ts');
  const document = {
    uri: { scheme: 'file' },
    fileName: join(folder, 'list.csv'),
    version: 1,
    lineCount: 1,
    lineAt: () => ({ text: 'clips/a.mp4,walk', range: { end: {} } }),
    offsetAt: () => 16,
  };
  (vscode.window as Record<string, unknown>).visibleTextEditors = [
    { document, visibleRanges: [{ start: { line: 0 }, end: { line: 0 } }] },
  ];
  let scrolled = () => {};
  (vscode.window as Record<string, unknown>).onDidChangeTextEditorVisibleRanges = (listener: () => void) => {
    scrolled = listener;
    return { dispose: () => {} };
  };
  const asked: unknown[] = [];
  const answering = {
    ask: async (method: string, { run: chosen }: { run?: string }) => {
      if (method === 'runs/list') return runs;
      asked.push(chosen);
      return { model: { run: 'b', digest: 'd', protocol: { video: '', image: '' } }, lines: [null] };
    },
  };
  const state = new Map<string, unknown>([['cover.inlineModel', 'deleted']]);
  const logged: string[] = [];
  const log = { debug: () => {}, warn: (line: string) => logged.push(line) };
  const event = () => ({ dispose: () => {} });
  module.registerInlinePredictions(
    {
      workspaceState: {
        get: (key: string) => state.get(key),
        update: async (key: string, value: unknown) => state.set(key, value),
      },
    } as never,
    {
      runners: answering,
      jobs: { onEnd: event },
      indexing: { onUpdated: event },
      curation: { onEdited: event },
      messages: { guard, log },
    } as never,
  );
  await known.get('cover.chooseInlineModel')!();
  expect(offered()).toEqual([['Newest finished run', 'a', 'b']]);
  // Nothing was picked, and nothing asked: it is a line that comes into view that is asked for.
  expect(asked).toEqual([]);
  scrolled();
  await expect
    .poll(() => logged)
    .toEqual([expect.stringContaining('"deleted", chosen for inline predictions, is gone')]);
  expect([asked, state.get('cover.inlineModel')]).toEqual([['deleted'], undefined]);
});

test.each([
  ['a file', 1, { filters: { Weights: ['safetensors'] } }],
  ['a folder', 2, { canSelectFolders: true, canSelectFiles: false }],
])('weights to start from: %s is chosen in a dialog of its own', async (_, row, expected) => {
  const { module, vscode } = await loadWithEditor<typeof import('../../src/extension/trainPanel.ts')>(
    'src/extension/trainPanel.ts',
    folder,
  );
  const offered: string[] = [];
  const dialogs: { openLabel?: string }[] = [];
  Object.assign(vscode.window as object, {
    showQuickPick: async (items: { label: string }[]) => {
      offered.push(...items.map(({ label }) => label));
      return items[row - 1];
    },
    showOpenDialog: async (options: object) => {
      dialogs.push(options);
      return [{ fsPath: '/weights' }];
    },
  });
  let hear = (_: unknown) => {};
  const answers: unknown[] = [];
  const webview = {
    postMessage: (message: unknown) => answers.push(message),
    onDidReceiveMessage: (listener: typeof hear) => {
      hear = listener;
    },
  };
  const indexing = { onUpdated: () => ({ dispose: () => {} }) };
  const kind = module.trainPanelKind({ runners, indexing } as never);
  const release = await kind.fill({ webview, onDidDispose: () => {} } as never, { workspace: folder });
  hear({ id: 1, method: 'trainView/pickWeights', params: {} });
  await vi.waitFor(() => expect(answers).toMatchObject([{ id: 1, result: { weights: '/weights' } }]));
  const words = offered.map((label) => label.replace(/^\$\(\S+\) /, ''));
  expect(words.slice(0, 3)).toEqual(['A file…', 'A folder…', 'A model on the Hugging Face Hub…']);
  expect(words.slice(3).toSorted()).toEqual(runs.map((each) => each.run).toSorted());
  expect(dialogs).toEqual([{ openLabel: 'Start from These Weights', ...expected }]);
  release();
});
