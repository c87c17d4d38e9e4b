// What is wrong with a dataset as a whole: nothing to train on, one class only, a class that cannot be learned, exclusions
// that mean nothing. Counted class by class while a dataset is scanned.
import type { DatasetConfig } from '../config/experiment.ts';
import type { Problem } from '../protocol/events.ts';
import { count, failure, type SplitName, warning } from './entries.ts';
import { byClass, exclusionsOf, type ScannedClass } from './scannedClass.ts';

export class DatasetCounts {
  private readonly classes: { split: SplitName; label: string; samples: number }[] = [];
  private readonly matched = new Set<string>();
  /** Samples left out by `exclude`, by split. */
  readonly excluded = new Map<SplitName, number>();

  constructor(private readonly exclude: ReadonlySet<string>) {}

  add({ split, label, samples, seen }: ScannedClass): void {
    if (samples > 0) this.classes.push({ split, label, samples });
    if (samples === seen.length) return;
    this.excluded.set(split, (this.excluded.get(split) ?? 0) + seen.length - samples);
    for (const { sample } of seen.slice(samples))
      for (const path of exclusionsOf(sample, this.exclude)) this.matched.add(path);
  }

  problems(name: string, { kind }: DatasetConfig, root: string): Problem[] {
    const problems: Problem[] = [];
    for (const path of this.exclude)
      if (!this.matched.has(path))
        problems.push(warning(root, `cover.json excludes "${path}", but the dataset has no such sample.`).problem);
    const labels = this.byLabel();
    const [first] = labels;
    if (!first) {
      problems.push(failure(root, `Dataset "${name}" has no usable ${kind}; see its other problems.`).problem);
      return problems;
    }
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
    for (const [label, splits] of labels) {
      if (splits.has('train')) continue;
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
