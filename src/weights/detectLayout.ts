// Which layout a file's tensors are in.
import { UserError } from '../base/errors.ts';
import { cover } from './layouts/cover.ts';
import type { WeightLayout } from './layouts/layout.ts';
import { timesformer } from './layouts/timesformer.ts';
import { timesformerHuggingFace } from './layouts/timesformerHuggingFace.ts';
import { vitHuggingFace, vitHuggingFace5 } from './layouts/vitHuggingFace.ts';
import { vitTimm } from './layouts/vitTimm.ts';

/** The first that recognises a file is its layout: what is more particular comes first. */
export const layouts: readonly WeightLayout[] = [
  cover,
  timesformer,
  vitTimm,
  timesformerHuggingFace,
  vitHuggingFace,
  vitHuggingFace5,
];

/** The layout of a file with these tensors and what stands before its names. Throws UserError `weights-unknown`. */
export function detectLayout(
  names: ReadonlyMap<string, unknown>,
  place: string,
): { layout: WeightLayout; prefix: string } {
  const heads = new Set([...names.keys()].map((name) => /^(.*?)heads\./.exec(name)?.[1]));
  for (const layout of layouts) {
    for (const prefix of layout.prefixes) {
      const has = (name: string) => (name === 'heads.*' ? heads.has(prefix) : names.has(prefix + name));
      if (layout.recognises(has)) return { layout, prefix };
    }
  }
  const some = [...names.keys()].slice(0, 3).join(', ');
  throw new UserError(
    'weights-unknown',
    `${place} holds no Vision Transformer or TimeSformer that is known here: its tensors (${some.slice(0, 200) || 'none'}${names.size > 3 ? ', …' : ''}) ` +
      `are in none of these layouts: ${layouts.map(({ title }) => title).join(', ')}.`,
    place,
  );
}
