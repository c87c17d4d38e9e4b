// Which candidate frames the decoder is asked for, and which of them make one clip: the sampling protocols of the field.
// A place is a random choice in training and a temporal view in evaluation; the same candidates serve both.
import type { ResolvedExperiment } from '../config/resolved.ts';
import type { ClipRequest } from '../media/clip.ts';

type Sampling = ResolvedExperiment['sampling'];

/** Places that training chooses from; frames of a whole clip lie in one place only. */
export function trainingPlaces({ name, places }: Sampling): number {
  return name === 'whole' ? 1 : places;
}

/** What to ask the decoder for, so that clips of `frames` frames can be taken at each of `places` places. */
export function candidatesOf(
  { name, stride }: Sampling,
  frames: number,
  places: number,
): Pick<ClipRequest, 'count' | 'pattern'> {
  if (name === 'uniform') return { count: frames * places };
  if (name === 'dense') return { count: frames * places, pattern: { name, clips: places, stride } };
  return { count: frames, pattern: { name } };
}

/** The candidates of the clip at `place`: in every segment (uniform), or those of one stretch (dense). */
export function framesAt({ name }: Sampling, frames: number, places: number, place: number): number[] {
  return Array.from({ length: frames }, (_, i) => {
    if (name === 'uniform') return i * places + place;
    return name === 'dense' ? place * frames + i : i;
  });
}
