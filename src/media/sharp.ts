// Still images through libvips: the only file that imports sharp.
import { open, readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { messageOf } from '../base/errors.ts';
import { regularFile } from '../base/regularFile.ts';
import type { ImageHeader } from './imageMessages.ts';

// Files are small and many, and each is read once: parallel work over files beats threads within one.
sharp.concurrency(1);
sharp.cache(false);

/** Larger files are refused, since they are read whole. */
const mostBytes = 512 * 2 ** 20;

export interface RgbImage {
  width: number;
  height: number;
  /** [height, width, 3] */
  data: Uint8Array;
  warning?: string;
}

/**
 * Decodes an image upright (EXIF), as 8-bit sRGB on black, its shorter side `shortSide` pixels, its longer side cropped
 * at the centre to at most twice that; of an animation the first frame. A damaged file gives what could be read of it,
 * with a warning; throws an Error with the reason where that is nothing.
 */
export async function decodeImage(file: string, shortSide: number, timeoutMs = 60_000): Promise<RgbImage> {
  await sizeOf(file);
  // By bytes, not by name: libvips reads options out of names that end in "[…]".
  const bytes = await readFile(file);
  try {
    return await read(bytes, shortSide, 'error', timeoutMs);
  } catch (error) {
    const [reason = ''] = messageOf(error).split('\n');
    const partial = await read(bytes, shortSide, 'none', timeoutMs).catch(() => undefined);
    // Where nothing at all was decoded, the frame is one flat colour.
    if (!partial?.data.some((value, i) => value !== partial.data[i % 3])) throw new Error(reason);
    return { ...partial, warning: `Only a part of it could be decoded: ${reason}.` };
  }
}

/** Most pictures say in so many bytes how large they are. */
const headBytes = 1 << 16;

/** What an image says of itself, without decoding it; width and height upright. Throws an Error with the reason. */
export async function imageHeader(file: string): Promise<ImageHeader> {
  const size = await sizeOf(file);
  const head = size > headBytes ? await readStart(file, headBytes) : await readFile(file);
  const read = (bytes: Buffer) => sharp(bytes, { failOn: 'none', pages: 1 }).metadata();
  try {
    const found = await read(head).catch(async (error: unknown) => {
      if (size <= headBytes) throw error;
      return read(await readFile(file));
    });
    const { format, width, height, autoOrient } = found;
    return { codec: format, width: autoOrient?.width ?? width, height: autoOrient?.height ?? height };
  } catch (error) {
    throw new Error(messageOf(error).split('\n')[0]);
  }
}

/** Throws an Error where the file is too large, or is none. */
async function sizeOf(file: string): Promise<number> {
  const { size } = await regularFile(file);
  if (size > mostBytes) throw new Error('it is larger than 512 MB');
  return size;
}

async function readStart(file: string, length: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function read(bytes: Buffer, side: number, failOn: 'error' | 'none', timeoutMs: number): Promise<RgbImage> {
  const { autoOrient, width: rawWidth, height: rawHeight } = await sharp(bytes, { failOn, pages: 1 }).metadata();
  const width = autoOrient?.width ?? rawWidth;
  const height = autoOrient?.height ?? rawHeight;
  const longest = 2 * side;
  const { data, info } = await sharp(bytes, { failOn, pages: 1 })
    .timeout({ seconds: Math.max(1, Math.ceil(timeoutMs / 1000)) })
    .autoOrient()
    .flatten({ background: '#000000' })
    .toColourspace('srgb')
    .resize({
      width: width >= height ? Math.min(longest, Math.max(1, Math.round((side * width) / height))) : side,
      height: width >= height ? side : Math.min(longest, Math.max(1, Math.round((side * height) / width))),
      fit: 'cover',
      position: 'centre',
      kernel: 'lanczos3',
    })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels === 3) return { width: info.width, height: info.height, data: new Uint8Array(data) };
  if (info.channels !== 1) throw new Error(`it has ${info.channels} colour channels`);
  return {
    width: info.width,
    height: info.height,
    data: Uint8Array.from({ length: data.length * 3 }, (_, i) => data[Math.floor(i / 3)]!),
  };
}

/** Encodes RGB bytes [height, width, 3] as PNG or JPEG. */
export function encodeImage(data: Uint8Array, width: number, height: number, format: 'png' | 'jpeg'): Promise<Buffer> {
  const image = sharp(data, { raw: { width, height, channels: 3 } });
  return (format === 'png' ? image.png({ compressionLevel: 6 }) : image.jpeg({ quality: 90 })).toBuffer();
}

/** Scales RGB bytes [height, width, 3] to a width and encodes them as a small JPEG. */
export async function encodeStrip(
  data: Uint8Array,
  width: number,
  height: number,
  toWidth: number,
): Promise<{ bytes: Buffer; width: number; height: number }> {
  const { data: bytes, info } = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: toWidth })
    .jpeg({ quality: 78 })
    .toBuffer({ resolveWithObject: true });
  return { bytes, width: info.width, height: info.height };
}
