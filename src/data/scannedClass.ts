// All samples of one label in one split: what the index stores, compares and replaces as one. A class that is as it was
// is not stored again, however many there are beside it.
import { createHash } from 'node:crypto';
import type { DatasetConfig } from '../config/experiment.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { FoundSample, SplitName } from './entries.ts';
import { byCodeUnit } from './folders.ts';
import type { Seen } from './look.ts';

/** A usable sample with what tells whether its file changed. `mtime` in milliseconds, `size` in bytes. */
export interface ScannedSample extends Sample {
  size: number;
  mtime: number;
  /** Listed in the dataset's `exclude`, or excluded by an edit: kept, but neither trained on nor judged. */
  excluded: boolean;
}

export interface ScannedClass {
  split: SplitName;
  label: string;
  /** In the order of their paths, excluded ones last. */
  seen: readonly Seen[];
  /** How many of them are not excluded. */
  samples: number;
  /** Equal for two scans that found the same. */
  fingerprint: string;
}

/** What of a dataset's settings its samples follow from, beside what is told of each of them. */
export function scanContext(root: string, config: DatasetConfig): string {
  const { exclude: _, holdOut: __, horizontalFlip: ___, directionSensitive: ____, ...rest } = config;
  return JSON.stringify([scanVersion, root, rest]);
}

/** Raise it when a scan of the same files comes to another result. */
const scanVersion = 5;

/** `seen` are all usable samples of the class, in any order; `excluded` are the paths that cover.json excludes. */
export function classOf(
  context: string,
  split: SplitName,
  label: string,
  seen: Seen[],
  excluded: ReadonlySet<string>,
): ScannedClass {
  const sorted = inOrder(seen);
  const used = sorted.filter((one) => !isExcluded(one, excluded));
  const ordered =
    used.length === sorted.length ? sorted : [...used, ...sorted.filter((one) => isExcluded(one, excluded))];
  const fingerprint = new Fingerprint(context, split, label, used.length);
  for (const { sample, size, mtime, frames, was } of ordered)
    fingerprint.add(idPath(sample), sample.start, sample.end, size, mtime, frames && JSON.stringify(frames), was);
  return { split, label, seen: ordered, samples: used.length, fingerprint: fingerprint.digest() };
}

/** Of a class with its samples in their order, of which the first `used` are not excluded; from what the index stores of them. */
export class Fingerprint {
  private readonly hash;
  private lines = '';

  constructor(context: string, split: SplitName, label: string, used: number) {
    this.hash = createHash('sha256').update(JSON.stringify([context, split, label, used]));
  }

  /** `path` as `idPath` makes it, `frames` as JSON where it is a folder of frames. For a million samples no object is made. */
  add(
    path: string,
    start: number | null,
    end: number | null,
    size: number,
    mtime: number,
    frames: string | null | undefined,
    was: string | null | undefined,
  ): void {
    this.lines += `${path}\0${start}\0${end}\0${size}\0${mtime}\n`;
    if (frames) this.lines += frames;
    if (typeof was === 'string') this.lines += JSON.stringify([was]);
    if (this.lines.length <= 1 << 16) return;
    this.hash.update(this.lines);
    this.lines = '';
  }

  digest(): string {
    return this.hash.update(this.lines).digest('base64url');
  }
}

/** The paths of `exclude` that mean this sample: its file, or its part of the file. */
export function exclusionsOf(sample: FoundSample, excluded: ReadonlySet<string>): string[] {
  return [sample.path, sample.path + partOf(sample)].filter((path) => excluded.has(path));
}

function isExcluded(seen: Seen, excluded: ReadonlySet<string>): boolean {
  if (seen.excluded || excluded.size === 0) return seen.excluded ?? false;
  const { sample } = seen;
  return excluded.has(sample.path) || excluded.has(sample.path + partOf(sample));
}

/** Folders are listed in order: then it is only checked, since each comparison makes two paths. */
function inOrder(seen: Seen[]): Seen[] {
  let last = '';
  for (const { sample } of seen) {
    const path = sample.path + partOf(sample);
    if (path < last) return seen.sort((a, b) => byCodeUnit(idPath(a.sample), idPath(b.sample)));
    last = path;
  }
  return seen;
}

/** A sample's id without its dataset's name. */
export function idPath(sample: FoundSample): string {
  return sample.path + partOf(sample);
}

/** The end of a sample's id where it is a part of its file: seconds, or the numbers of frames. */
export function partOf({ start, end, frames }: FoundSample): string {
  if (frames?.first !== undefined) {
    const last = frames.count === undefined ? '' : `,${frames.first + frames.count - 1}`;
    return `#f=${frames.first}${last}`;
  }
  return start === null && end === null ? '' : `#t=${start ?? 0}${end === null ? '' : `,${end}`}`;
}

const splitNames: readonly string[] = ['train', 'val', 'test'];

/** train, val, test: the order in which splits are shown. */
export function splitOrder(split: string): number {
  return splitNames.indexOf(split);
}

/** Orders classes by split, then label. */
export function byClass(a: { split: string; label: string }, b: { split: string; label: string }): number {
  return splitOrder(a.split) - splitOrder(b.split) || byCodeUnit(a.label, b.label);
}
