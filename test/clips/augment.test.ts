// Augmentation: from one seed, the same for every frame of a clip, and nothing at all where it is off.
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { randomLook, writeAugmented } from '../../src/clips/augment.ts';
import { centreLook, type Frames, writePixels } from '../../src/clips/pixels.ts';
import { operations, type Picture, randAugment } from '../../src/clips/randAugment.ts';
import { type ResolvedExperiment, resolvedExperimentSchema } from '../../src/config/resolved.ts';
import { augmentationSchema } from '../../src/config/stage.ts';

const size = 12;
const model = resolvedExperimentSchema.shape.model.parse({
  ...{ preset: 'nano', imageSize: size, patchSize: 4, hiddenSize: 8, depth: 1, attentionHeads: 1, mlpRatio: 4 },
  ...{ frames: 3, layerNormEpsilon: 1e-6, attention: 'divided', imageTemporal: 'keep' },
  ...{ mean: [0.45, 0.45, 0.45], std: [0.225, 0.225, 0.225] },
});
const off: ResolvedExperiment['augmentation'] = {
  ...augmentationSchema.parse({ aspect: 1 }),
  ...{ scale: [1, 1], rotation: 0, brightness: 0, contrast: 0 },
};
const noise = new Random(5);

/** Three frames that are all the same noise, 20 × 16: whatever still differs between them afterwards was done to them. */
function still(width = 20, height = 16): Frames {
  const frame = new Uint8Array(width * height * 3).map(() => noise.below(256));
  const data = new Uint8Array([...frame, ...frame, ...frame]);
  return { width, height, data, frameOf: Uint16Array.of(0, 1, 2) };
}

const frames = [0, 1, 2];

function augmented(
  clip: Frames,
  augmentation: Partial<ResolvedExperiment['augmentation']>,
  seed: number,
  flip = false,
) {
  const pixels = new Float32Array(3 * 3 * size * size);
  const random = new Random(seed);
  writeAugmented(pixels, 0, clip, frames, { model, augmentation: { ...off, ...augmentation } }, flip, random);
  return pixels;
}

const all: [string, Partial<ResolvedExperiment['augmentation']>, boolean][] = [
  ['random resized crop', { scale: [0.2, 1], aspect: 1.5 }, false],
  ['shorter-side jitter', { shorterSide: [12, 18] }, false],
  ['rotation', { rotation: 30 }, false],
  ['horizontal flip', {}, true],
  ['brightness and contrast', { brightness: 0.4, contrast: 0.4 }, false],
  ['saturation and hue', { saturation: 0.5, hue: 0.2 }, false],
  ['RandAugment', { randAugment: { operations: 3, magnitude: 8 } }, false],
  ['random erasing', { erasing: { probability: 0.9, scale: [0.1, 0.3] } }, false],
];

describe.each(all)('%s', (_, augmentation, flip) => {
  test('does the same for the same seed, the same to all frames, and other things for other seeds', () => {
    const clip = still(16, 16);
    const seen = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const pixels = augmented(clip, augmentation, seed, flip);
      expect(augmented(clip, augmentation, seed, flip)).toEqual(pixels);
      const length = pixels.length / 3;
      expect(pixels.subarray(length, 2 * length)).toEqual(pixels.subarray(0, length));
      expect(pixels.subarray(2 * length)).toEqual(pixels.subarray(0, length));
      expect(pixels.every(Number.isFinite)).toBe(true);
      seen.add(Buffer.from(pixels.buffer).toString('base64'));
    }
    expect(seen.size).toBeGreaterThanOrEqual(2);
  });
});

test('all of it off shows the centre as it is', () => {
  const clip = still(16, 16);
  const expected = new Float32Array(3 * 3 * size * size);
  writePixels(expected, 0, clip, frames, centreLook(clip), model);
  for (let seed = 0; seed < 5; seed++) expect(augmented(clip, {}, seed)).toEqual(expected);
});

test('what is off draws nothing, so that what a seed does stays the same', () => {
  const augmentation = { ...off, scale: [0.3, 1] as [number, number], rotation: 5 };
  const plain = randomLook(new Random(9), still(), augmentation, true, size);
  const toned = randomLook(new Random(9), still(), { ...augmentation, saturation: 0.3 }, true, size);
  expect({ ...toned, colours: undefined }).toEqual(plain);
});

