import { expect, test } from 'vitest';
import { centreLook, cutBytes, type Look, writePixels } from '../../src/clips/pixels.ts';
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

test.each([
  [6, 5, 4, 0],
  [6, 5, 4, 0.4],
  [4, 4, 4, 0],
])(
  'a crop of a %i × %i frame is the same as bytes, and where it falls on whole pixels (input %i, angle %d)',
  (width, height, size, angle) => {
    const source = clip(width, height, 2);
    const how = { ...centreLook(source), cropWidth: size, cropHeight: size, centreX: 3, centreY: 2, angle };
    const bytes = cutBytes(source, [1, 0], how, size);
    const expected = look(source, size, [1, 0], how).flatMap(([red, green, blue]) =>
      red!.flatMap((_, i) => [red![i]!, green![i]!, blue![i]!].map((value) => Math.floor(value + 0.5))),
    );
    expect([...bytes]).toEqual(expected);
  },
);

test('colours are mixed before gain and offset', () => {
  const source = clip(4, 4, 1);
  const [red, green] = look(source, 4, [0], {
    ...centreLook(source),
    gain: 2,
    colours: [0, 1, 0, 1, 0, 0, 0, 0, 1],
  })[0]!;
  expect(red!.slice(0, 8)).toEqual([0, 0, 0, 0, 2, 2, 2, 2]);
  expect(green!.slice(0, 4)).toEqual([0, 2, 4, 6]);
});
