// Which samples are trained on and which are held out, where a dataset does not say it itself.
import { createHash } from 'node:crypto';
import type { SplitName } from './entries.ts';
import { byCodeUnit } from './folders.ts';

interface Splittable {
  path: string;
  label: string;
  split: SplitName | null;
}

export const defaultHoldOut = 0.2;

/** The split that evaluation uses: val, else test, else none. */
export function heldOutSplit(splits: Iterable<string>): 'val' | 'test' | undefined {
  const names = new Set(splits);
  return names.has('val') ? 'val' : names.has('test') ? 'test' : undefined;
}

/**
 * The split of each sample, in the order given. Where the dataset has neither val nor test, `holdOut` (0 … 0.9) of each
 * class goes to val: at least one sample and never all, as far as the class has two. Which ones depends on nothing but
 * their paths, so every run and every machine holds out the same; parts of one file stay together where they can.
 */
export function assignSplits(samples: readonly Splittable[], holdOut = defaultHoldOut): SplitName[] {
  const splits = samples.map(({ split }): SplitName => split ?? 'train');
  if (holdOut === 0 || heldOutSplit(splits) !== undefined) return splits;
  const classes = new Map<string, { index: number; path: string; rank: string }[]>();
  for (const [index, { label, path }] of samples.entries()) {
    const members = classes.get(label) ?? [];
    if (members.length === 0) classes.set(label, members);
    members.push({ index, path, rank: rankOf(path) });
  }
  for (const members of classes.values()) {
    members.sort((a, b) => byCodeUnit(a.rank, b.rank) || a.index - b.index);
    for (const { index } of members.slice(0, heldOutCount(members, holdOut))) splits[index] = 'val';
  }
  return splits;
}

/**
 * How many of a class's ranked samples are held out. The cut moves to the nearest place between two files, so that
 * parts of one file do not lie on both sides, unless that would hold out more than half.
 */
function heldOutCount(ranked: readonly { path: string }[], holdOut: number): number {
  const wanted = Math.min(Math.max(Math.round(ranked.length * holdOut), 1), ranked.length - 1);
  const most = Math.max(wanted, ranked.length / 2);
  for (let distance = 0; distance < ranked.length; distance++)
    for (const cut of [wanted + distance, wanted - distance])
      if (cut > 0 && cut <= most && ranked[cut - 1]!.path !== ranked[cut]?.path) return cut;
  return wanted;
}

function rankOf(path: string): string {
  return createHash('sha256').update(`cover hold-out\n${path}`).digest('hex').slice(0, 16);
}
