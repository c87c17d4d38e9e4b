// The clip view's host over a stand-in for the editor: which files its page may read after it stepped to other samples.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clipHostSurface } from '../../src/protocol/clipView.ts';
import { Endpoint } from '../../src/protocol/endpoint.ts';
import { webviewTransport } from '../../src/protocol/webviewTransport.ts';
import { loadWithEditor } from './editorStandIn.ts';

interface Kind {
  fill(panel: object, subject: object, become: (next: object) => void): Promise<() => void>;
}
type Address = { path: string };

test('a page that steps from folder to folder may read that of the shown file only', async () => {
  const { module, vscode } = await loadWithEditor<{ clipPanelKind(services: object): Kind }>(
    'src/extension/clipPanel.ts',
  );
  const { file: uri } = vscode.Uri as { file(path: string): Address };
  const files = ['/data/a/1.mp4', '/data/b/1.mp4', '/data/b/2.mp4', '/data/c/1.mp4'];
  const sampleOf = (file: string) => ({
    ...{ id: file, dataset: 'clips', split: 'train', label: 'walking', file, kind: 'video', start: null, end: null },
  });
  const runners = {
    ask: async (_: string, { file }: { file: string }) => {
      const place = files.indexOf(file);
      const [previous = null, next = null] = [files[place - 1], files[place + 1]].map((each) => each && sampleOf(each));
      return { sample: sampleOf(file), excluded: false, position: place + 1, samples: files.length, previous, next };
    },
  };
  const silent = { dispose: () => {} };
  const toHost: ((message: unknown) => void)[] = [];
  const toPage: ((message: unknown) => void)[] = [];
  let loads = 0;
  let options = { enableScripts: true, localResourceRoots: [uri('/extension/dist/webview'), uri('/data/a')] };
  const webview = {
    get options() {
      return options;
    },
    set options(next) {
      options = next;
      loads++; // as the editor does
    },
    asWebviewUri: String,
    postMessage: async (message: unknown) => {
      for (const listener of toPage) listener(message);
    },
    onDidReceiveMessage: (listener: (message: unknown) => void) => void toHost.push(listener),
  };
  const services = { runners, jobs: { onEnd: () => silent }, curation: { onEdited: () => silent } };
  const subject = { workspace: '/w', file: files[0]! };
  const shown: object[] = [];
  await module
    .clipPanelKind(services)
    .fill({ webview, onDidDispose: () => silent }, subject, (next) => void shown.push(next));
  let changes = 0;
  const page = new Endpoint(
    webviewTransport({
      post: (message) => {
        for (const listener of toHost) listener(message);
      },
      listen: (listener) => toPage.push(listener),
      closed: () => {},
    }),
    { requests: {}, notifications: {} },
    {},
    { 'clipView/changed': () => void changes++ },
    clipHostSurface,
  );
  const steps = [
    // Where it stands, how often it was loaded, how often told that its file changed.
    { by: 1, folder: '/data/b', told: [1, 0] },
    { by: 1, folder: '/data/b', told: [1, 1] },
    { by: 1, folder: '/data/c', told: [2, 1] },
    { by: -1, folder: '/data/b', told: [3, 1] },
    { by: -1, folder: '/data/b', told: [3, 2] },
    { by: -1, folder: '/data/a', told: [4, 2] },
  ] as const;
  for (const { by, folder, told } of steps) {
    await page.request('clipView/step', { by });
    expect(options.localResourceRoots.map(({ path }) => path)).toEqual(['/extension/dist/webview', folder]);
    expect([loads, changes]).toEqual(told);
  }
  expect(options.enableScripts).toBe(true);
  expect(shown).toMatchObject([1, 2, 3, 2, 1, 0].map((place) => ({ file: files[place] })));
  expect((await page.request('clipView/ready', {})).url).toBe('file:///data/a/1.mp4');
});

