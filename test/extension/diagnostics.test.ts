// cover.json as it is typed: which documents are looked at, and what of a check is shown that a newer one replaced.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CancelledError } from '../../src/base/errors.ts';
import { tree } from '../data/tree.ts';
import { treeStandIn } from './treeStandIn.ts';

interface Document {
  uri: { scheme: string; fsPath: string };
  getText(): string;
}

let folder = '';
let change: (event: { document: Document }) => void = () => {};
let open: Document[] = [];
let shown: string[] = [];
const ignored = () => ({ dispose: () => {} });
vi.mock('vscode', () => {
  const known = treeStandIn(() => folder);
  return {
    ...known,
    languages: {
      createDiagnosticCollection: () => ({
        clear: () => {
          shown = [];
        },
        set: (_: object, found: { message: string }[]) => shown.push(...found.map(({ message }) => message)),
        dispose: () => {},
      }),
    },
    Diagnostic: class {
      constructor(
        readonly range: object,
        readonly message: string,
      ) {}
    },
    DiagnosticSeverity: {},
    Range: class {},
    workspace: {
      isTrusted: true,
      get workspaceFolders() {
        return known.workspace.workspaceFolders;
      },
      get textDocuments() {
        return open;
      },
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
let asked: { text?: string }[];

function diagnostics() {
  const ask = (_: string, params: { text?: string }, signal: AbortSignal) =>
    new Promise((resolve, reject) => {
      asked.push(params);
      signal.addEventListener('abort', () => reject(new CancelledError()));
      answers.push(resolve);
    });
  const log = { error: (line: string) => expect.unreachable(line) };
  const context = { subscriptions: [] };
  return new Diagnostics(context as never, { ask } as never, { onUpdated: ignored } as never, { log } as never);
}

function documentOf(scheme: string, fsPath: string): Document {
  return { uri: { scheme, fsPath }, getText: () => `the text of ${scheme}` };
}

beforeEach(() => {
  folder = tree({ 'cover.json': '{}' });
  answers = [];
  asked = [];
  open = [];
  shown = [];
});
afterEach(() => void vi.useRealTimers());

test('what is typed is checked though other documents change meanwhile', () => {
  vi.useFakeTimers();
  diagnostics();
  const typed = (path: string, scheme = 'file') => change({ document: documentOf(scheme, path) });
  typed(join(folder, 'cover.json'));
  typed('extension-output-cover-studio-CoVeR');
  typed(join(folder, 'notes.txt'));
  vi.runAllTimers();
  expect(answers).toHaveLength(1);
});

test('an older version of the file, open in a comparison, is not taken for it', () => {
  vi.useFakeTimers();
  const made = diagnostics();
  const file = join(folder, 'cover.json');
  const versions = ['git', 'cover-before'].map((scheme) => documentOf(scheme, file));
  for (const document of versions) change({ document });
  vi.runAllTimers();
  expect(asked).toEqual([]);
  open = versions;
  void made.check();
  open = [...versions, documentOf('file', file)];
  void made.check();
  expect(asked.map(({ text }) => text)).toEqual([undefined, 'the text of file']);
});

test('of a check that is replaced nothing is shown, and what the newer one finds is', async () => {
  const made = diagnostics();
  const checks = [made.check(), made.check()];
  expect(answers).toHaveLength(2);
  answers[1]!([{ severity: 'error', file: '/cover.json', message: 'newer' }]);
  answers[0]!([{ severity: 'error', file: '/cover.json', message: 'older' }]);
  await Promise.all(checks);
  expect(shown).toEqual(['newer']);
});
