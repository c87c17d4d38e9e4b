// Shows what a model says of the clips of a document: beside each line, and in a hover with a strip of frames.
import {
  type CancellationToken,
  EventEmitter,
  type Hover,
  type HoverProvider,
  InlayHint,
  type InlayHintsProvider,
  MarkdownString,
  Position,
  Range,
  type TextDocument,
  Uri,
  Hover as VsHover,
} from 'vscode';
import type { InlineModel } from '../protocol/inline.ts';
import { type Named, namedIn } from './inlineDocuments.ts';
import { detailsMarkdown, hintText, type Known, mostHeads } from './inlineText.ts';
import type { InlineWork } from './inlineWork.ts';
import type { Runners } from './runners.ts';

export type InlineMode = 'on' | 'off' | 'onlyDisagreements';

export interface InlineView {
  work: InlineWork;
  runners: Runners;
  mode(): InlineMode;
  workspace(): string | undefined;
}

/** Pixels of a strip in a hover, and frames of a video in it. */
const stripWidth = 360;
const stripFrames = 6;

class Hint extends InlayHint {
  constructor(
    position: Position,
    label: string,
    readonly known: Known,
  ) {
    super(position, label);
    this.paddingLeft = true;
  }
}

export class InlineHints implements InlayHintsProvider<Hint>, HoverProvider {
  private readonly changed = new EventEmitter<void>();
  readonly onDidChangeInlayHints = this.changed.event;

  constructor(private readonly view: InlineView) {}

  /** Draws the hints anew. */
  draw(): void {
    this.changed.fire();
  }

  dispose(): void {
    this.changed.dispose();
  }

  /** What is known by now; what is not will be drawn when it is. */
  provideInlayHints(document: TextDocument, range: Range): Hint[] {
    const mode = this.view.mode();
    if (mode === 'off') return [];
    const hints = namedIn(document, range.start.line, range.end.line).flatMap((named) => {
      const known = this.view.work.get(document.fileName, named.key);
      // In a text one head is enough: more would tear it apart.
      const text = known ? hintText(known, mode, named.shownAt === undefined ? mostHeads : 1) : undefined;
      return known && text !== undefined ? [new Hint(placeOf(document, named), text, known)] : [];
    });
    this.view.work.poke();
    return hints;
  }

  async resolveInlayHint(hint: Hint, token: CancellationToken): Promise<Hint> {
    hint.tooltip = await this.details(hint.known, token);
    return hint;
  }

  async provideHover(document: TextDocument, position: Position, token: CancellationToken): Promise<Hover | undefined> {
    if (this.view.mode() === 'off') return undefined;
    // The label of an object of JSON may stand in another line than its clip.
    const around = namedIn(document, Math.max(0, position.line - 8), position.line + 8);
    for (const named of around) {
      const known = this.view.work.get(document.fileName, named.key);
      const candidate = known && named.candidates[known.candidate];
      if (!candidate) continue;
      const { label } = candidate;
      const ranges = [
        new Range(named.line, candidate.start, named.line, candidate.end),
        ...(label ? [new Range(label.line, label.start, label.line, label.end)] : []),
      ];
      const range = ranges.find((each) => each.contains(position));
      if (!range || (!known.heads && known.failure === null)) continue;
      const details = await this.details(known, token);
      return details && new VsHover(details, range);
    }
    return undefined;
  }

  private async details(known: Known, token: CancellationToken): Promise<MarkdownString | undefined> {
    const model: InlineModel | null | undefined = this.view.work.model;
    if (!model) return undefined;
    const strip = known.failure === null ? await this.strip(known, token) : undefined;
    return new MarkdownString(detailsMarkdown(known, model, strip));
  }

  /** Without it the hover has words alone. */
  private async strip({ clip }: Known, token: CancellationToken): Promise<{ uri: string; width: number } | undefined> {
    const workspace = this.view.workspace();
    if (workspace === undefined) return undefined;
    const controller = new AbortController();
    const cancelled = token.onCancellationRequested(() => controller.abort());
    const frames = clip.kind === 'image' ? 1 : stripFrames;
    const width = clip.kind === 'image' ? 90 : stripWidth;
    try {
      const made = await this.view.runners.ask(
        'sample/strip',
        { workspace, sample: clip, frames, width },
        controller.signal,
      );
      return { uri: Uri.file(made.file).toString(), width: Math.min(made.width, width) };
    } catch {
      return undefined;
    } finally {
      cancelled.dispose();
    }
  }
}

function placeOf(document: TextDocument, { line, shownAt }: Named): Position {
  const { end } = document.lineAt(line).range;
  return shownAt === undefined ? end : new Position(line, Math.min(shownAt, end.character));
}
