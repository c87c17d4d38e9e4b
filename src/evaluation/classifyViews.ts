// What the model says of decoded clips, each seen in all the views of the experiment, with averaged probabilities.
import { writePixels } from '../clips/pixels.ts';
import { viewsOf } from '../clips/views.ts';
import type { ResolvedExperiment } from '../config/resolved.ts';
import type { DecodedClip } from '../media/decoder.ts';
import type { Classifier, HeadProbabilities } from './classifier.ts';

/** Probabilities of every head, [clips, classes], for clips of one kind decoded as `centreStore` does. */
export async function classifyViews(
  classifier: Pick<Classifier, 'classify'>,
  experiment: Pick<ResolvedExperiment, 'model' | 'sampling' | 'views'>,
  kind: 'video' | 'image',
  clips: readonly DecodedClip[],
): Promise<HeadProbabilities> {
  const { model } = experiment;
  const views = viewsOf(experiment, kind);
  const frames = kind === 'image' ? 1 : model.frames;
  const size = frames * 3 * model.imageSize ** 2;
  let sum: HeadProbabilities | undefined;
  // View by view, so that ten views take no more memory than one.
  for (const view of views) {
    const pixels = new Float32Array(clips.length * size);
    clips.forEach((clip, i) => void writePixels(pixels, i * size, clip, view.frames, view.look(clip), model));
    const said = await classifier.classify(pixels, clips.length, frames);
    if (sum) for (const [head, own] of Object.entries(sum)) add(own, said[head]!);
    else sum = said;
  }
  if (views.length > 1) {
    for (const own of Object.values(sum!)) for (let i = 0; i < own.length; i++) own[i]! /= views.length;
  }
  return sum!;
}

function add(sum: Float32Array, more: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += more[i]!;
}
