// A job that a person waits for, with real processes: its end is told once, however it comes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadWithEditor } from './editorStandIn.ts';
import type * as JobParts from './jobParts.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cover-notified-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const onAsked = (body: string) => `process.stdin.on('data', () => { ${body} }).on('end', () => process.exit(0));`;

test.each([
  ['is killed', onAsked("process.kill(process.pid, 'SIGKILL')"), 'none', [/ended unexpectedly \(killed, SIGKILL/]],
  ['throws', onAsked("throw new Error('no disk')"), 'none', [/exit code 1\): Error: no disk/]],
  ['is cancelled', onAsked(''), 'cancel', []],
  ['ends with its window', onAsked(''), 'close', []],
] as const)('a job that %s', async (_, script, deed, expected) => {
  const { module, vscode } = await loadWithEditor<typeof JobParts>('test/extension/jobParts.ts');
  let cancel = () => {};
  const token = {
    onCancellationRequested: (listener: () => void) => {
      cancel = listener;
    },
  };
  const window = vscode.window as { withProgress: unknown };
  window.withProgress = (__: unknown, work: (progress: object, token: object) => unknown) =>
    work({ report: () => {} }, token);
  const file = join(folder, 'runner.cjs');
  writeFileSync(file, script);
  const runners = new module.Runners({
    script: file,
    env: () => ({}),
    isTrusted: () => true,
    log: () => {},
    onEvent: () => {},
    onUnexpectedExit: () => {},
  });
  const messages = new module.Messages({ error: () => {}, show: () => {} } as never);
  await messages.guard(() =>
    module.notifiedJob(runners, { title: 'A job', name: 'job' }, (runner, signal) => {
      const answer = runner.endpoint.request('evaluate/run', { workspace: folder, run: 'r' }, signal);
      if (deed === 'cancel') cancel();
      if (deed === 'close') void runners.dispose();
      return answer;
    }),
  );
  expect(vscode.said.map(([, words]) => words)).toEqual(expected.map((words) => expect.stringMatching(words)));
});
