// Whether two fingerprints are of one clip, as re-encoded, scaled, cut or slightly cropped copies are. The limits were
// measured (see test/curation/copies.test.ts): copies made by ffmpeg and sharp lie below them, other clips of the same
// class, of the same camera, and other handwritten digits above.
import type { Fingerprint } from './fingerprint.ts';
import { frequencies } from './frameVector.ts';

export interface Limits {
  /** Distance (1 − cosine) up to which one image is a copy of the other; a mirrored one must be closer. */
  image: number;
  mirrored: number;
  /** The same for frames of videos, of which `found` of the shorter clip must be found in the other. */
  frame: number;
  found: number;
  /** Where nothing moves, frames alone decide: another clip of a fixed camera would pass the looser limit. */
  still: number;
  /** Mean square of what changes in a clip, under which nothing moves. */
  stillness: number;
  /** How unlike (1 − cosine) movements may be. */
  movement: number;
  /** The share of pairs of frames that may come in another order. */
  disorder: number;
  /** Levels by which colours may differ (root mean square), of images and of videos. */
  imageColour: number;
  videoColour: number;
}

export const measuredLimits: Limits = {
  image: 0.015,
  mirrored: 0.008,
  frame: 0.02,
  found: 0.8,
  still: 0.006,
  stillness: 0.004,
  movement: 0.15,
  disorder: 0.1,
  imageColour: 8,
  videoColour: 14,
};

export interface Likeness {
  /** 0 for equal frames. */
  readonly distance: number;
  readonly mirrored: boolean;
}

/** How alike two clips of one kind are; undefined where they are not copies of one another. */
export function likeness(a: Fingerprint, b: Fingerprint, limits = measuredLimits): Likeness | undefined {
  if (a.kind !== b.kind || a.frames.length === 0 || b.frames.length === 0) return undefined;
  if (a.kind === 'image') return imageLikeness(a, b, limits);
  if (colourDistance(a, b) > limits.videoColour) return undefined;
  const distance = Math.min(clipDistance(a.frames, b.frames, limits), croppedDistance(a, b, limits));
  return distance <= limits.frame ? { distance, mirrored: false } : undefined;
}

function imageLikeness(a: Fingerprint, b: Fingerprint, limits: Limits): Likeness | undefined {
  const own = a.frames[0]!;
  const other = b.frames[0]!;
  let distance = between(own, other);
  for (const inner of b.cropped) distance = Math.min(distance, between(own, inner));
  for (const inner of a.cropped) distance = Math.min(distance, between(inner, other));
  if (distance <= limits.image && colourDistance(a, b) <= limits.imageColour) return { distance, mirrored: false };
  const mirrored = between(mirror(own), other);
  const alike = mirrored <= limits.mirrored && colourDistance(a, b, true) <= limits.imageColour;
  return alike ? { distance: mirrored, mirrored: true } : undefined;
}

/** The vector of the mirrored frame: frequencies that are odd across change their sign. */
export function mirror(vector: Float32Array): Float32Array {
  return vector.map((value, k) => (frequencies[k]![0] % 2 === 1 ? -value : value));
}

/** One clip is found in the middle of the other, as after a crop; infinite where it is not. */
function croppedDistance(a: Fingerprint, b: Fingerprint, limits: Limits): number {
  return Math.min(foundIn(a.cropped, b.frames, limits), foundIn(b.cropped, a.frames, limits));
}

/** The distance of the clip that is found in the other, whichever it is; infinite where neither is. */
function clipDistance(a: readonly Float32Array[], b: readonly Float32Array[], limits: Limits): number {
  return Math.min(foundIn(a, b, limits), foundIn(b, a, limits));
}

function foundIn(part: readonly Float32Array[], whole: readonly Float32Array[], limits: Limits): number {
  if (part.length === 0 || whole.length === 0) return Number.POSITIVE_INFINITY;
  const kept = Math.max(1, Math.ceil(part.length * limits.found));
  const best: { distance: number; at: number; i: number }[] = [];
  for (const [i, vector] of part.entries()) {
    const match = nearest(vector, whole);
    if (match.distance <= limits.frame) best.push({ ...match, i });
    // Most candidates share a frame or two and no more: they should cost little.
    else if (i - best.length >= part.length - kept) return Number.POSITIVE_INFINITY;
  }
  const pairs = best.sort((x, y) => x.distance - y.distance).slice(0, kept);
  const distance = pairs.at(-1)!.distance;
  const moved = movement(
    pairs.map(({ i, at }) => [part[i]!, whole[at]!]),
    limits.stillness,
  );
  if (moved === undefined) return distance <= limits.still ? distance : Number.POSITIVE_INFINITY;
  if (moved > limits.movement || outOfOrder(pairs) > limits.disorder) return Number.POSITIVE_INFINITY;
  return distance;
}

/** The share of pairs of frames that come in the other order in the other clip: what moves left is no copy of what moves right. */
function outOfOrder(matches: readonly { i: number; at: number }[]): number {
  let [wrong, all] = [0, 0];
  for (const [n, a] of matches.entries())
    for (const b of matches.slice(0, n)) {
      all++;
      if ((a.i - b.i) * (a.at - b.at) < 0) wrong++;
    }
  return all === 0 ? 0 : wrong / all;
}

function nearest(vector: Float32Array, among: readonly Float32Array[]): { distance: number; at: number } {
  let [distance, at] = [Number.POSITIVE_INFINITY, 0];
  for (const [i, other] of among.entries()) {
    const here = between(vector, other);
    if (here < distance) [distance, at] = [here, i];
  }
  return { distance, at };
}

/** How unlike (1 − cosine) what changes from frame to frame is on both sides; undefined where next to nothing changes. */
function movement(pairs: readonly (readonly [Float32Array, Float32Array])[], stillness: number): number | undefined {
  const length = pairs[0]![0].length;
  let [both, own, other] = [0, 0, 0];
  for (let k = 0; k < length; k++) {
    let [sumA, sumB] = [0, 0];
    for (const [a, b] of pairs) {
      sumA += a[k]!;
      sumB += b[k]!;
    }
    const [meanA, meanB] = [sumA / pairs.length, sumB / pairs.length];
    for (const [a, b] of pairs) {
      both += (a[k]! - meanA) * (b[k]! - meanB);
      own += (a[k]! - meanA) ** 2;
      other += (b[k]! - meanB) ** 2;
    }
  }
  if (Math.max(own, other) / pairs.length < stillness) return undefined;
  return own === 0 || other === 0 ? 1 : 1 - both / Math.sqrt(own * other);
}

/** 1 − cosine of two vectors of length 1. */
export function between(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return Math.max(0, 1 - sum);
}

function colourDistance({ colours: a }: Fingerprint, { colours: b }: Fingerprint, mirrored = false): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const column = i % 3;
    sum += (a[i]! - b[mirrored ? i - column + 2 - column : i]!) ** 2;
  }
  return Math.sqrt(sum / a.length);
}
