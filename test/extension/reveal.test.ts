// Where a file is shown: by where the person sits, and whether the window has it.
import { expect, test, vi } from 'vitest';

const done: string[] = [];
const env: { uiKind: number; remoteName: string | undefined; clipboard: object } = {
  uiKind: 1,
  remoteName: undefined,
  clipboard: { writeText: async (text: string) => void done.push(`copied ${text}`) },
};
vi.mock('vscode', () => ({
  env,
  UIKind: { Desktop: 1, Web: 2 },
  commands: { executeCommand: async (command: string) => void done.push(command) },
  window: { showInformationMessage: async (_: string, button: string) => button },
  workspace: { getWorkspaceFolder: ({ fsPath }: { fsPath: string }) => (fsPath.startsWith('/w/') ? {} : undefined) },
}));
const { reveal } = await import('../../src/extension/reveal.ts');

test.each([
  ['beside, in the workspace', 1, undefined, '/w/a.mp4', false, 'revealInExplorer'],
  ['beside, the file manager first', 1, undefined, '/w/a.mp4', true, 'revealFileInOS'],
  ['beside, outside', 1, undefined, '/data/a.mp4', false, 'revealFileInOS'],
  ['over SSH, in the workspace', 1, 'ssh-remote', '/w/a.mp4', true, 'revealInExplorer'],
  ['over SSH, outside', 1, 'ssh-remote', '/data/a.mp4', false, 'copied /data/a.mp4'],
  ['in a browser, outside', 2, undefined, '/data/a.mp4', true, 'copied /data/a.mp4'],
])('%s', async (_, uiKind, remoteName, fsPath, manager, expected) => {
  Object.assign(env, { uiKind, remoteName });
  done.length = 0;
  await reveal({ fsPath } as never, { manager });
  expect(done).toEqual([expected]);
});
