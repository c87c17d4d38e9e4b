// The views of a sample that evaluation averages over: clips spread over the video × crops along the longer side.
import type { ResolvedExperiment } from '../config/resolved.ts';
import type { DecodedClip } from '../media/clip.ts';
import { centreLook, type Look } from './pixels.ts';
import { framesAt } from './sampling.ts';

export interface View {
  /** Candidates of the decoded clip, one per frame of the model's input. */
  readonly frames: readonly number[];
  look(clip: DecodedClip): Look;
}

/** All views of a sample of this kind, clip by clip. With 1 × 1 views that is the centre. */
export function viewsOf(
  { model, sampling, views }: Pick<ResolvedExperiment, 'model' | 'sampling' | 'views'>,
  kind: 'video' | 'image',
): View[] {
  const clips = kind === 'image' ? 1 : views.clips;
  return Array.from({ length: clips }, (_, place) =>
    kind === 'image' ? [0] : framesAt(sampling, model.frames, clips, place),
  ).flatMap((frames) =>
    Array.from({ length: views.crops }, (_, crop) => ({
      frames,
      look: (clip: DecodedClip) => cropLook(clip, crop, views.crops),
    })),
  );
}

/** Square crop number `crop` of `crops`, from the left (or upper) end of the longer side to the other. */
export function cropLook(clip: DecodedClip, crop: number, crops: number): Look {
  const centre = centreLook(clip);
  if (crops === 1) return centre;
  const along = crop / (crops - 1);
  const { cropWidth, cropHeight } = centre;
  return {
    ...centre,
    centreX: cropWidth / 2 + along * (clip.width - cropWidth),
    centreY: cropHeight / 2 + along * (clip.height - cropHeight),
  };
}
