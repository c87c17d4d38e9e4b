// A folder of numbered images is a clip like any other (mmaction2's rawframes, the frames of Something-Something and
// EPIC-Kitchens): its frames are the images in the order of their numbers. There are no times, so candidates are counted.
import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { CancelledError, messageOf, throwIfAborted } from '../base/errors.ts';
import { type FrameSeries, frameDigits, frameEnds, mainSeries } from '../base/frameNames.ts';
import type { ClipRequest, DecodedClip } from './clip.ts';
import { unreadable } from './decodeVideo.ts';
import type { ImagePool } from './imagePool.ts';
import { distinct, patternFrames } from './selectFrames.ts';
import type { RgbImage } from './sharp.ts';

const images = new Set(['.jpg', '.jpeg', '.jpe', '.png', '.webp', '.bmp', '.tif', '.tiff', '.avif', '.gif']);
/** Images of one folder that are decoded at once. */
const atOnce = 4;

/**
 * Decodes one clip. A frame that cannot be read is replaced by the readable one nearest before it (else after it), with a
 * warning. Rejects with UserError 'unreadable-media' where none is left, or CancelledError.
 */
export async function decodeFolder(
  pool: ImagePool,
  request: ClipRequest,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<DecodedClip> {
  const { file, count, pattern, shortSide } = request;
  const deadline = Date.now() + timeoutMs;
  const names = (await framesIn(request)).map(({ name }) => name);
  const places = pattern
    ? patternFrames(pattern, count, names.length)
    : Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) / count) * names.length));
  const wanted = [...new Set(places)].sort((a, b) => a - b);
  const read = new Map<number, RgbImage>();
  const failed: string[] = [];
  for (let start = 0; start < wanted.length; start += atOnce) {
    throwIfAborted(signal, 'Decoding');
    if (Date.now() > deadline) throw unreadable(file, `it took longer than ${Math.round(timeoutMs / 1000)} s`);
    await Promise.all(
      wanted.slice(start, start + atOnce).map(async (place) => {
        try {
          read.set(place, await pool.decode(join(file, names[place]!), shortSide, deadline - Date.now(), signal));
        } catch (error) {
          failed.push(`${names[place]}: ${messageOf(error)}`);
        }
      }),
    );
  }
  if (signal?.aborted) throw new CancelledError('Decoding');
  const clip = assemble(file, places, wanted, read, failed, names.length);
  const listed = request.frames?.count ?? names.length;
  const missing = listed - names.length;
  if (missing > 0) clip.warning ??= `${missing} of its ${listed} frames ${missing === 1 ? 'is' : 'are'} missing.`;
  return clip;
}

export interface Numbered {
  readonly name: string;
  readonly number: number;
}

/** The images of the clip in the order of their numbers. Rejects with UserError 'unreadable-media' where there are none. */
export async function framesIn({ file, frames }: Pick<ClipRequest, 'file' | 'frames'>): Promise<Numbered[]> {
  const entries = await readdir(file, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const series = frames?.pattern === undefined ? mainSeries(names.filter(isImage)) : seriesOf(names, frames.pattern);
  const all = series?.digits
    .map((digits) => ({ name: `${series.before}${digits}${series.after}`, number: Number(digits) }))
    .sort((a, b) => a.number - b.number || (a.name < b.name ? -1 : 1));
  if (!all?.length) throw unreadable(file, 'it is a folder without numbered images');
  const first = frames?.first ?? all[0]!.number;
  const end = first + (frames?.count ?? Number.POSITIVE_INFINITY);
  const part = all.filter(({ number }) => number >= first && number < end);
  if (part.length === 0)
    throw unreadable(
      file,
      `its part begins at frame ${first}, but its frames are ${all[0]!.number} to ${all.at(-1)!.number}`,
    );
  return part;
}

function isImage(name: string): boolean {
  return images.has(extname(name).toLowerCase());
}

function seriesOf(names: readonly string[], pattern: string): FrameSeries {
  const digits = frameDigits(names, { pattern, first: 0, count: Number.POSITIVE_INFINITY });
  return { ...frameEnds(pattern), digits };
}

function assemble(
  file: string,
  places: readonly number[],
  wanted: readonly number[],
  read: ReadonlyMap<number, RgbImage>,
  failed: readonly string[],
  total: number,
): DecodedClip {
  const sound = wanted.filter((place) => read.has(place));
  const shape = read.get(sound[0] ?? -1);
  if (!shape) throw unreadable(file, `none of its frames can be read (${failed[0]})`);
  const { width, height } = shape;
  const alike = sound.filter((place) => read.get(place)!.width === width && read.get(place)!.height === height);
  const shown = places.map((place) => alike.findLast((other) => other <= place) ?? alike[0]!);
  const { unique, frameOf } = distinct(shown);
  const length = width * height * 3;
  const data = new Uint8Array(unique.length * length);
  for (const [i, place] of unique.entries()) data.set(read.get(place)!.data, i * length);
  const clip: DecodedClip = { width, height, data, frames: unique.length, frameOf, duration: null };
  const damaged = sound.map((place) => read.get(place)!.warning).find((warning) => warning !== undefined);
  if (failed.length > 0) clip.warning = `${failed.length} of its ${total} frames cannot be read (${failed[0]}).`;
  else if (alike.length < sound.length)
    clip.warning = `${sound.length - alike.length} frames of another size were left out.`;
  else if (damaged !== undefined) clip.warning = damaged;
  return clip;
}
