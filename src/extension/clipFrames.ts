// Which frames of a clip that is a folder of numbered images are there, for the page that plays them.
import { readdir } from 'node:fs/promises';
import { frameDigits, frameEnds, rateOf } from '../base/frameNames.ts';
import type { ClipFrames } from '../protocol/clipView.ts';
import type { Sample } from '../protocol/datasets.ts';

/** A folder that cannot be read has none: the page says so. */
export async function clipFrames(folder: string, frames: NonNullable<Sample['frames']>): Promise<ClipFrames> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const digits = frameDigits(names, frames);
  const missing = Math.max(0, frames.count - digits.length);
  return { ...frameEnds(frames.pattern), digits, missing, rate: rateOf(frames) };
}
