// The extension's own code with a stand-in for the editor, for what can be seen without one: what activation loads and
// starts, what panels may read, what is said and how. Whatever of the editor a test does not name does nothing.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import esbuild from 'esbuild';

/**
 * Source of `module.exports` for `vscode`: events that fire, addresses, a folder that is open; everything else can be read,
 * called and constructed, and comes to nothing.
 */
export function editorSource(folder: string | undefined, isTrusted: boolean): string {
  return `
const nothing = new Proxy(function () {}, {
  get: (_, name) => name === 'then' ? undefined : name === Symbol.toPrimitive ? () => '' : name === Symbol.iterator ? function* () {} : name === 'prototype' ? Object.prototype : nothing,
  set: () => true,
  apply: () => nothing,
  construct: () => nothing,
});
const anyOf = (known) => new Proxy(known, { get: (from, name) => name in from ? from[name] : nothing });
class EventEmitter {
  listeners = new Set();
  event = (listener) => { this.listeners.add(listener); return { dispose: () => this.listeners.delete(listener) }; };
  fire(value) { for (const listener of [...this.listeners]) listener(value); }
  dispose() { this.listeners.clear(); }
}
class Disposable { constructor(call) { this.dispose = call; } static from(...all) { return new Disposable(() => { for (const one of all) one.dispose(); }); } }
class Uri {
  constructor(scheme, path) { this.scheme = scheme; this.path = path; this.fsPath = path; }
  static file(path) { return new Uri('file', path); }
  static parse(text) { const [scheme, path] = text.split(/:(.*)/s); return new Uri(scheme, path); }
  static joinPath(base, ...parts) { return new Uri(base.scheme, [base.path, ...parts].join('/')); }
  with(change) { return Object.assign(new Uri(this.scheme, this.path), change); }
  toString() { return this.scheme + '://' + this.path; }
}
class TreeItem { constructor(label, collapsibleState) { Object.assign(this, { label, collapsibleState }); } }
class ThemeIcon { constructor(id, color) { Object.assign(this, { id, color }); } }
class ThemeColor { constructor(id) { this.id = id; } }
class Position { constructor(line, character) { Object.assign(this, { line, character }); } }
class Range { constructor(...all) { this.all = all; } }
class RelativePattern { constructor(base, pattern) { Object.assign(this, { base, pattern }); } }
class MarkdownString {
  constructor(value = '', supportThemeIcons = false) { Object.assign(this, { value, supportThemeIcons }); }
  appendText(text) { this.value += text.replace(/[\\\\\`*_{}[\\]()#+\\-!~]/g, '\\\\$&').replace(/[<>&]/g, (c) => '&#' + c.charCodeAt(0) + ';'); return this; }
  appendMarkdown(text) { this.value += text; return this; }
  appendCodeblock(text) { this.value += text; return this; }
}
const folders = ${folder === undefined ? 'undefined' : `[{ uri: Uri.file(${JSON.stringify(folder)}), name: 'folder', index: 0 }]`};
const said = [];
const say = (how) => async (...words) => { said.push([how, ...words]); };
module.exports = anyOf({
  said,
  EventEmitter, Disposable, Uri, TreeItem, ThemeIcon, ThemeColor, Position, Range, RelativePattern, MarkdownString,
  workspace: anyOf({
    isTrusted: ${isTrusted},
    workspaceFolders: folders,
    getConfiguration: () => ({ get: (_, otherwise) => otherwise, inspect: () => undefined, update: async () => {} }),
    asRelativePath: (uri) => uri.fsPath ?? uri,
    textDocuments: [],
  }),
  window: anyOf({
    visibleTextEditors: [],
    createOutputChannel: () => anyOf({}),
    showErrorMessage: say('error'),
    showWarningMessage: say('warning'),
    showInformationMessage: say('information'),
    showQuickPick: say('pick'),
    showInputBox: say('input'),
  }),
  commands: anyOf({ executeCommand: async () => undefined }),
});
`;
}

/**
 * Bundles a module of src/extension over the stand-in and loads it here. Its `vscode` is what the module sees; what it
 * said is in `vscode.said`.
 */
export async function loadWithEditor<T>(
  entry: string,
  folder?: string,
  isTrusted = true,
): Promise<{ module: T; vscode: { said: string[][] } & Record<string, unknown> }> {
  const place = mkdtempSync(join(tmpdir(), 'cover-editor-'));
  try {
    const editor = join(place, 'editor.cjs');
    writeFileSync(editor, editorSource(folder, isTrusted));
    const outfile = join(place, 'bundle.cjs');
    await esbuild.build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'warning',
      plugins: [
        {
          name: 'editor',
          setup: (build) => build.onResolve({ filter: /^vscode$/ }, () => ({ path: './editor.cjs', external: true })),
        },
      ],
    });
    const load = createRequire(outfile);
    return { module: load(outfile) as T, vscode: load(editor) };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** The same, with the commands that the module registers, by their ids. */
export async function loadWithCommands<T>(entry: string, folder?: string) {
  const loaded = await loadWithEditor<T>(entry, folder);
  const known = new Map<string, (...args: unknown[]) => Promise<unknown>>();
  const commands = loaded.vscode.commands as Record<string, unknown>;
  commands.registerCommand = (id: string, handler: (...args: unknown[]) => Promise<unknown>) => {
    known.set(id, handler);
    return { dispose: () => {} };
  };
  return { ...loaded, known };
}
