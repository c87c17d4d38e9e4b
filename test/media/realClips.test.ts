// Other people's real clips: every one decodes or is told to be unreadable, and both kinds of ffmpeg see the same.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Decoder } from '../../src/media/decoder.ts';
import { hasNative, hasSamples, refusal, samples, wholeClip } from './fixtures.ts';

const clips: [string, { frames: number; size: [number, number]; warning?: RegExp }][] = [
  ['corrupted.mp4', { frames: 16, size: [114, 64], warning: /Only a part of it could be decoded/ }],
  ['h264_10bits.mp4', { frames: 16, size: [64, 64] }],
  ['h265_video.mp4', { frames: 10, size: [64, 64] }],
  ['kinetics-style-armwrestling.mp4', { frames: 16, size: [107, 64] }],
  ['kinetics-style-pool.mp4', { frames: 16, size: [114, 64] }],
  ['nasa_13013.mp4', { frames: 16, size: [114, 64] }],
  ['rotated-0.mov', { frames: 3, size: [114, 64] }],
  ['rotated-180.mov', { frames: 3, size: [114, 64] }],
  ['rotated-270.mov', { frames: 3, size: [64, 114] }],
  ['rotated-90.mov', { frames: 3, size: [64, 114] }],
  ['ucf101-style.avi', { frames: 16, size: [85, 64] }],
  ['unordered.mov', { frames: 4, size: [64, 64] }],
];
const request = (name: string) => wholeClip(join(samples, 'clips', name), { count: 16, shortSide: 64 });

describe.skipIf(!hasSamples)('real clips', () => {
  let native: Decoder | undefined;
  let core: Decoder;
  beforeAll(async () => {
    if (hasNative) native = await Decoder.create({ backend: 'native' });
    core = await Decoder.create({ backend: 'core' });
  });
  afterAll(async () => {
    await native?.close();
    await core.close();
  });

  it('the table names every clip there is', () => {
    const there = readdirSync(join(samples, 'clips')).filter((name) => name.includes('.'));
    expect([...clips.map(([name]) => name), 'av1_video.mkv'].sort()).toEqual(there.sort());
  });

  it.each(clips)('%s', async (name, expected) => {
    const inCore = await core.decode(request(name));
    expect(inCore.frames).toBe(expected.frames);
    expect([inCore.width, inCore.height]).toEqual(expected.size);
    if (expected.warning) expect(inCore.warning).toMatch(expected.warning);
    else expect(inCore.warning).toBeUndefined();
    if (!native) return;
    const inNative = await native.decode(request(name));
    expect(inNative.frameOf).toEqual(inCore.frameOf);
    expect(inNative.duration).toBe(inCore.duration);
    expect([inNative.width, inNative.height]).toEqual(expected.size);
    expect(meanDifference(inNative.data, inCore.data)).toBeLessThanOrEqual(1);
  });

  it('AV1 is read by the machine’s ffmpeg, and told to be beyond the bundled one', async () => {
    expect(await refusal(core, request('av1_video.mkv'))).toMatch(
      /it is AV1 video, which the bundled ffmpeg cannot decode/,
    );
    if (native) expect(await refusal(native, request('av1_video.mkv'))).toBe('decoded 16 frames');
  });

  it('a photograph', async () => {
    const folder = join(samples, 'clips', 'frame-folder');
    const clip = await core.decode({ ...request(join('frame-folder', readdirSync(folder)[0]!)), kind: 'image' });
    expect([clip.frames, Math.min(clip.width, clip.height), clip.frameOf.length]).toEqual([1, 64, 16]);
  });
});

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).toBe(b.length);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / a.length;
}
