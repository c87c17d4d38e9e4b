// Two evaluations of one head on the same samples: what the second gets right that the first does not, and the other way
// round. Only samples that both judged are compared, by their ids; the others are counted.
import type { HeadRecords } from '../runs/predictionsFile.ts';
import { differenceInterval, type Interval, mcNemar } from './bootstrap.ts';

/** One side: its records, and the names of the classes that they are indices of. */
export interface ComparedSide {
  readonly records: HeadRecords;
  readonly classes: readonly string[];
}

export interface Difference {
  /** Samples that both judged. */
  common: number;
  /** Held-out samples that only one of them judged. */
  onlyInFirst: number;
  onlyInSecond: number;
  /** Of the common samples: those with another class in the second. They are compared, each by its own class. */
  relabelled: number;
  /** Of the common samples: top-1 of each. Null without any. */
  firstTop1: number | null;
  secondTop1: number | null;
  /** secondTop1 − firstTop1. */
  difference: number | null;
  /** Its 95 % interval from resampling the samples in pairs. */
  interval: Interval | null;
  /** Right in one of them alone. */
  rightInFirst: number;
  rightInSecond: number;
  /** Two-sided p of McNemar's exact test. */
  p: number;
}

export function compareRecords(first: ComparedSide, second: ComparedSide, seed = 1): Difference {
  const others = new Map(second.records.judged.map((record) => [record.sample, record]));
  const rights: [boolean[], boolean[]] = [[], []];
  let [relabelled, rightInFirst, rightInSecond] = [0, 0, 0];
  for (const { sample, truth, ranked } of first.records.judged) {
    const other = others.get(sample);
    if (!other) continue;
    if (first.classes[truth] !== second.classes[other.truth]) relabelled++;
    const [one, two] = [ranked[0] === truth, other.ranked[0] === other.truth];
    rights[0].push(one);
    rights[1].push(two);
    if (one && !two) rightInFirst++;
    if (two && !one) rightInSecond++;
  }
  const common = rights[0].length;
  const share = (right: readonly boolean[]) => (common === 0 ? null : right.filter(Boolean).length / common);
  return {
    common,
    onlyInFirst: first.records.judged.length - common,
    onlyInSecond: second.records.judged.length - common,
    relabelled,
    firstTop1: share(rights[0]),
    secondTop1: share(rights[1]),
    difference: common === 0 ? null : (rightInSecond - rightInFirst) / common,
    interval: differenceInterval(rights[0], rights[1], seed),
    rightInFirst,
    rightInSecond,
    p: mcNemar(rightInFirst, rightInSecond),
  };
}
