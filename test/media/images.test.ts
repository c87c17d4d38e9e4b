// Still images of every kind come out upright, as 8-bit RGB, their shorter side as asked.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DecodedClip, Decoder } from '../../src/media/decoder.ts';
import { refusal, wholeClip } from './fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'cover-images-'));
let decoder: Decoder;
beforeAll(async () => {
  decoder = await Decoder.create({ backend: 'core' });
});
afterAll(async () => {
  await decoder.close();
  await rm(folder, { recursive: true, force: true });
});

/** Left half orange, right half blue. */
function halves(width = 80, height = 40): Sharp {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data.set(i % width < width / 2 ? [250, 120, 10] : [20, 40, 200], i * 3);
  return sharp(data, { raw: { width, height, channels: 3 } });
}

const colours = {
  orange: [250, 120, 10],
  blue: [20, 40, 200],
  // The same blue, as far as printing inks have it.
  ink: [24, 54, 135],
  black: [0, 0, 0],
  bright: [139, 139, 139],
  dark: [57, 57, 57],
};

/** The name of the colour at a point, shares of width and height. */
function colourAt(clip: DecodedClip, x: number, y: number): string {
  const at = (Math.floor(y * clip.height) * clip.width + Math.floor(x * clip.width)) * 3;
  const found = [...clip.data.subarray(at, at + 3)];
  const near = Object.entries(colours).find(([, rgb]) => rgb.every((value, c) => Math.abs(value - found[c]!) <= 24));
  return near?.[0] ?? found.join(',');
}

async function decode(bytes: Uint8Array, name: string): Promise<DecodedClip> {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return decoder.decode(wholeClip(file, { kind: 'image', count: 4, shortSide: 20 }));
}

