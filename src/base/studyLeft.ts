// The time that a study still takes, in the same words on its page, in its notification and in the status bar.
import { timeLeft } from './format.ts';

/**
 * `own`: seconds that the run under way still needs; `later`: what all other runs that are left will take. While only the first is
 * known it is told as what it is; '' where nothing is.
 */
export function studyLeft(own: number | null, later: number | null): string {
  if (own === null) return '';
  return later === null ? `${timeLeft(own)} of this run` : timeLeft(own + later);
}
