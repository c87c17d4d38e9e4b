// What is wrong with a dataset as a whole: nothing to train on, one class only, a class that cannot be learned, exclusions
// that mean nothing. Counted class by class while a dataset is scanned.
import { dirname } from 'node:path';
import type { DatasetConfig } from '../config/experiment.ts';
import type { Problem } from '../protocol/events.ts';
import { count, failure, quoted, type SplitName, warning } from './entries.ts';
import type { ProblemList } from './problemList.ts';
import { byClass, exclusionsOf, type ScannedClass } from './scannedClass.ts';

/** From so many missing files on they are told as one problem where none is there, or where most are not. */
const fewMissing = { none: 5, most: 20 };
/** More classes than this that cannot be learned are told in one. */
const classesTold = 20;

export class DatasetCounts {
  private readonly classes: { split: SplitName; label: string; samples: number }[] = [];
  private readonly matched = new Set<string>();
  private hasFrameFolders = false;
  /** Samples left out by `exclude`, by split. */
  readonly excluded = new Map<SplitName, number>();

  constructor(private readonly exclude: ReadonlySet<string>) {}

  add({ split, label, samples, seen }: ScannedClass): void {
    if (samples > 0) this.classes.push({ split, label, samples });
    this.hasFrameFolders ||= seen.some(({ sample }) => sample.frames !== undefined);
    if (samples === seen.length) return;
    this.excluded.set(split, (this.excluded.get(split) ?? 0) + seen.length - samples);
    for (const { sample } of seen.slice(samples))
      for (const path of exclusionsOf(sample, this.exclude)) this.matched.add(path);
  }

  /** `isSaid`: that nothing is there has been said. */
  problems(name: string, { kind, frameRate }: DatasetConfig, root: string, isSaid = false): Problem[] {
    const problems: Problem[] = [];
    for (const path of this.exclude)
      if (!this.matched.has(path))
        problems.push(warning(root, `cover.json excludes "${path}", but the dataset has no such sample.`).problem);
    const labels = this.byLabel();
    const [first] = labels;
    if (!first) {
      if (!isSaid)
        problems.push(failure(root, `Dataset "${name}" has no usable ${kind}; see its other problems.`).problem);
      return problems;
    }
    if (frameRate !== undefined && !this.hasFrameFolders)
      problems.push(
        warning(root, `"frameRate" does nothing for dataset "${name}": none of its samples is a folder of frames.`)
          .problem,
      );
    if (labels.size === 1)
      problems.push(
        warning(root, `Dataset "${name}" has one class only ("${first[0]}"): nothing can be learned from one class.`)
          .problem,
      );
    if (![...labels.values()].some((splits) => splits.has('train'))) {
      const [split] = [...first[1].keys()];
      problems.push(failure(root, `Dataset "${name}" has no training samples: all are in ${split}.`).problem);
      return problems;
    }
    const unlearned = [...labels].filter(([, splits]) => !splits.has('train'));
    if (unlearned.length > classesTold) {
      const some = unlearned.slice(0, 3).map(([label]) => quoted(label));
      const told = `${count(unlearned.length, 'class')} (${some.join(', ')}, …) are not in train: they cannot be learned.`;
      problems.push(warning(root, told).problem);
      return problems;
    }
    for (const [label, splits] of unlearned) {
      const where = [...splits].map(([split, number]) => `${split} (${count(number, 'sample')})`).join(' and ');
      problems.push(warning(root, `Class "${label}" is in ${where} but not in train: it cannot be learned.`).problem);
    }
    return problems;
  }

  private byLabel(): Map<string, Map<SplitName, number>> {
    const labels = new Map<string, Map<SplitName, number>>();
    for (const { split, label, samples } of this.classes.sort(byClass)) {
      const splits = labels.get(label) ?? new Map<SplitName, number>();
      labels.set(label, splits.set(split, samples));
    }
    return labels;
  }
}

/**
 * Of `listed` files that lists name: one problem where all or most of them are missing, with their number, since then
 * the folder is wrong and not one file or the other; undefined where each should be told.
 */
export function missingAsOne(
  { kind, format }: DatasetConfig,
  root: string,
  media: string | undefined,
  missing: ProblemList,
  listed: number,
): Problem | undefined {
  const { number } = missing;
  const none = number === listed && number >= fewMissing.none;
  const most = number > listed / 2 && number >= fewMissing.most;
  if (!none && !most) return undefined;
  const isManifest = format === 'manifest';
  const named = `the ${count(listed, kind)} that ${isManifest ? 'it names' : 'its lists name'}`;
  const folder = media ?? (isManifest ? dirname(root) : root);
  const advice =
    media === undefined
      ? 'Name the folder they lie in as "media".'
      : 'Check "media" in cover.json: it should be the folder they lie in.';
  const paths = missing.first(2).map(({ message }) => /^"(.*)" cannot be read/s.exec(message)?.[1] ?? '');
  const some = `such as ${paths.map(quoted).join(' and ')}`;
  const told = none
    ? `None of ${named} (${some}) was found below ${folder}.`
    : `${number.toLocaleString('en')} of ${named} (${some}) were not found below ${folder}. Fetch those that are not on the disk.`;
  return failure(root, `${told} ${advice}`).problem;
}
