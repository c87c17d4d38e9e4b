// Places in training, views in evaluation, and how they are stated.
import { describe, expect, test } from 'vitest';
import { candidatesOf, framesAt, trainingPlaces } from '../../src/clips/sampling.ts';
import { cropLook, viewsOf } from '../../src/clips/views.ts';
import { experimentSchema } from '../../src/config/experiment.ts';
import { protocolOf, resolvedExperimentSchema } from '../../src/config/resolved.ts';
import type { DecodedClip } from '../../src/media/clip.ts';
import { patternFrames } from '../../src/media/selectFrames.ts';

const { sampling: defaults } = experimentSchema.parse({});
const model = resolvedExperimentSchema.shape.model.parse({
  ...{ preset: 'nano', imageSize: 8, patchSize: 4, hiddenSize: 8, depth: 1, attentionHeads: 1, mlpRatio: 4, frames: 4 },
  ...{ layerNormEpsilon: 1e-6, attention: 'divided', imageTemporal: 'keep', mean: [0, 0, 0], std: [1, 1, 1] },
});
const shape = (width: number, height: number): DecodedClip => {
  return { width, height, data: new Uint8Array(), frames: 1, frameOf: new Uint16Array(4), duration: 1 };
};

test.each([
  ['uniform', 3, [1, 4, 7, 10]],
  ['dense', 3, [4, 5, 6, 7]],
  ['whole', 1, [0, 1, 2, 3]],
] as const)('%s: the second place of %i', (name, places, expected) => {
  const sampling = { ...defaults, name };
  expect(framesAt(sampling, 4, places, Math.min(1, places - 1))).toEqual(expected);
  expect(candidatesOf(sampling, 4, places).count).toBe(4 * places);
});

test('every place of dense sampling is one stretch of the file, and they are spread over it', () => {
  const sampling = { ...defaults, name: 'dense', stride: 3 } as const;
  const places = trainingPlaces(sampling);
  const { count, pattern } = candidatesOf(sampling, 4, places);
  const chosen = patternFrames(pattern!, count, 100);
  const starts = Array.from({ length: places }, (_, place) => {
    const frames = framesAt(sampling, 4, places, place).map((candidate) => chosen[candidate]!);
    expect(frames.map((n) => n - frames[0]!)).toEqual([0, 3, 6, 9]);
    return frames[0];
  });
  expect(starts).toEqual([11, 34, 56, 79]);
});

describe('views', () => {
  test('clips × crops, each of the model’s frames', () => {
    const views = viewsOf({ model, sampling: defaults, views: { clips: 2, crops: 3 } }, 'video');
    expect(views.map(({ frames }) => frames)).toEqual([...Array(3).fill([0, 2, 4, 6]), ...Array(3).fill([1, 3, 5, 7])]);
    expect(viewsOf({ model, sampling: defaults, views: { clips: 5, crops: 3 } }, 'image')).toHaveLength(3);
  });

  test.each([
    [16, 8, 3, [4, 8, 12]],
    [16, 8, 2, [4, 12]],
    [16, 8, 1, [8]],
    [8, 8, 3, [4, 4, 4]],
  ])('%i × %i in %i crops: their centres', (width, height, crops, expected) => {
    const looks = [...Array(crops).keys()].map((crop) => cropLook(shape(width, height), crop, crops));
    expect(looks.map(({ centreX }) => centreX)).toEqual(expected);
    const turned = [...Array(crops).keys()].map((crop) => cropLook(shape(height, width), crop, crops));
    expect(turned.map(({ centreY }) => centreY)).toEqual(expected);
    expect(looks.every(({ cropWidth, cropHeight }) => cropWidth === 8 && cropHeight === 8)).toBe(true);
  });

  test.each([
    [{}, { clips: 1, crops: 1 }, '1 clip × 1 centre crop, 4 frames uniform, 8 × 8', '1 centre crop, 8 × 8'],
    [
      { name: 'dense', stride: 32 },
      { clips: 10, crops: 3 },
      '10 clips × 3 crops averaged, 4 frames dense, stride 32, 8 × 8',
      '3 crops averaged, 8 × 8',
    ],
    [
      { name: 'whole' },
      { clips: 1, crops: 3 },
      '1 clip × 3 crops averaged, 4 frames over the whole clip, 8 × 8',
      '3 crops averaged, 8 × 8',
    ],
  ] as const)('the protocol of %j %j', (sampling, views, video, image) => {
    const experiment = { model, sampling: { ...defaults, ...sampling }, views };
    expect([protocolOf(experiment, 'video'), protocolOf(experiment, 'image')]).toEqual([video, image]);
  });
});
