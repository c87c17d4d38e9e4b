// Folders of numbered images are clips: their order, which of them, and what is missing.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClipRequest, Decoder } from '../../src/media/decoder.ts';
import { hasSamples, marksOf, refusal, samples, temporaryFolder, wholeClip } from './fixtures.ts';

const folder = temporaryFolder();
let decoder: Decoder;

/** Image k is grey of level 10 + 12 k, as in the marked clips. */
async function image(file: string, k: number, width = 64, height = 48): Promise<void> {
  const level = 10 + 12 * k;
  const background = { r: level, g: level, b: level };
  const picture = sharp({ create: { width, height, channels: 3, background } });
  writeFileSync(file, await (file.endsWith('.png') ? picture.png() : picture.jpeg()).toBuffer());
}

async function made(name: string, names: readonly string[]): Promise<string> {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  for (const [k, one] of names.entries()) await image(join(path, one), k);
  return path;
}

const numbers = (from: number, count: number, digits: number) =>
  Array.from({ length: count }, (_, i) => `img_${String(from + i).padStart(digits, '0')}.jpg`);

beforeAll(async () => {
  decoder = await Decoder.create({ backend: 'core' });
});
afterAll(async () => {
  await decoder.close();
  await rm(folder, { recursive: true, force: true });
});

describe('frames of a folder', () => {
  it.each<[string, readonly string[], Partial<ClipRequest>, number[]]>([
    ['one a candidate', numbers(1, 8, 5), {}, [0, 1, 2, 3, 4, 5, 6, 7]],
    ['in segments', numbers(0, 16, 5), {}, [1, 3, 5, 7, 9, 11, 13, 15]],
    ['fewer than candidates', numbers(1, 2, 5), {}, [0, 0, 0, 0, 1, 1, 1, 1]],
    // 2 before 10, without leading zeros
    ['in the order of the numbers', numbers(1, 12, 1), { count: 12 }, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
    ['a part', numbers(1, 16, 5), { count: 4, frames: { first: 5, count: 4 } }, [4, 5, 6, 7]],
    ['dense', numbers(1, 16, 5), { count: 4, pattern: { name: 'dense', clips: 1, stride: 2 } }, [5, 7, 9, 11]],
    ['whole', numbers(1, 16, 5), { count: 4, pattern: { name: 'whole' } }, [0, 5, 10, 15]],
    [
      'not their flow',
      ['flow_x_1.jpg', 'flow_x_2.jpg', 'flow_x_3.jpg', 'img_1.jpg', 'img_2.jpg'],
      { count: 2 },
      [3, 4],
    ],
    ['of a pattern', ['a_1.png', 'a_2.png', 'b_1.png'], { count: 1, frames: { pattern: 'b_%d.png' } }, [2]],
    [
      'of a pattern with a per cent sign',
      ['50%_1.png', '50%_2.png', '50%_3.png'],
      { count: 1, frames: { pattern: '50%%_%d.png', first: 2, count: 1 } },
      [1],
    ],
    ['of JPEGs by another name', ['1.jfif', '2.jfif'], { count: 1, frames: { pattern: '%d.jfif' } }, [1]],
  ])('%s', async (name, names, more, expected) => {
    const clip = await decoder.decode(wholeClip(await made(name, names), more));
    expect(marksOf(clip)).toEqual(expected);
    expect([clip.width, clip.height, clip.duration, clip.warning]).toEqual([43, 32, null, undefined]);
  });

  it('replaces a frame that cannot be read by the one before it, leaves out other sizes, and says so', async () => {
    const path = await made('damaged', numbers(1, 4, 5));
    writeFileSync(join(path, 'img_00003.jpg'), 'no picture');
    const clip = await decoder.decode(wholeClip(path, { count: 4 }));
    expect([marksOf(clip), clip.warning]).toEqual([
      [0, 1, 1, 3],
      expect.stringMatching(/^1 of its 4 frames cannot be read/),
    ]);
    const odd = await made('odd', numbers(1, 3, 5));
    await image(join(odd, 'img_00002.jpg'), 1, 48, 64);
    const left = await decoder.decode(wholeClip(odd, { count: 3 }));
    expect([marksOf(left), left.warning]).toEqual([[0, 0, 2], '1 frames of another size were left out.']);
    const fewer = await decoder.decode(wholeClip(odd, { count: 1, frames: { first: 1, count: 5 } }));
    expect(fewer.warning).toBe('2 of its 5 frames are missing.');
  });

  it.each<[string, readonly string[], Partial<ClipRequest>, RegExp]>([
    ['empty', [], {}, /it is a folder without numbered images/],
    ['unnumbered', ['cover.png'], {}, /it is a folder without numbered images/],
    ['beyond', numbers(1, 3, 5), { frames: { first: 9 } }, /its part begins at frame 9, but its frames are 1 to 3/],
  ])('refuses one that is %s', async (name, names, more, expected) => {
    expect(await refusal(decoder, wholeClip(await made(name, names), more))).toMatch(expected);
  });

  it('refuses one of which nothing can be read, and a folder as an image', async () => {
    const path = await made('broken', numbers(1, 1, 5));
    writeFileSync(join(path, 'img_00001.jpg'), 'no picture');
    expect(await refusal(decoder, wholeClip(path))).toMatch(/none of its frames can be read \(img_00001.jpg/);
    expect(await refusal(decoder, wholeClip(path, { kind: 'image' }))).toMatch(/it is not a file/);
  });

  it.skipIf(!hasSamples)('reads mmaction2’s own', async () => {
    const path = join(samples, 'clips', 'frame-folder');
    const clip = await decoder.decode(wholeClip(path));
    expect(clip.frames).toBe(Math.min(8, readdirSync(path).length));
    expect(clip.warning).toBeUndefined();
  });
});
