// What the pages may do: their policy, and the folders that each kind of panel lets them read.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { webviewHtml } from '../../src/protocol/webviewTransport.ts';
import { loadWithEditor } from './editorStandIn.ts';

interface Kind {
  viewType: string;
  roots(subject: object): Promise<string[]>;
  fill(): Promise<() => void>;
}
type Module = Record<string, (...needs: unknown[]) => Kind>;

const answers: Record<string, unknown> = {
  'index/datasets': [{ name: 'clips' }, { name: 'more' }],
  'dataset/folders': ['/data/clips/train', '/data/clips/val'],
};
const runners = { ask: async (method: string) => answers[method] };

/** By the file of the panel: what is shown, and the folders that its page may read beside its own bundle. */
const kinds: Record<string, { subject: object; roots: string[] }> = {
  clipPanel: { subject: { workspace: '/w', file: '/data/clips/train/a.mp4' }, roots: ['/data/clips/train'] },
  datasetPanel: { subject: { workspace: '/w', dataset: 'clips' }, roots: ['/data/clips/train', '/data/clips/val'] },
  evaluationPanel: { subject: { workspace: '/w', run: 'r-1' }, roots: ['/data/clips/train', '/data/clips/val'] },
  runPanel: { subject: { workspace: '/w', run: 'r-1' }, roots: [] },
  studyPanel: { subject: { workspace: '/w', name: 's' }, roots: [] },
  trainPanel: { subject: { workspace: '/w' }, roots: [] },
};

describe('the folders that a page may read', () => {
  test('every kind of panel is looked at', () => {
    const files = readdirSync('src/extension').filter(
      (name) => name.endsWith('Panel.ts') && name !== 'webviewPanel.ts',
    );
    expect(files.map((name) => name.replace('.ts', '')).toSorted()).toEqual(Object.keys(kinds));
  });

  test.each(Object.entries(kinds))('%s', async (file, { subject, roots }) => {
    const { module } = await loadWithEditor<Module>(`src/extension/${file}.ts`);
    const kind = module[`${file}Kind`]!({ runners });
    expect(await kind.roots(subject)).toEqual(roots);

    // As the editor gets them, with the page.
    const { module: panels, vscode } = await loadWithEditor<{
      fillPanel(extension: unknown, kind: Kind, panel: object, subject: object): Promise<void>;
    }>('src/extension/webviewPanel.ts');
    const { file: uri } = vscode.Uri as { file(path: string): unknown };
    const webview = {
      options: {} as Record<string, unknown>,
      html: '',
      cspSource: 'https://page',
      asWebviewUri: String,
    };
    await panels.fillPanel(
      uri('/extension'),
      { ...kind, roots: kind.roots, fill: async () => () => {} },
      { webview, onDidDispose: () => {} },
      subject,
    );
    const { localResourceRoots, ...others } = webview.options;
    expect((localResourceRoots as { path: string }[]).map(({ path }) => path)).toEqual([
      '/extension/dist/webview',
      ...roots,
    ]);
    expect(others).toEqual({ enableScripts: true }); // no forms, no links to commands
    expect(webview.html).toContain(`src="file:///extension/dist/webview/${kind.viewType.slice('cover.'.length)}.js"`);
  });
});

describe('the policy of a page', () => {
  const page = (nonce: string) =>
    webviewHtml({
      title: 'page',
      cspSource: 'https://page',
      script: 'https://page/a.js',
      style: 'https://page/a.css',
      nonce,
    });
  const decoded = page('n0').replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
  const policy = /Content-Security-Policy" content="(.+)">/.exec(decoded)![1]!;

  test('lets in its own files, scripts with its nonce, and what converting clips needs; nothing else', () => {
    const directives = Object.fromEntries(policy.split('; ').map((each) => each.split(/ (.*)/s).slice(0, 2)));
    expect(directives).toEqual({
      'default-src': "'none'",
      'script-src': "'nonce-n0' 'wasm-unsafe-eval'",
      'style-src': "https://page 'nonce-n0'",
      'img-src': 'https://page blob:',
      'media-src': 'https://page blob:',
      'font-src': 'https://page',
      'connect-src': 'https://page blob:',
      'worker-src': 'blob:',
    });
  });

  test('the page itself has nothing inline', () => {
    expect(decoded.match(/<script[^>]*>/g)).toEqual(['<script nonce="n0" src="https://page/a.js">']);
    expect(decoded).not.toMatch(/<style|style=|\son\w+=|javascript:/);
  });
});

test('no page is made or changed as HTML, and no code is made of text', () => {
  const files = ['src/extension', 'webview'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) =>
      /\.tsx?$/.test(name) ? [`${folder}/${name}`] : [],
    ),
  );
  expect(files.length).toBeGreaterThan(50);
  const found = files.flatMap((file) =>
    [
      ...readFileSync(file, 'utf8').matchAll(
        /innerHTML|outerHTML|insertAdjacentHTML|dangerouslySet|document\.write|\beval\(|new Function\(|setHTMLUnsafe|supportHtml = true|isTrusted = true/g,
      ),
    ].map(([what]) => `${file}: ${what}`),
  );
  expect(found).toEqual([]);
});
