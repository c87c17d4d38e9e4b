// When the frames of a clip that a model looks at are on the screen. Pure; the rule is the decoder's.
import { evaluationFrames } from '../clips/frameStore.ts';
import type { ResolvedExperiment } from '../config/resolved.ts';
import { expectedTimes } from '../media/selectFrames.ts';

/** A clip in its file: seconds, and frames a second where that is known. */
export interface ClipSpan {
  readonly start: number;
  readonly end: number;
  readonly rate: number | null;
}

/** Assumed where a file does not say it. */
const usualRate = 25;

/** Seconds of all candidates of evaluation's clips, in the decoder's order. Exact to a frame where the rate is constant. */
export function sampledTimes(
  experiment: Pick<ResolvedExperiment, 'model' | 'sampling' | 'views'>,
  { start, end, rate }: ClipSpan,
): number[] {
  return expectedTimes(start, end, evaluationFrames(experiment), rate ?? usualRate);
}
