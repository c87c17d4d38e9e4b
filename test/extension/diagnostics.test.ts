// cover.json as it is typed: which changes of documents are looked at, and what a check tells that a newer one replaced.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CancelledError } from '../../src/base/errors.ts';
import { tree } from '../data/tree.ts';
import { treeStandIn } from './treeStandIn.ts';

let folder = '';
let change: (event: { document: { uri: { fsPath: string } } }) => void = () => {};
const ignored = () => ({ dispose: () => {} });
vi.mock('vscode', () => {
  const known = treeStandIn(() => folder);
  return {
    ...known,
    languages: { createDiagnosticCollection: () => ({ clear: () => {}, set: () => {}, dispose: () => {} }) },
    Diagnostic: class {},
    DiagnosticSeverity: {},
    Range: class {},
    workspace: {
      isTrusted: true,
      get workspaceFolders() {
        return known.workspace.workspaceFolders;
      },
      textDocuments: [],
      onDidOpenTextDocument: ignored,
      onDidSaveTextDocument: ignored,
      onDidDeleteFiles: ignored,
      onDidChangeTextDocument: (listener: typeof change) => {
        change = listener;
        return { dispose: () => {} };
      },
    },
  };
});
const { Diagnostics } = await import('../../src/extension/diagnostics.ts');

let answers: ((problems: object[]) => void)[];

function diagnostics() {
  const ask = (_: string, __: object, signal: AbortSignal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new CancelledError()));
      answers.push(resolve);
    });
  const log = { error: (line: string) => expect.unreachable(line) };
  const context = { subscriptions: [] };
  return new Diagnostics(context as never, { ask } as never, { onUpdated: ignored } as never, { log } as never);
}

beforeEach(() => {
  folder = tree({ 'cover.json': '{}' });
  answers = [];
});
afterEach(() => void vi.useRealTimers());

test('what is typed is checked though other documents change meanwhile', () => {
  vi.useFakeTimers();
  diagnostics();
  const typed = (path: string) => change({ document: { uri: { fsPath: path } } });
  typed(join(folder, 'cover.json'));
  typed('extension-output-cover-studio-CoVeR');
  typed(join(folder, 'notes.txt'));
  vi.runAllTimers();
  expect(answers).toHaveLength(1);
});

test.each([
  ['sound', [], true],
  ['not sound', [{ severity: 'error', file: '/cover.json', message: 'no' }], false],
])('a check that is replaced tells what the newer one finds: %s', async (_, problems, sound) => {
  const made = diagnostics();
  const [older, newer] = [made.check(), made.check()];
  expect(answers).toHaveLength(2);
  answers[1]!(problems);
  expect(await Promise.all([older, newer])).toEqual([sound, sound]);
});
