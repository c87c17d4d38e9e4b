// Samples of one YouTube video, by their file names: of the same part of it, or of other parts.
import { type Compared, overlap, partOfFile, type Stretch } from './compared.ts';
import { groupBy } from './groups.ts';
import { bareShare, looksBare, type VideoPart, videoPartOf } from './videoId.ts';

export interface FromVideo {
  readonly id: string;
  /** Seconds in the video; undefined where nobody tells. */
  readonly seconds: Stretch | undefined;
  readonly cut: string | null;
}

/** For each sample the video it was cut from, where its name tells. */
export function videosOf(samples: readonly Compared[]): (FromVideo | undefined)[] {
  const parts = new Map<string, VideoPart | undefined>();
  for (const { sample } of samples) if (!parts.has(sample.file)) parts.set(sample.file, videoPartOf(sample.file));
  const believed = new Map<string, boolean>();
  for (const [dataset, own] of groupBy(samples, ({ sample }) => sample.dataset)) {
    const bare = own.filter(({ sample }) => looksBare(sample.file));
    const ids = bare.filter(({ sample }) => parts.get(sample.file)?.bare);
    believed.set(dataset, ids.length >= bare.length * bareShare);
  }
  return samples.map(({ sample }) => {
    const part = parts.get(sample.file);
    if (!part || (part.bare && !believed.get(sample.dataset))) return undefined;
    const { id, start, end, cut } = part;
    const own = partOfFile(sample);
    // Of frames it is not known where in that part they begin: many are numbered as in the whole video.
    if (start !== null && end !== null && sample.frames) return { id, cut, seconds: { start, end } };
    if (start !== null && end !== null)
      return { id, cut, seconds: { start: start + own.start, end: Math.min(end, start + own.end) } };
    const whole = sample.start === null && sample.end === null;
    return { id, cut, seconds: whole || sample.frames ? undefined : own };
  });
}

/**
 * Whether two files of one video show the same of it. A name without times or number is the whole video, or its only clip in
 * the dataset: it goes with everything. Of a numbered cut and of seconds nothing is known: not the same.
 */
export function samePart(a: FromVideo, b: FromVideo): boolean {
  if (a.cut !== null || b.cut !== null) {
    if (a.cut !== null && b.cut !== null) return a.cut === b.cut;
    return (a.cut === null && a.seconds === undefined) || (b.cut === null && b.seconds === undefined);
  }
  return !a.seconds || !b.seconds || overlap(a.seconds, b.seconds);
}
