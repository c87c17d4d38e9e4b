// One case of the media fuzzer: a damaged file, decoded as training does; it gives frames of the right shape, or says in one
// sentence why not.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { UserError } from '../../src/base/errors.ts';
import { Random } from '../../src/base/random.ts';
import type { ClipRequest, DecodedClip, Decoder } from '../../src/media/decoder.ts';
import type { CaseResult } from './annotationCase.ts';
import type { MediaSeed } from './mediaSeeds.ts';
import { mutate, pick } from './mutate.ts';

const shortSide = 32;
const count = 8;

/** Damages one of the seeds and decodes it. The file stays where something is wrong. */
export async function mediaCase(
  seeds: readonly MediaSeed[],
  decoder: Decoder,
  seed: number,
  number: number,
): Promise<CaseResult & { folder: string }> {
  const random = new Random(seed, number);
  const from = pick(seeds, random);
  const folder = mkdtempSync(join(tmpdir(), 'cover-fuzz-'));
  let { bytes } = from;
  const told: string[] = [];
  for (let i = random.below(3); i >= 0; i--) {
    const { how, bytes: changed } = mutate(from.name, bytes, random);
    bytes = changed;
    told.push(how);
  }
  const ending =
    random.below(20) === 0 ? pick(['.mp4', '.png', '.gif', '.jpg', '.mkv', ''], random) : extname(from.name);
  const file = join(folder, `${pick(['clip', '-i', '%05d', 'a b', '__proto__'], random)}${ending}`);
  writeFileSync(file, bytes);
  const result: CaseResult = { what: `${from.name}: ${told.join('; ')}`, failures: [], samples: 0, problems: 0 };
  try {
    const clip = await decoder.decode(request(file, from.kind, random));
    result.samples = 1;
    checkClip(clip, (text) => result.failures.push(text));
  } catch (error) {
    result.problems = 1;
    if (!(error instanceof UserError)) result.failures.push(error instanceof Error ? error.stack! : String(error));
    else if (error.code !== 'unreadable-media' || !/\.$/.test(error.message) || error.message.length > 1500)
      result.failures.push(`${error.code}: ${error.message}`);
  }
  if (result.failures.length === 0) rmSync(folder, { recursive: true, force: true });
  return { ...result, folder };
}

function request(file: string, kind: ClipRequest['kind'], random: Random): ClipRequest {
  const parts = [
    { start: null, end: null },
    { start: 0.5, end: 1.5 },
    { start: 1, end: null },
  ];
  const patterns = [{}, { pattern: { name: 'dense', clips: 2, stride: 4 } }, { pattern: { name: 'whole' } }] as const;
  return { file, kind, ...pick(parts, random), ...pick(patterns, random), count, shortSide };
}

function checkClip(
  { width, height, data, frames, frameOf, duration, warning }: DecodedClip,
  fail: (text: string) => void,
) {
  if (Math.min(width, height) !== shortSide || Math.max(width, height) > 2 * shortSide) fail(`${width} × ${height}`);
  if (frames < 1 || data.length !== frames * width * height * 3) fail(`${frames} frames in ${data.length} bytes`);
  if (frameOf.length !== count || frameOf.some((frame) => frame >= frames)) fail(`candidates ${frameOf}`);
  if (duration !== null && !(Number.isFinite(duration) && duration >= 0)) fail(`it lasts ${duration} s`);
  if (warning !== undefined && (!/\.$/.test(warning) || warning.length > 1500)) fail(`warning ${warning}`);
}
