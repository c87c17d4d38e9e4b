// Which open documents name clips, and what their lines say. Only lines that are asked for are read.
import { sep } from 'node:path';
import type { TextDocument } from 'vscode';
import { documentEndings, type Layout, layoutOf, mentionsIn } from '../inline/layout.ts';
import type { Mention } from '../inline/mention.ts';
import type { InlineLine } from '../protocol/inline.ts';
import { configName, experimentsSuffix } from './workspaceFolder.ts';

/** Characters; nobody reads such a list, and the editor itself does less for it. */
const largest = 20_000_000;

export const documentSelector = [{ scheme: 'file', pattern: `**/*.{${documentEndings.join(',')}}` }];

const ending = new RegExp(`\\.(?:${documentEndings.join('|')})$`, 'i');

export interface Named extends Mention {
  /** The same for lines that say the same. */
  key: string;
}

interface State {
  version: number;
  layout: Layout | undefined;
}

const states = new WeakMap<TextDocument, State>();

/** What the lines `from` … `to` of a document name, both counted in. */
export function namedIn(document: TextDocument, from: number, to: number): Named[] {
  const lineAt = (line: number) => (line < document.lineCount ? document.lineAt(line).text : undefined);
  let state = states.get(document);
  if (state?.version !== document.version) {
    const layout = isRead(document) ? layoutOf(document.fileName, lineAt) : undefined;
    state = { version: document.version, layout };
    states.set(document, state);
  }
  if (!state.layout) return [];
  const last = Math.min(to, document.lineCount - 1);
  return mentionsIn(state.layout, lineAt, from, last).map((mention) => ({ ...mention, key: keyOf(mention) }));
}

export function toLine({ candidates, startSec, endSec, isLoose }: Mention): InlineLine {
  return {
    candidates: candidates.map(({ name, isId, label }) => ({ name, isId, ...(label && { label: label.text }) })),
    ...(startSec !== undefined && { startSec }),
    ...(endSec !== undefined && { endSec }),
    ...(isLoose && { isLoose }),
  };
}

function keyOf(mention: Mention): string {
  return JSON.stringify(toLine(mention));
}

function isRead(document: TextDocument): boolean {
  const { uri, fileName, lineCount } = document;
  if (uri.scheme !== 'file' || !ending.test(fileName) || fileName.split(sep).includes('.cover')) return false;
  // Our own files name samples for other reasons.
  if (fileName.endsWith(configName) || fileName.endsWith(experimentsSuffix) || fileName.endsWith('cover.edits.jsonl'))
    return false;
  return document.offsetAt(document.lineAt(lineCount - 1).range.end) <= largest;
}
