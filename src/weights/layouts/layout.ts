// What a layout of weights is: a table from our names (src/model/parameters.ts) to those of another library, read in both
// directions. "*" stands for the number of a block; a row without a dot-suffix of its own (".weight", ".bias") is a module
// that has both.

/** q, k and v as three tensors where ours is one, stacked in this order. */
export type Theirs = string | readonly [query: string, key: string, value: string];

export interface WeightLayout {
  readonly id:
    | 'cover'
    | 'timesformer'
    | 'timesformer-huggingface'
    | 'vit-timm'
    | 'vit-huggingface'
    | 'vit-huggingface-5';
  /** As a person calls it. */
  readonly title: string;
  /** Whether these names (with one of `prefixes` taken off) are in this layout. */
  recognises(has: (name: string) => boolean): boolean;
  /** What may stand before every name; the first that fits is read. */
  readonly prefixes: readonly string[];
  /** The one of them that is written. */
  readonly written: string;
  /** Parameters that are one tensor: ours, theirs. */
  readonly tensors: readonly (readonly [ours: string, theirs: string])[];
  /** Modules with a weight and a bias. */
  readonly modules: readonly (readonly [ours: string, theirs: Theirs])[];
  /** The one head, never prefixed where `bare`. Absent: heads keep our names, `heads.<name>`. */
  readonly head?: { readonly name: string; readonly bare: boolean };
  /** What stands beside the weights, and is no part of the model: told as neither loaded nor left over. */
  readonly beside?: RegExp;
  /** What a file says nothing of. */
  readonly implied: Implied;
}

export interface Implied {
  readonly mean: Channels;
  readonly std: Channels;
  readonly layerNormEpsilon: number;
}

export type Channels = readonly [number, number, number];

export const grey = (value: number): Channels => [value, value, value];

/** Their tensors for our parameter `name`, one or three of q, k, v; undefined where the layout has no place for it. */
export function namesIn(layout: WeightLayout, prefix: string, name: string): readonly string[] | undefined {
  const headPart = /^heads\..+\.(weight|bias)$/.exec(name);
  if (headPart) {
    if (!layout.head) return [prefix + name];
    return [`${layout.head.bare ? '' : prefix}${layout.head.name}.${headPart[1]}`];
  }
  const block = /^blocks\.(\d+)\./.exec(name)?.[1];
  const pattern = block === undefined ? name : name.replace(/^blocks\.\d+\./, 'blocks.*.');
  const filled = (theirs: string) => prefix + (block === undefined ? theirs : theirs.replace('*', block));
  const single = layout.tensors.find(([ours]) => ours === pattern);
  if (single) return [filled(single[1])];
  const dot = pattern.lastIndexOf('.');
  const [module, suffix] = [pattern.slice(0, dot), pattern.slice(dot)];
  const row = layout.modules.find(([ours]) => ours === module);
  if (!row) return undefined;
  const theirs = typeof row[1] === 'string' ? [row[1]] : row[1];
  return theirs.map((each) => filled(each) + suffix);
}
