// Which class a line of an annotation file stands for, of which head: by the label in the line, by what the index says of the
// sample, or by the folder that the file lies in. Spelling differs between lists and classes: blanks, signs and case do not count.
import { basename, dirname } from 'node:path';
import type { Sample } from '../protocol/datasets.ts';
import type { InlineTruth } from '../protocol/inline.ts';
import type { KnownModel } from './inlineModel.ts';

type Head = KnownModel['heads'][number];

export interface LabelledClip {
  file: string;
  kind: 'video' | 'image';
  sample: Pick<Sample, 'dataset' | 'label'> | undefined;
  /** As it stands in the line. */
  label: string | undefined;
  /** A person gave the sample another class than its lists do: that one counts. */
  isEdited?: boolean;
}

/** null where nothing tells, or no head knows the class. */
export function truthOf(
  heads: readonly Head[],
  { file, kind, sample, label, isEdited }: LabelledClip,
): InlineTruth | null {
  const own = heads.find(({ name }) => name === sample?.dataset);
  const written = label === undefined || label.trim() === '' || isEdited ? undefined : label;
  if (own) {
    const named = written === undefined ? undefined : classOf(own, written);
    if (named !== undefined) return { head: own.name, label: named, from: 'line' };
    return own.classes.includes(sample!.label) ? { head: own.name, label: sample!.label, from: 'dataset' } : null;
  }
  // A file of no dataset that was trained on: a head of its kind that has such a class.
  const inOrder = heads.toSorted((a, b) => Number(b.kind === kind) - Number(a.kind === kind));
  const named = (text: string, from: InlineTruth['from']): InlineTruth | undefined => {
    for (const head of inOrder) {
      const found = classOf(head, text);
      if (found !== undefined) return { head: head.name, label: found, from };
    }
    return undefined;
  };
  if (written !== undefined && !/^\d+$/.test(written)) return named(written, 'line') ?? null;
  return named(basename(dirname(file)), 'folder') ?? null;
}

const tables = new WeakMap<readonly string[], Map<string, string>>();

function classOf({ classes }: Head, label: string): string | undefined {
  let table = tables.get(classes);
  if (!table) {
    table = new Map(classes.map((name) => [plain(name), name]));
    for (const name of classes) table.set(name, name); // the exact name wins
    tables.set(classes, table);
  }
  return table.get(label.normalize('NFC').trim()) ?? table.get(plain(label));
}

/** A sign that no label has keeps plain names apart from exact ones. */
function plain(label: string): string {
  const words = label
    .normalize('NFC')
    .toLowerCase()
    .replace(/[[\]]/g, '')
    .replace(/[\s_+-]+/g, ' ');
  return `\0${words.trim()}`;
}
