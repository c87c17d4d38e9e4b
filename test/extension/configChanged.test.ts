// What a change of cover.json on the disk sets off, by the whole extension over a stand-in for the editor and for the runner.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { tree } from '../data/tree.ts';
import { loadWithEditor } from './editorStandIn.ts';

interface Extension {
  activate(context: object): void;
  deactivate(): Promise<void>;
}

/** A runner that writes down what it is asked. cover.json has mistakes; of what is no JSON it makes no index. */
const runner = `
const { appendFileSync, readFileSync } = require('node:fs');
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined || method === undefined) return;
  appendFileSync(__dirname + '/asked', method + '\\n');
  const answer = (message) => console.log(JSON.stringify({ id, ...message }));
  if (method === 'config/check') answer({ result: [{ severity: 'error', file: '/w/cover.json', message: 'no such disk' }] });
  else if (method !== 'index/update') answer({ result: [] });
  else if (readFileSync(__dirname + '/cover.json', 'utf8').startsWith('{')) answer({ result: [] });
  else answer({ error: { code: 'bad-workspace', message: 'no JSON' } });
});
`;

let ended = () => Promise.resolve();
afterEach(() => ended());

test.each([
  ['with a mistake in it, is followed', '{ "datasets": {} }'],
  ['in the middle of being typed, is refused without a word', 'not JSON'],
])(
  'cover.json, %s',
  async (_, text) => {
    const folder = tree({ 'cover.json': '{}', 'runner.cjs': runner, asked: '' });
    const asked = () => readFileSync(join(folder, 'asked'), 'utf8').split('\n');
    const { module, vscode } = await loadWithEditor<Extension>('src/extension/extension.ts', folder);
    ended = () => module.deactivate();
    const changes: (() => void)[] = [];
    const ignored = () => ({ dispose: () => {} });
    const warned: string[] = [];
    Object.assign(vscode.workspace as object, {
      createFileSystemWatcher: ({ pattern }: { pattern: string }) => ({
        onDidCreate: ignored,
        onDidChange: (listener: () => void) => {
          if (pattern.includes('cover.json')) changes.push(listener);
          return ignored();
        },
        onDidDelete: ignored,
        dispose: () => {},
      }),
    });
    Object.assign(vscode.window as object, {
      createOutputChannel: () => ({ info: () => {}, error: () => {}, warn: (line: string) => warned.push(line) }),
      withProgress: (_: object, work: () => unknown) => work(),
    });
    const memory = { get: (_: string, otherwise: unknown) => otherwise, update: async () => {} };
    module.activate({
      ...{ subscriptions: [], workspaceState: memory, globalState: memory, extensionPath: folder },
      extensionUri: (vscode.Uri as { file(path: string): object }).file(folder),
      asAbsolutePath: () => join(folder, 'runner.cjs'),
    });
    writeFileSync(join(folder, 'cover.json'), text);
    for (const changed of changes) changed();
    await vi.waitFor(() => expect(asked()).toContain('index/update'), 10_000);
    if (text === 'not JSON') await vi.waitFor(() => expect(warned).toContain('Indexing failed: no JSON'), 5000);
    expect(asked()).toContain('config/check');
    // Who shows what the index has asks again, also to tell what is wrong.
    await vi.waitFor(() => expect(asked()).toContain('index/problems'), 5000);
    expect(vscode.said).toEqual([]);
  },
  30_000,
);
