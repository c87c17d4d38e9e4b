// Marks lines whose label is another than a model's, and offers what a person may want to do about it.
import {
  CodeAction,
  CodeActionKind,
  type CodeActionProvider,
  Diagnostic,
  DiagnosticSeverity,
  languages,
  Range,
  type TextDocument,
  type Uri,
  WorkspaceEdit,
} from 'vscode';
import { writtenLabel } from '../inline/writeLabel.ts';
import type { Named } from './inlineDocuments.ts';
import { type Disagreement, disagreementOf, type Known } from './inlineText.ts';

export const acceptCommand = 'cover.inline.accept';
export const excludeCommand = 'cover.inline.exclude';
export const openCommand = 'cover.inline.open';

interface Marked {
  range: Range;
  named: Named;
  known: Known;
  differs: Disagreement;
}

export class InlineFixes implements CodeActionProvider {
  static readonly kinds = { providedCodeActionKinds: [CodeActionKind.QuickFix] };
  private readonly collection = languages.createDiagnosticCollection('cover-inline');
  /** By the document, of one version of it: the lines that were visible since. */
  private readonly marked = new Map<string, { version: number; lines: Map<number, Marked[]> }>();

  /** Marks these lines of a document as they are known now, and keeps the marks of others. */
  mark(document: TextDocument, from: number, to: number, all: readonly { named: Named; known: Known }[]): void {
    const id = document.uri.toString();
    let state = this.marked.get(id);
    if (state?.version !== document.version) {
      state = { version: document.version, lines: new Map() };
      this.marked.set(id, state);
    }
    for (let line = from; line <= to; line++) state.lines.delete(line);
    for (const { named, known } of all) {
      const differs = disagreementOf(known);
      const range = differs && rangeOf(named, known, differs);
      if (!range) continue;
      const others = state.lines.get(named.line) ?? [];
      state.lines.set(named.line, [...others, { range, named, known, differs }]);
    }
  }

  /** Shows the marks of a document. */
  draw(document: TextDocument): void {
    const marks = [...(this.marked.get(document.uri.toString())?.lines.values() ?? [])].flat();
    if (marks.length === 0) this.collection.delete(document.uri);
    else this.collection.set(document.uri, marks.map(toDiagnostic));
  }

  forget(uri: Uri): void {
    this.marked.delete(uri.toString());
    this.collection.delete(uri);
  }

  clear(): void {
    this.marked.clear();
    this.collection.clear();
  }

  dispose(): void {
    this.collection.dispose();
  }

  provideCodeActions(document: TextDocument, range: Range): CodeAction[] {
    const state = this.marked.get(document.uri.toString());
    if (state?.version !== document.version) return [];
    const marks = [...state.lines.values()].flat().filter(({ range: own, named }) =>
      // Wherever in the line the cursor is: nobody looks for three dots to stand on.
      [own.start.line, named.line].some((line) => line >= range.start.line && line <= range.end.line),
    );
    return marks.flatMap((mark) => actionsOf(document, mark));
  }
}

function actionsOf(document: TextDocument, mark: Marked): CodeAction[] {
  const { known, differs } = mark;
  const diagnostics = [toDiagnostic(mark)];
  const action = (title: string, command?: string, ...args: unknown[]) => {
    const made = new CodeAction(title, CodeActionKind.QuickFix);
    made.diagnostics = diagnostics;
    if (command !== undefined) made.command = { command, title, arguments: args };
    return made;
  };
  const actions: CodeAction[] = [];
  const title = `Accept prediction "${differs.predicted}"`;
  const edit = editOf(document, mark);
  if (edit) {
    const accept = action(title);
    accept.edit = edit;
    actions.push(accept);
  } else if (known.sample) actions.push(action(title, acceptCommand, known.sample.id, differs.predicted));
  if (known.sample) actions.push(action('Exclude from training', excludeCommand, known.sample.id));
  actions.push(action('Open clip', openCommand, known.sample, known.clip.file));
  return actions;
}

/** Writes the prediction where the label stands; undefined where the label is not written in the document. */
function editOf(document: TextDocument, { named, known, differs }: Marked): WorkspaceEdit | undefined {
  const label = named.candidates[known.candidate]?.label;
  if (!label || known.truth?.from !== 'line') return undefined;
  const range = new Range(label.line, label.start, label.line, label.end);
  const text = writtenLabel(label, document.getText(range), differs.predicted);
  if (text === undefined) return undefined;
  const edit = new WorkspaceEdit();
  edit.replace(document.uri, range, text);
  return edit;
}

function rangeOf(named: Named, known: Known, { truth }: Disagreement): Range | undefined {
  const candidate = named.candidates[known.candidate];
  if (!candidate) return undefined;
  const { label } = candidate;
  return label && truth.from === 'line'
    ? new Range(label.line, label.start, label.line, label.end)
    : new Range(named.line, candidate.start, named.line, candidate.end);
}

function toDiagnostic({ range, differs }: Marked): Diagnostic {
  const { truth, predicted, probability } = differs;
  const message = `The label is "${truth.label}", the model of ${truth.head} says "${predicted}" (${probability.toFixed(2)}).`;
  const diagnostic = new Diagnostic(range, message, DiagnosticSeverity.Hint);
  diagnostic.source = 'CoVeR';
  diagnostic.code = 'label-and-model-differ';
  return diagnostic;
}
