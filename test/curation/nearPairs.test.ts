// Near pairs among many fingerprints are found without comparing all, and nothing else is.
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { type Fingerprint, packFingerprint, unpackFingerprint } from '../../src/curation/fingerprint.ts';
import { frequencies } from '../../src/curation/frameVector.ts';
import { likeness, mirror } from '../../src/curation/lookAlike.ts';
import { nearPairs } from '../../src/curation/nearPairs.ts';

const random = new Random(11);
const unit = (vector: Float32Array) => {
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / norm);
};
const direction = (length: number) => unit(Float32Array.from({ length }, () => random.normal()));
/** At about `distance` (1 − cosine) from a vector. */
const near = (vector: Float32Array, distance: number) => {
  const step = Math.sqrt((2 * distance) / vector.length);
  return unit(vector.map((value) => value + step * random.normal()));
};
const colours = new Float32Array(18);
const image = (vector = direction(128)): Fingerprint => ({ kind: 'image', frames: [vector], cropped: [], colours });
/** Each frame is like the one before. */
const video = (): Fingerprint => {
  const frames = [direction(64)];
  while (frames.length < 16) frames.push(near(frames.at(-1)!, 0.2));
  return { kind: 'video', frames, cropped: [frames[0]!], colours };
};
const copy = (of: Fingerprint, distance: number): Fingerprint => ({
  ...of,
  frames: of.frames.map((vector) => near(vector, distance)),
  cropped: of.cropped.map((vector) => near(vector, distance)),
});

describe('planted among 1,500', () => {
  it.each([
    ['images, as re-encoded', image, 0.001, 0.99],
    ['images, at the limit', image, 0.01, 0.9],
    ['videos, as re-encoded', video, 0.002, 0.99],
    ['videos, at the limit', video, 0.012, 0.97],
  ])('%s', async (_, make, distance, least) => {
    const all = Array.from({ length: 1500 }, () => make());
    const planted = Array.from({ length: 200 }, (_, i) => i * 7);
    const copies = planted.map((i) => copy(all[i]!, distance));
    const pairs = await nearPairs([...all, ...copies]);
    const expected = new Set(planted.map((i, n) => `${i} ${all.length + n}`));
    const found = pairs.filter(({ a, b }) => expected.has(`${a} ${b}`)).length;
    expect(pairs.length - found).toBe(0);
    expect(found / planted.length).toBeGreaterThanOrEqual(least);
  });
});

it('of many clips that show one thing for a moment only a copy is one, and it is found by its other frames', async () => {
  const wall = direction(64);
  const still = Array.from({ length: 300 }, () => ({ ...video(), frames: [wall, ...video().frames] }));
  const twin = copy(still[50]!, 0.001);
  const pairs = await nearPairs([...still, twin]);
  expect(pairs.map(({ a, b }) => [a, b])).toEqual([[50, 300]]);
});

it('an aborted search stops', async () => {
  const all = Array.from({ length: 2000 }, () => video());
  await expect(nearPairs(all, { signal: AbortSignal.abort() })).rejects.toThrow('cancelled');
});

describe('a fingerprint', () => {
  it('survives being stored, and other bytes are none', () => {
    const own = video();
    const back = unpackFingerprint(packFingerprint(own))!;
    expect(back.frames).toHaveLength(16);
    expect(likeness(own, back)!.distance).toBeLessThan(1e-3);
    expect(unpackFingerprint(packFingerprint(own).subarray(0, 100))).toBeUndefined();
    expect(unpackFingerprint(new Uint8Array(0))).toBeUndefined();
  });

  it('without a frame that shows something is like none', () => {
    const empty: Fingerprint = { kind: 'video', frames: [], cropped: [], colours };
    expect(likeness(empty, empty)).toBeUndefined();
  });

  it('of a mirrored image is the vector with the odd frequencies across turned', () => {
    const own = direction(128);
    expect(likeness(image(own), image(new Float32Array(mirror(own))))).toMatchObject({ mirrored: true });
    expect(frequencies[0]).toEqual([0, 1]);
  });
});
