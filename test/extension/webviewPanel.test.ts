// Panels and what they show: two that come to one subject, and those that come back before the workspace is trusted.
import { beforeEach, expect, test, vi } from 'vitest';
import { treeStandIn } from './treeStandIn.ts';

interface Panel {
  title: string;
  webview: { html: string; options: object; cspSource: string; asWebviewUri: typeof String };
  onDidDispose(listener: () => void): { dispose(): void };
  reveal(): void;
  dispose(): void;
}
interface Subject {
  name: string;
  /** Where it is from: another subject, under the same title. */
  from?: string;
}

let made: Panel[];
let revealed: Panel[];
let restore: (panel: Panel) => Promise<void>;
let isTrusted: boolean;
let grants: Set<() => void>;
/** What panels wait for before they are filled. */
let opening: Promise<unknown>;

function listen<T>(listeners: Set<T>, listener: T) {
  listeners.add(listener);
  return { dispose: () => listeners.delete(listener) };
}

function panelOf(title: string): Panel {
  const listeners = new Set<() => void>();
  const panel: Panel = {
    title,
    webview: { html: '', options: {}, cspSource: 'https://page', asWebviewUri: String },
    onDidDispose: (listener) => listen(listeners, listener),
    reveal: () => void revealed.push(panel),
    dispose: () => {
      for (const listener of [...listeners]) listener();
    },
  };
  made.push(panel);
  return panel;
}

vi.mock('vscode', () => ({
  ...treeStandIn(() => '/w', {
    registerWebviewPanelSerializer: (_: string, { deserializeWebviewPanel }: { deserializeWebviewPanel: never }) => {
      restore = deserializeWebviewPanel;
      return { dispose: () => {} };
    },
    createWebviewPanel: (_: string, title: string) => panelOf(title),
  }),
  workspace: {
    get isTrusted() {
      return isTrusted;
    },
    onDidGrantWorkspaceTrust: (listener: () => void) => listen(grants, listener),
  },
}));
const { Panels } = await import('../../src/extension/webviewPanel.ts');
const { Uri } = await import('vscode');

beforeEach(() => {
  made = [];
  revealed = [];
  isTrusted = true;
  grants = new Set();
  opening = Promise.resolve();
});

/** What is kept for the next start of the window is in `kept`. */
function panels(kept: Record<string, Subject> = {}) {
  const state = {
    get: () => kept,
    update: async (_: string, next: Record<string, Subject>) => {
      kept = next;
    },
  };
  const become = new Map<Panel, (next: Subject) => void>();
  const filled = new Map<Panel, Subject>();
  const failed: unknown[] = [];
  const again: [Subject | undefined, Subject][] = [];
  const kind = {
    viewType: 'cover.clip',
    identity: ({ name, from }: Subject) => [name, from],
    title: ({ name }: Subject) => name,
    fullTitle: ({ name, from }: Subject) => (from === undefined ? name : `${from}/${name}`),
    icon: 'clip.svg',
    roots: async () => {
      if (!isTrusted) throw new Error('not trusted');
      await opening;
      return [];
    },
    fill: async (panel: Panel, subject: Subject, change: (next: Subject) => void) => {
      filled.set(panel, subject);
      become.set(panel, change);
      return () => {};
    },
    again: (panel: Panel, subject: Subject) => void again.push([filled.get(panel), subject]),
  };
  const context = { subscriptions: [], workspaceState: state, extensionUri: Uri.file('/extension') };
  const shown = new Panels<Subject>(context as never, kind as never, (error) => failed.push(error));
  return { shown, become, filled, failed, again, kept: () => kept, names: () => Object.keys(kept).toSorted() };
}

