import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { centreLook, type Look, randomLook, writePixels } from '../../src/clips/pixels.ts';
import type { ResolvedModel } from '../../src/config/resolved.ts';
import type { DecodedClip } from '../../src/media/clip.ts';

const model = (imageSize: number): ResolvedModel => ({
  preset: 'nano',
  imageSize,
  patchSize: 2,
  hiddenSize: 8,
  depth: 1,
  attentionHeads: 1,
  mlpRatio: 4,
  frames: 2,
  layerNormEpsilon: 1e-6,
  attention: 'divided',
  imageTemporal: 'keep',
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.25, 0.125],
});

/** Frames whose red is the column, green the row and blue the frame. */
function clip(width: number, height: number, frames: number): DecodedClip {
  const data = new Uint8Array(frames * height * width * 3);
  let i = 0;
  for (let f = 0; f < frames; f++)
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set([x, y, f], 3 * i++);
  return { width, height, data, frames, frameOf: Uint16Array.from({ length: frames }, (_, f) => f), duration: 1 };
}

/** Pixels [frames, 3, size, size] turned back into bytes. */
function look(source: DecodedClip, size: number, frames: number[], how: Look): number[][][] {
  const pixels = new Float32Array(frames.length * 3 * size * size);
  writePixels(pixels, 0, source, frames, how, model(size));
  const { mean, std } = model(size);
  const byte = (f: number, c: number, i: number) => (pixels[(f * 3 + c) * size * size + i]! * std[c]! + mean[c]!) * 255;
  return frames.map((_, f) =>
    [0, 1, 2].map((c) => Array.from({ length: size * size }, (__, i) => Math.round(byte(f, c, i) * 100) / 100)),
  );
}

test('the centre of a frame of the right size is the frame itself', () => {
  const [red, green, blue] = look(clip(4, 4, 2), 4, [1], centreLook(clip(4, 4, 2)))[0]!;
  expect(red).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
  expect(green).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
  expect(blue).toEqual(new Array(16).fill(1));
});

test('a wide frame gives its centre square', () => {
  const [red] = look(clip(8, 4, 1), 4, [0], centreLook(clip(8, 4, 1)))[0]!;
  expect(red!.slice(0, 4)).toEqual([2, 3, 4, 5]);
});

test('mirrored is the same, from right to left', () => {
  const source = clip(4, 4, 1);
  const [red] = look(source, 4, [0], { ...centreLook(source), mirrored: true })[0]!;
  expect(red!.slice(0, 4)).toEqual([3, 2, 1, 0]);
});

test('a quarter turn moves columns to rows', () => {
  const source = clip(4, 4, 1);
  const [red, green] = look(source, 4, [0], { ...centreLook(source), angle: Math.PI / 2 })[0]!;
  expect(red!.slice(0, 4)).toEqual([3, 3, 3, 3]);
  expect(green!.slice(0, 4)).toEqual([0, 1, 2, 3]);
});

test('gain and offset act on values in 0 … 1', () => {
  const source = clip(4, 4, 1);
  const [red] = look(source, 4, [0], { ...centreLook(source), gain: 2, offset: 0.1 })[0]!;
  expect(red![3]).toBeCloseTo(2 * 3 + 25.5, 1);
});

test('every frame of a clip gets the same change, and crops stay inside', () => {
  const source = clip(20, 16, 3);
  const augmentation = { scale: [0.3, 1] as [number, number], rotation: 0, brightness: 0, contrast: 0 };
  for (let seed = 0; seed < 200; seed++) {
    const how = randomLook(new Random(seed), source, augmentation, true);
    expect(how.centreX - how.cropWidth / 2).toBeGreaterThanOrEqual(-1e-9);
    expect(how.centreX + how.cropWidth / 2).toBeLessThanOrEqual(20 + 1e-9);
    expect(how.centreY - how.cropHeight / 2).toBeGreaterThanOrEqual(-1e-9);
    expect(how.centreY + how.cropHeight / 2).toBeLessThanOrEqual(16 + 1e-9);
    const frames = look(source, 8, [0, 1, 2], how);
    expect(frames[1]!.slice(0, 2)).toEqual(frames[0]!.slice(0, 2));
    expect(frames[2]![2]![0]).toBe(2);
  }
});
