// The sample workspace as files: every one decodes to what was drawn, in the class and split that its path says.
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { Decoder } from '../../src/media/decoder.ts';
import { MOTION_CLASSES, renderMotionClip } from '../../src/samples/renderMotion.ts';
import { SHAPE_CLASSES } from '../../src/samples/renderShape.ts';
import { renderTexture, TEXTURE_CLASSES } from '../../src/samples/renderTexture.ts';
import { createSampleWorkspace, sampleMarker } from '../../src/samples/workspace.ts';
import { backends } from '../media/fixtures.ts';

const counts = { motion: { train: 66, val: 6 }, shapes: { train: 18, val: 6 }, textures: { train: 24, val: 6 } };
const folder = mkdtempSync(join(tmpdir(), 'cover-samples-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(backends)('made by the %s ffmpeg', (backend) => {
  const workspace = join(folder, backend);
  const progress: [number, number][] = [];
  let files: string[] = [];
  let decoder: Decoder;
  beforeAll(async () => {
    decoder = await Decoder.create({ backend: 'core' });
    await createSampleWorkspace(workspace, { backend, seed: 4, ...counts, onProgress: (...now) => progress.push(now) });
    files = readdirSync(workspace, { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w{3,4}$/.test(name));
  });
  afterAll(() => decoder.close());

  it('has the counts, classes and kinds of files that were asked for', () => {
    const tally: Record<string, number> = {};
    for (const file of files.filter((name) => name !== sampleMarker)) {
      const [dataset, split] = file.split(sep);
      const key = `${dataset} ${split} ${file.split('.').at(-1)}`;
      tally[key] = (tally[key] ?? 0) + 1;
    }
    expect(tally).toEqual({
      'motion-mini train mp4': 66,
      'motion-mini val mp4': 6,
      'shapes-mini train webm': 12,
      'shapes-mini train avi': 6,
      'shapes-mini val webm': 6,
      'textures-mini train png': 18,
      'textures-mini train jpg': 6,
      'textures-mini val png': 6,
    });
    const classes = (dataset: string, split: string) => readdirSync(join(workspace, dataset, split)).sort();
    for (const split of ['train', 'val']) {
      expect(classes('motion-mini', split)).toEqual([...MOTION_CLASSES].sort());
      expect(classes('shapes-mini', split)).toEqual([...SHAPE_CLASSES].sort());
      expect(classes('textures-mini', split)).toEqual([...TEXTURE_CLASSES].sort());
    }
    expect(existsSync(join(workspace, 'cover.json'))).toBe(false);
    expect(files).toContain(sampleMarker);
    expect(progress.at(-1)).toEqual([126, 126]);
  });

  it('holds what was drawn, frame for frame', async () => {
    const drawn: [string, 'video' | 'image', Uint8Array][] = [
      ['motion-mini/train/moving left/train-0001.mp4', 'video', renderMotionClip(new Random(4, 0), 'moving left')],
      // The sixty-first clip, so the first of the second run of the encoder.
      ['motion-mini/train/moving left/train-0011.mp4', 'video', renderMotionClip(new Random(4, 60), 'moving left')],
      ['motion-mini/train/shrinking/train-0010.mp4', 'video', renderMotionClip(new Random(4, 59), 'shrinking')],
      ['textures-mini/train/dots/train-0001.png', 'image', renderTexture(new Random(4, 4 * 0x1000000 + 2), 'dots')],
    ];
    for (const [name, kind, pixels] of drawn) {
      const file = join(workspace, name);
      const clip = await decoder.decode({ file, kind, start: null, end: null, count: 16, shortSide: 64 });
      expect(clip.data.length).toBe(pixels.length);
      const difference = clip.data.reduce((sum, value, i) => sum + Math.abs(value - pixels[i]!), 0) / pixels.length;
      // PNG is exact; H.264 loses some colour at the edges. Another clip, or another frame order, is off by 10 or more.
      expect(difference).toBeLessThan(kind === 'image' ? 0.001 : 6);
    }
  });

  it('decodes throughout, 16 frames a clip over 2 s', async () => {
    for (const name of files.filter((one) => one !== sampleMarker)) {
      const kind = name.startsWith('textures') ? 'image' : 'video';
      const clip = await decoder.decode({
        file: join(workspace, name),
        kind,
        start: null,
        end: null,
        count: 16,
        shortSide: 64,
      });
      expect([clip.width, clip.height, clip.warning]).toEqual([64, 64, undefined]);
      expect(clip.frames).toBe(kind === 'image' ? 1 : 16);
      if (kind === 'video') expect(clip.duration).toBeCloseTo(2, 2);
    }
  });
});

it('stops when it is cancelled, and leaves no marker', async () => {
  const controller = new AbortController();
  const workspace = join(folder, 'cancelled');
  const work = createSampleWorkspace(workspace, {
    ...counts,
    signal: controller.signal,
    onProgress: (done) => {
      if (done > 5) controller.abort();
    },
  });
  await expect(work).rejects.toMatchObject({ code: 'cancelled' });
  expect(existsSync(join(workspace, sampleMarker))).toBe(false);
});

it('gives other pictures for another seed', async () => {
  const small = { motion: { train: 0, val: 0 }, shapes: { train: 0, val: 0 }, textures: { train: 1, val: 0 } };
  for (const seed of [1, 2]) await createSampleWorkspace(join(folder, `seed-${seed}`), { ...small, seed });
  const bytes = (seed: number) =>
    readFileSync(join(folder, `seed-${seed}`, 'textures-mini/train', TEXTURE_CLASSES[0], 'train-0001.png'));
  expect(bytes(1).equals(bytes(2))).toBe(false);
});
