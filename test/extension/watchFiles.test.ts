// The folders of the window that are watched, also those that come and go while it is open.
import { expect, test, vi } from 'vitest';

let folders: string[] = ['/a'];
let changed: () => void = () => {};
const watched = new Set<string>();
vi.mock('vscode', () => ({
  Uri: {},
  RelativePattern: class {
    constructor(
      readonly base: string,
      readonly pattern: string,
    ) {}
  },
  workspace: {
    get workspaceFolders() {
      return folders;
    },
    onDidChangeWorkspaceFolders: (listener: () => void) => {
      changed = listener;
      return { dispose: () => {} };
    },
    createFileSystemWatcher: ({ base, pattern }: { base: string; pattern: string }) => {
      const name = `${base} ${pattern}`;
      watched.add(name);
      const ignored = () => {};
      return {
        onDidCreate: ignored,
        onDidChange: ignored,
        onDidDelete: ignored,
        dispose: () => watched.delete(name),
      };
    },
  },
}));
const { watchFiles } = await import('../../src/extension/watchFiles.ts');

const names = () => [...new Set([...watched].map((name) => name.split(' ')[0]))];

test('a folder that is added is watched, one that is removed is not any more', () => {
  const watching = watchFiles({ configChanged: () => {}, runsChanged: () => {} });
  expect(names()).toEqual(['/a']);
  folders = ['/b', '/c'];
  changed();
  expect([names(), watched.size]).toEqual([['/b', '/c'], 4]);
  watching.dispose();
  expect(names()).toEqual([]);
});