test('of two panels that came to one subject, one is closed and the other is still known', async () => {
  const { shown, become, names } = panels();
  await shown.show({ name: 'a' });
  await shown.show({ name: 'b' });
  const [first, second] = made as [Panel, Panel];
  become.get(first)!({ name: 'b' });
  expect([first.title, names()]).toEqual(['b', ['b']]);
  first.dispose();
  expect(names()).toEqual(['b']);
  await shown.show({ name: 'b' });
  expect([made.length, revealed]).toEqual([2, [second]]);
  second.dispose();
  expect(names()).toEqual([]);
});

test('a panel that steps away from what another shows leaves it to that one', async () => {
  const { shown, become, names } = panels();
  await shown.show({ name: 'a' });
  await shown.show({ name: 'b' });
  become.get(made[0]!)!({ name: 'b' });
  become.get(made[0]!)!({ name: 'c' });
  expect(names()).toEqual(['b', 'c']);
});

const same: Subject[] = [
  { name: 'a', from: 'train' },
  { name: 'a', from: 'val' },
];

test('what is another subject under the same title gets a panel of its own, and its tab says more', async () => {
  const { shown, filled } = panels();
  const [train, val] = same as [Subject, Subject];
  await shown.show(train);
  await shown.show(val);
  await shown.show(train);
  await shown.show(val);
  expect(made.map((panel) => [panel.title, filled.get(panel)])).toEqual([
    ['a', train],
    ['val/a', val],
  ]);
  expect(revealed).toEqual(made);
});

test('two subjects that nothing tells apart in a title are numbered', async () => {
  const { shown } = panels();
  for (const from of [undefined, '', '', 'x']) await shown.show({ name: 'a', ...(from !== undefined && { from }) });
  await shown.show({ name: '/a' });
  expect(made.map(({ title }) => title)).toEqual(['a', '/a', 'x/a', '/a (2)']);
});

test('after a reload each tab shows what it showed, and is known by that', async () => {
  const before = panels();
  for (const subject of same) await before.shown.show(subject);
  const titles = made.map(({ title }) => title);
  made = [];
  const { shown, filled } = panels(before.kept());
  for (const title of titles.toReversed()) await restore(panelOf(title));
  expect(made.map((panel) => filled.get(panel)?.from)).toEqual(['val', 'train']);
  for (const subject of same) await shown.show(subject);
  expect([made.length, revealed]).toEqual([2, made.toReversed()]);
});

test('a panel that steps to what another shows under a longer title leaves that one its own', async () => {
  const { shown, become, names } = panels();
  for (const subject of same) await shown.show(subject);
  const [first, second] = made as [Panel, Panel];
  become.get(first)!(same[1]!);
  expect([first.title, second.title, names()]).toEqual(['a', 'val/a', ['a', 'val/a']]);
  first.dispose();
  expect(names()).toEqual(['val/a']);
});

test('a panel that is asked for again while it opens hears of it once it is served', async () => {
  let resolve = () => {};
  opening = new Promise<void>((done) => {
    resolve = done;
  });
  const { shown, again } = panels();
  const both = [shown.show({ name: 'a' }), shown.show({ name: 'a' })];
  await new Promise(setImmediate);
  expect([made.length, revealed.length, again]).toEqual([1, 1, []]);
  resolve();
  await Promise.all(both);
  expect(again).toEqual([[{ name: 'a' }, { name: 'a' }]]);
});

test('a panel that comes back waits until the workspace is trusted', async () => {
  isTrusted = false;
  const { failed, names } = panels({ a: { name: 'a' }, b: { name: 'b' } });
  const [a, b] = [panelOf('a'), panelOf('b')];
  await Promise.all([restore(a), restore(b)]);
  expect(a.webview.html).toContain('trusted');
  expect(a.webview.html).not.toContain('<script');
  b.dispose();
  expect(names()).toEqual(['a']);
  isTrusted = true;
  for (const grant of [...grants]) grant();
  await vi.waitFor(() => expect(a.webview.html).toContain('dist/webview/clip.js'));
  expect([failed, names(), b.webview.html.includes('clip.js')]).toEqual([[], ['a'], false]);
});