test('of a folder of frames the page may read that folder, and is told which frames are there', async () => {
  const { module, vscode } = await loadWithEditor<{
    clipPanelKind(services: object): Kind & { roots(subject: object): Promise<string[]> };
  }>('src/extension/clipPanel.ts');
  const folder = mkdtempSync(join(tmpdir(), 'cover-frames-'));
  try {
    for (const name of ['00001.jpg', '00002.jpg', '00004.jpg', 'flow_00001.jpg', '00009.jpg'])
      writeFileSync(join(folder, name), 'x');
    const { file: uri } = vscode.Uri as { file(path: string): Address };
    const frames = { pattern: '%05d.jpg', first: 1, count: 5 };
    const sample = { id: 'jester/1', dataset: 'jester', split: 'val', label: 'Stop Sign', file: folder, kind: 'video' };
    const subject = { workspace: '/w', file: folder, sample: { ...sample, start: null, end: null, frames } };
    const silent = { dispose: () => {} };
    const services = { runners: {}, jobs: { onEnd: () => silent }, curation: { onEdited: () => silent } };
    const kind = module.clipPanelKind(services);
    expect(await kind.roots(subject)).toEqual([folder]);
    const toHost: ((message: unknown) => void)[] = [];
    const toPage: ((message: unknown) => void)[] = [];
    const webview = {
      options: { localResourceRoots: [uri('/extension'), uri(folder)] },
      asWebviewUri: String,
      postMessage: async (message: unknown) => {
        for (const listener of toPage) listener(message);
      },
      onDidReceiveMessage: (listener: (message: unknown) => void) => void toHost.push(listener),
    };
    await kind.fill({ webview, onDidDispose: () => silent }, subject, () => {});
    const transport = webviewTransport({
      post: (message) => {
        for (const listener of toHost) listener(message);
      },
      listen: (listener) => toPage.push(listener),
      closed: () => {},
    });
    const page = new Endpoint(transport, { requests: {}, notifications: {} }, {}, {}, clipHostSurface);
    const told = await page.request('clipView/ready', {});
    expect(told).toMatchObject({ url: `file://${folder}`, kind: 'video', size: null });
    const digits = ['00001', '00002', '00004'];
    expect(told.frames).toEqual({ before: '', after: '.jpg', digits, missing: 2, rate: 12 });
    rmSync(folder, { recursive: true });
    expect((await page.request('clipView/ready', {})).frames).toMatchObject({ digits: [], missing: 5 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('each sample, each whole file and each run asked has a panel of its own, whose tab says which', async () => {
  const { module } = await loadWithEditor<{
    clipPanelKind(services: object): Record<'identity' | 'title' | 'fullTitle', (subject: object) => unknown>;
  }>('src/extension/clipPanel.ts');
  const kind = module.clipPanelKind({});
  const sampleOf = (id: string, file: string, start: number | null = null, end: number | null = null) => ({
    file,
    sample: { id, dataset: 'pets', split: 'train', label: 'cat', file, kind: 'video', start, end },
  });
  const subjects: [object, string, string][] = [
    [sampleOf('pets/train/cat/1.png', '/d/train/cat/1.png'), 'cat/1.png', 'pets/train/cat/1.png'],
    [sampleOf('pets/val/cat/1.png', '/d/val/cat/1.png'), 'cat/1.png', 'pets/val/cat/1.png'],
    [sampleOf('others/1.png', '/d/val/cat/1.png'), 'cat/1.png', 'others/1.png'],
    [{ file: '/d/val/cat/1.png' }, 'cat/1.png', '/d/val/cat/1.png'],
    [{ file: '/d/val/cat/1.png', run: 'r-1' }, 'cat/1.png (r-1)', '/d/val/cat/1.png (r-1)'],
    [sampleOf('pets/a.mp4#t=2,4', '/d/a.mp4', 2, 4), 'd/a.mp4 2.0–4.0 s', 'pets/a.mp4#t=2,4'],
    [sampleOf('pets/a.mp4#t=0,2', '/d/a.mp4', 0, 2), 'd/a.mp4 0.0–2.0 s', 'pets/a.mp4#t=0,2'],
  ];
  const known = subjects.map(([subject]) => JSON.stringify(kind.identity({ workspace: '/w', ...subject })));
  expect(new Set(known).size).toBe(subjects.length);
  for (const [subject, title, fullTitle] of subjects)
    expect([kind.title(subject), kind.fullTitle(subject)]).toEqual([title, fullTitle]);
  // A sample is still the same after it was relabelled.
  const [sample] = subjects[0] as [{ sample: object }, string, string];
  const relabelled = { ...sample, sample: { ...sample.sample, label: 'dog' } };
  expect(JSON.stringify(kind.identity({ workspace: '/w', ...relabelled }))).toBe(known[0]);
});
