// How long the runs of a study that are left will take, by those that are finished. Pure.

/** A run that took its time: what kind of arm it was, and its seconds. */
export interface Took {
  readonly kind: string;
  readonly seconds: number;
}

/** One that is left, and which share (0 … 1) of it is done already. */
export interface Left {
  readonly kind: string;
  readonly share: number;
}

/** Each arm takes as long as those of its kind took so far, or as all of them. In seconds; null while none is finished. */
export function secondsLeft(left: readonly Left[], took: readonly Took[]): number | null {
  if (left.length === 0) return 0;
  if (took.length === 0) return null;
  return left.reduce((sum, { kind, share }) => {
    const alike = took.filter((run) => run.kind === kind);
    return sum + (1 - share) * mean(alike.length > 0 ? alike : took);
  }, 0);
}

function mean(runs: readonly Took[]): number {
  return runs.reduce((sum, { seconds }) => sum + seconds, 0) / runs.length;
}