describe('kinds of images', () => {
  it.each<[string, () => Sharp, [number, number], [string, string]]>([
    ['plain.png', () => halves().png(), [40, 20], ['orange', 'blue']],
    ['plain.jpg', () => halves().jpeg({ quality: 95 }), [40, 20], ['orange', 'blue']],
    ['plain.webp', () => halves().webp({ lossless: true }), [40, 20], ['orange', 'blue']],
    ['plain.tiff', () => halves().tiff(), [40, 20], ['orange', 'blue']],
    ['palette.png', () => halves().png({ palette: true, colours: 4 }), [40, 20], ['orange', 'blue']],
    ['palette.gif', () => halves().gif(), [40, 20], ['orange', 'blue']],
    ['16-bit.png', () => halves().toColourspace('rgb16').png(), [40, 20], ['orange', 'blue']],
    ['cmyk.jpg', () => halves().toColourspace('cmyk').jpeg({ quality: 95 }), [40, 20], ['orange', 'ink']],
    ['grey.png', () => halves().greyscale().toColourspace('b-w').png(), [40, 20], ['bright', 'dark']],
    ['grey16.png', () => halves().greyscale().toColourspace('grey16').png(), [40, 20], ['bright', 'dark']],
    ['grey.jpg', () => halves().greyscale().toColourspace('b-w').jpeg(), [40, 20], ['bright', 'dark']],
    ['small.png', () => halves(8, 4).png(), [40, 20], ['orange', 'blue']],
    ['tall.png', () => halves(40, 50).png(), [20, 25], ['orange', 'blue']],
    ['very-wide.png', () => halves(400, 20).png(), [40, 20], ['orange', 'blue']],
    ['very-tall.png', () => halves(20, 400).png(), [20, 40], ['orange', 'blue']],
    ['one-pixel.png', () => halves(1, 1).png(), [20, 20], ['orange', 'orange']],
    ['odd [page=3].png', () => halves().png(), [40, 20], ['orange', 'blue']],
    ['wrong-suffix.mp4', () => halves().png(), [40, 20], ['orange', 'blue']],
  ])('%s', async (name, make, size, [left, right]) => {
    const clip = await decode(await make().toBuffer(), name);
    expect([clip.width, clip.height]).toEqual(size);
    expect([colourAt(clip, 0.2, 0.5), colourAt(clip, 0.8, 0.5)]).toEqual([left, right]);
    expect([clip.frames, [...clip.frameOf], clip.duration, clip.warning]).toEqual([1, [0, 0, 0, 0], null, undefined]);
    expect(clip.data.length).toBe(clip.width * clip.height * 3);
  });

  it.each([
    // EXIF orientation → where the orange half is seen
    [1, 'left'],
    [2, 'right'],
    [3, 'right'],
    [4, 'left'],
    [5, 'top'],
    [6, 'top'],
    [7, 'bottom'],
    [8, 'bottom'],
  ])('EXIF orientation %i', async (orientation, side) => {
    const clip = await decode(
      await halves().withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer(),
      `exif-${orientation}.jpg`,
    );
    const at = { left: [0.2, 0.5], right: [0.8, 0.5], top: [0.5, 0.2], bottom: [0.5, 0.8] } as const;
    const orange = Object.entries(at).filter(([, [x, y]]) => colourAt(clip, x, y) === 'orange');
    expect(
      orange
        .map(([name]) => name)
        .filter((name) => (side === 'left' || side === 'right') === (name === 'left' || name === 'right')),
    ).toEqual([side]);
    expect(clip.width > clip.height).toBe(orientation < 5);
  });

  it('lays what is transparent on black', async () => {
    const data = new Uint8Array(40 * 20 * 4);
    for (let i = 0; i < 800; i++) data.set(i % 40 < 20 ? [250, 120, 10, 255] : [250, 250, 250, 0], i * 4);
    const png = await sharp(data, { raw: { width: 40, height: 20, channels: 4 } })
      .png()
      .toBuffer();
    const clip = await decode(png, 'alpha.png');
    expect([colourAt(clip, 0.2, 0.5), colourAt(clip, 0.8, 0.5)]).toEqual(['orange', 'black']);
  });

  it('takes the first picture of an animation', async () => {
    const data = new Uint8Array(20 * 40 * 3);
    for (let i = 0; i < 800; i++) data.set(i < 400 ? [250, 120, 10] : [20, 40, 200], i * 3);
    const gif = await sharp(data, { raw: { width: 20, height: 40, channels: 3, pageHeight: 20 } })
      .gif()
      .toBuffer();
    expect((await sharp(gif).metadata()).pages).toBe(2);
    const clip = await decode(gif, 'animated.gif');
    expect([clip.width, clip.height, colourAt(clip, 0.5, 0.9)]).toEqual([20, 20, 'orange']);
  });
});

describe('damaged images', () => {
  it('uses what there is of a truncated one, with a warning', async () => {
    const noise = new Uint8Array(200 * 100 * 3).map((_, i) => (i * 7919) % 251);
    const jpeg = await sharp(noise, { raw: { width: 200, height: 100, channels: 3 } })
      .jpeg()
      .toBuffer();
    const clip = await decode(jpeg.subarray(0, jpeg.length >> 1), 'half.jpg');
    expect(clip.warning).toMatch(/^Only a part of it could be decoded: .*\.$/);
    expect([clip.width, clip.height]).toEqual([40, 20]);
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['words.png', 'no picture', /unsupported image format/],
    ['signature.png', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), /could not be decoded/],
    ['nothing.jpg', '', /it is empty/],
  ])('refuses %s in one sentence', async (name, bytes, expected) => {
    const file = join(folder, name);
    writeFileSync(file, bytes);
    const said = await refusal(decoder, wholeClip(file, { kind: 'image' }));
    expect(said).toMatch(expected);
    expect(said).toMatch(/^unreadable-media: \S+ could not be decoded: [^\n]+\. Check the file, or exclude it\.$/);
  });

  it('refuses one of more pixels than memory should be given for', async () => {
    // A header is enough: 60,000 × 60,000.
    const file = join(folder, 'bomb.png');
    const png = await halves(1, 1).png().toBuffer();
    png.writeUInt32BE(60_000, 16);
    png.writeUInt32BE(60_000, 20);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    writeFileSync(file, png);
    expect(await refusal(decoder, wholeClip(file, { kind: 'image' }))).toMatch(/pixel limit/);
  });
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
