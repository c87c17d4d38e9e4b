// Problems panel: cover.json is checked as it is opened, typed and saved; what indexing found is shown after it.
import {
  Diagnostic,
  type DiagnosticCollection,
  DiagnosticSeverity,
  type ExtensionContext,
  languages,
  Range,
  type TextDocument,
  Uri,
  workspace,
} from 'vscode';
import { CancelledError } from '../base/errors.ts';
import type { Problem } from '../protocol/events.ts';
import type { Indexing } from './indexing.ts';
import type { Messages } from './messages.ts';
import { byFile, type PlainDiagnostic } from './problemDiagnostics.ts';
import type { Runners } from './runners.ts';
import { configName, configUri, findWorkspace, hasConfig, isConfig } from './workspaceFolder.ts';

const typingMs = 300;
/** A dataset with very many bad lines does not flood the panel; the tree's count tells of all. */
const mostPerFile = 500;

export class Diagnostics {
  private readonly config = languages.createDiagnosticCollection('cover');
  private readonly index = languages.createDiagnosticCollection('cover-index');
  private timer: NodeJS.Timeout | undefined;
  private checking: AbortController | undefined;

  constructor(
    context: ExtensionContext,
    private readonly runners: Runners,
    indexing: Indexing,
    private readonly messages: Messages,
  ) {
    context.subscriptions.push(
      this.config,
      this.index,
      workspace.onDidOpenTextDocument((document) => this.checkIfConfig(document)),
      workspace.onDidSaveTextDocument((document) => this.checkIfConfig(document)),
      workspace.onDidChangeTextDocument(({ document }) => {
        if (!isWatched(document)) return; // the log is a document that changes too
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.checkIfConfig(document), typingMs);
      }),
      workspace.onDidDeleteFiles(() => void this.check()),
      indexing.onUpdated((folder) => void this.showIndexProblems(folder)),
      { dispose: () => clearTimeout(this.timer) },
    );
  }

  /** Checks the workspace's cover.json, as it stands in an editor, else as it lies on disk, in place of a check under way. */
  async check(): Promise<void> {
    const folder = findWorkspace();
    if (folder === undefined || !workspace.isTrusted) return;
    const file = configUri(folder).fsPath;
    const open = workspace.textDocuments.find(({ uri }) => isOnDisk(uri) && uri.fsPath === file);
    if (!open && !hasConfig(folder)) return this.config.clear();
    this.checking?.abort();
    const controller = new AbortController();
    this.checking = controller;
    try {
      const asked = { workspace: folder, ...(open && { text: open.getText() }) };
      show(this.config, await this.runners.ask('config/check', asked, controller.signal));
    } catch (error) {
      if (!(error instanceof CancelledError)) this.messages.log.error(`Checking ${file} failed: ${error}`);
    }
  }

  private checkIfConfig(document: TextDocument): void {
    if (isWatched(document)) void this.check();
  }

  /** What indexing and the last comparison found. */
  async showIndexProblems(folder: string): Promise<void> {
    try {
      show(this.index, await this.runners.ask('index/problems', { workspace: folder }));
    } catch (error) {
      this.messages.log.error(`Reading the index's problems failed: ${error}`);
    }
  }
}

function isWatched({ uri }: TextDocument): boolean {
  if (!isOnDisk(uri) || !uri.fsPath.endsWith(configName)) return false; // looks at no disk for every letter typed elsewhere
  const folder = findWorkspace();
  return folder !== undefined && isConfig(folder, uri.fsPath);
}

/** An older version in a comparison has the path of the file too. */
function isOnDisk({ scheme }: Uri): boolean {
  return scheme === 'file';
}

function show(collection: DiagnosticCollection, problems: readonly Problem[]): void {
  collection.clear();
  for (const [file, found] of byFile(problems))
    collection.set(Uri.file(file), found.slice(0, mostPerFile).map(toDiagnostic));
}

function toDiagnostic({ line, column, length, severity, message }: PlainDiagnostic): Diagnostic {
  const end = length > 0 ? column + length : Number.MAX_SAFE_INTEGER;
  const diagnostic = new Diagnostic(
    new Range(line, column, line, end),
    message,
    severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
  );
  diagnostic.source = 'CoVeR';
  return diagnostic;
}
