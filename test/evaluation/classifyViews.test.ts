// Multi-view testing is the mean of what the model says of each view by itself.
import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { writePixels } from '../../src/clips/pixels.ts';
import { viewsOf } from '../../src/clips/views.ts';
import { chooseDevice } from '../../src/engine/devices.ts';
import { Classifier, type HeadProbabilities } from '../../src/evaluation/classifier.ts';
import { classifyViews } from '../../src/evaluation/classifyViews.ts';
import type { DecodedClip } from '../../src/media/clip.ts';
import { reference } from '../model/referenceModel.ts';

const { experiment: plain, spec, layout, flat } = reference();
const { frames, imageSize: size } = plain.model;
const random = new Random(3);

/** A wide clip of noise with a frame for every candidate. */
function noisyClip(count: number): DecodedClip {
  const [width, height] = [2 * size, size];
  const data = new Uint8Array(count * width * height * 3).map(() => random.below(256));
  return { width, height, data, frames: count, frameOf: Uint16Array.from({ length: count }, (_, i) => i), duration: 1 };
}

test('a run frozen before there were views is judged in one', () => {
  expect([plain.sampling.name, plain.views]).toEqual(['uniform', { clips: 1, crops: 1 }]);
});

test.each([[{ clips: 1, crops: 1 }], [{ clips: 2, crops: 3 }]])('%j', async (views) => {
  const classifier = await Classifier.inTraining(spec, layout, await chooseDevice('cpu'));
  await classifier.use(flat);
  const experiment = { ...plain, views };
  const clips = [noisyClip(frames * views.clips), noisyClip(frames * views.clips)];
  const averaged = await classifyViews(classifier, experiment, 'video', clips);
  for (const [i, clip] of clips.entries()) {
    const single: HeadProbabilities[] = [];
    for (const view of viewsOf(experiment, 'video')) {
      const pixels = new Float32Array(frames * 3 * size * size);
      writePixels(pixels, 0, clip, view.frames, view.look(clip), plain.model);
      single.push(await classifier.classify(pixels, 1, frames));
    }
    expect(single).toHaveLength(views.clips * views.crops);
    for (const { name, classes } of classifier.heads) {
      const own = averaged[name]!.subarray(i * classes.length, (i + 1) * classes.length);
      own.forEach((value, k) => {
        const mean = single.reduce((sum, said) => sum + said[name]![k]!, 0) / single.length;
        expect(value).toBeCloseTo(mean, 5);
      });
      if (single.length > 1) expect(Math.max(...own)).not.toBeCloseTo(Math.max(...single[0]![name]!), 6);
    }
  }
  await classifier.release();
});