test('crops stay inside the frame', () => {
  const clip = still();
  for (let seed = 0; seed < 200; seed++) {
    for (const more of [
      { scale: [0.3, 1] as [number, number], aspect: 2 },
      { shorterSide: [12, 30] as [number, number] },
    ]) {
      const how = randomLook(new Random(seed), clip, { ...off, ...more }, true, size);
      expect(how.centreX - how.cropWidth / 2).toBeGreaterThanOrEqual(-1e-9);
      expect(how.centreX + how.cropWidth / 2).toBeLessThanOrEqual(20 + 1e-9);
      expect(how.centreY - how.cropHeight / 2).toBeGreaterThanOrEqual(-1e-9);
      expect(how.centreY + how.cropHeight / 2).toBeLessThanOrEqual(16 + 1e-9);
      if (more.shorterSide) expect(how.cropWidth).toBeCloseTo(how.cropHeight, 9);
    }
  }
});

test('grey stays grey under any change of saturation and hue', () => {
  const clip: Frames = {
    width: 16,
    height: 16,
    data: new Uint8Array(3 * 768).fill(99),
    frameOf: Uint16Array.of(0, 1, 2),
  };
  const level = (99 / 255 - 0.45) / 0.225;
  for (const value of augmented(clip, { saturation: 1, hue: 0.5 }, 4)) expect(value).toBeCloseTo(level, 2);
});

describe('RandAugment', () => {
  /** One frame of 4 × 4 whose every channel is 0, 16, 32, … 240. */
  const ramp = (): Picture => {
    return { data: Uint8Array.from({ length: 48 }, (_, i) => 16 * Math.floor(i / 3)), frames: 1, size: 4 };
  };
  const red = ({ data }: Picture) => Array.from({ length: 16 }, (_, i) => data[3 * i]!);
  const plain = red(ramp());

  test.each<[string, number, number, number[]]>([
    // operation, strength, sign → the red channel
    ['identity', 1, 1, plain],
    ['autoContrast', 1, 1, plain.map((value) => Math.round((value * 255) / 240))],
    ['equalize', 1, 1, plain.map((_, i) => Math.round((i / 15) * 255))],
    ['solarize', 0.5, 1, plain.map((value) => (value < 128 ? value : 255 - value))],
    ['solarize', 0, 1, plain],
    ['posterize', 1, 1, plain],
    ['posterize', 0, 1, plain],
    ['brightness', 1, -1, plain.map((value) => Math.round(0.1 * value))],
    ['brightness', 1, 1, plain.map((value) => Math.min(255, Math.round(1.9 * value)))],
    ['contrast', 1, -1, plain.map((value) => Math.round(120 + 0.1 * (value - 120)))],
    ['color', 1, 1, plain],
    ['rotate', 0, 1, plain],
    ['shearX', 0, 1, plain],
    ['translateX', (331 / 150) * 0.25, 1, plain.map((_, i) => (i % 4 === 3 ? 128 : plain[i + 1]!))],
    ['translateY', (331 / 150) * 0.25, -1, plain.map((_, i) => (i < 4 ? 128 : plain[i - 4]!))],
    // A ramp is its own mean, so there is nothing to sharpen.
    ['sharpness', 1, 1, plain],
  ])('%s at strength %d, direction %i', (name, strength, sign, expected) => {
    const picture = ramp();
    operations[name]!(picture, strength, sign);
    expect(red(picture)).toEqual(expected);
  });

  test('posterize keeps the upper bits, sharpness drives a spot from its surroundings, colour can go', () => {
    const picture: Picture = { data: new Uint8Array(27).fill(100), frames: 1, size: 3 };
    picture.data.set([179, 179, 179], 12);
    operations.sharpness!(picture, 1, 1);
    expect(picture.data[12]).toBeGreaterThan(200);
    operations.posterize!(picture, 0.5, 1);
    expect([picture.data[0], picture.data[12]! % 4]).toEqual([100, 0]);
    const orange: Picture = { data: Uint8Array.of(250, 120, 10), frames: 1, size: 1 };
    operations.color!(orange, 10 / 9, -1);
    expect([...orange.data]).toEqual([146, 146, 146]);
  });

  test('has the fourteen operations of the paper, and draws every one', () => {
    expect(Object.keys(operations)).toHaveLength(14);
    const results = new Set<string>();
    for (let seed = 0; seed < 300; seed++) {
      const picture = ramp();
      randAugment(picture.data, 1, 4, { operations: 1, magnitude: 7 }, new Random(seed));
      results.add(Buffer.from(picture.data).toString('hex'));
    }
    expect(results.size).toBeGreaterThanOrEqual(14);
  });
});

test('a run frozen before an augmentation existed does without it', () => {
  const frozen = { scale: [0.65, 1], rotation: 10, brightness: 0.2, contrast: 0.2 };
  const { augmentation } = resolvedExperimentSchema.pick({ augmentation: true }).parse({ augmentation: frozen });
  expect(augmentation).toEqual({
    ...frozen,
    ...{ aspect: 1.2, saturation: 0, hue: 0 },
    randAugment: { operations: 0, magnitude: 7 },
    erasing: { probability: 0, scale: [0.02, 0.33] },
  });
});
