// A batch is computed in parts, whose gradients are summed (model/atOnce.ts says why): the tensors of its samples, cut.
import type { Range } from '../base/evenRanges.ts';
import type { Stream } from '../model/trainingGraph.ts';

/** Samples of a stream, all tensors with the samples along one axis. */
export interface Part {
  readonly stream: Stream;
  readonly samples: number;
  /** What the gradient graph is fed, by name. */
  readonly feeds: readonly PartFeed[];
}

export interface PartFeed {
  readonly name: string;
  readonly data: Float32Array;
  /** With `samples` at `axis`, the first or the last one. */
  readonly shape: readonly number[];
  readonly axis: number;
}

/** The samples in these ranges of them, each a part. */
export function cut(whole: Part, ranges: readonly Range[]): Part[] {
  if (ranges.length === 1) return [whole];
  return ranges.map((range) => ({
    ...whole,
    samples: range.end - range.start,
    feeds: whole.feeds.map((feed) => samplesOf(feed, range)),
  }));
}

/** Samples `start` to `end`: a view where they lie together. */
function samplesOf({ name, data, shape, axis }: PartFeed, { start, end }: Range): PartFeed {
  const rows = shape.slice(0, axis).reduce((product, size) => product * size, 1);
  const [all, inner] = [shape[axis]!, data.length / rows / shape[axis]!];
  const cutShape = shape.with(axis, end - start);
  if (rows === 1) return { name, data: data.subarray(start * inner, end * inner), shape: cutShape, axis };
  const own = new Float32Array(rows * (end - start) * inner);
  for (let row = 0; row < rows; row++) {
    const from = row * all * inner;
    own.set(data.subarray(from + start * inner, from + end * inner), row * (end - start) * inner);
  }
  return { name, data: own, shape: cutShape, axis };
}
