// The sample workspace of `npm start`: two small video datasets and one of images, drawn by this program, as real MP4,
// WebM, AVI, PNG and JPEG files in class folders with a train and a val split.
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { systemCode, throwIfAborted, UserError } from '../base/errors.ts';
import { Random } from '../base/random.ts';
import { Encoder, type VideoFormat } from '../media/encoder.ts';
import type { FfmpegOptions } from '../media/ffmpeg.ts';
import { Limiter } from '../media/limiter.ts';
import { encodeImage } from '../media/sharp.ts';
import { type ClipOptions, clipDefaults, MOTION_CLASSES, renderMotionClip } from './renderMotion.ts';
import { renderShapeClip, SHAPE_CLASSES } from './renderShape.ts';
import { renderTexture, TEXTURE_CLASSES } from './renderTexture.ts';

/** Written last: a folder that has it holds a whole sample workspace. */
export const sampleMarker = 'about-these-samples.txt';

/** Samples of a split, all classes together. */
export interface SplitCounts {
  train: number;
  val: number;
}

export interface SampleOptions extends FfmpegOptions {
  seed?: number;
  motion?: SplitCounts;
  shapes?: SplitCounts;
  textures?: SplitCounts;
  clip?: ClipOptions;
  /** Frames a second. */
  rate?: number;
  /** Files written so far, and in all. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** One file to be: its path below the workspace, and how its pixels are drawn. */
interface Planned {
  path: string;
  format: VideoFormat | 'png' | 'jpeg';
  render(): Uint8Array;
}

/** Clips encoded by one run of ffmpeg. */
const batchSize = 60;

/**
 * Writes `motion-mini/`, `shapes-mini/` and `textures-mini/` below `folder`, and no cover.json. The same seed gives the
 * same pictures. Rejects with a UserError where the disk is full or a clip cannot be encoded, or with CancelledError.
 */
export async function createSampleWorkspace(folder: string, options: SampleOptions = {}): Promise<void> {
  const { clip = clipDefaults, rate = 8 } = options;
  // One failure ends the other batches too.
  const failed = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
  const planned = plan(options);
  const batches = inBatches(planned);
  const encoder = await Encoder.create(options);
  // One batch more than encoders, so that drawing goes on while they work.
  const limiter = new Limiter(availableParallelism() + 1);
  let done = 0;
  const write = async (path: string, bytes: Uint8Array) => {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
    options.onProgress?.(++done, planned.length);
  };
  try {
    await Promise.all(
      batches.map((batch) =>
        limiter.run(async () => {
          throwIfAborted(signal, 'Making the samples');
          const { format } = batch[0]!;
          if (format === 'png' || format === 'jpeg') {
            for (const one of batch)
              await write(one.path, await encodeImage(one.render(), clip.side, clip.side, format));
            return;
          }
          const clips = batch.map((one) => one.render());
          const files = await encoder.encode({ clips, ...clip, rate, format }, signal);
          for (const [i, bytes] of files.entries()) await write(batch[i]!.path, bytes);
        }, signal),
      ),
    );
    await writeFile(join(folder, sampleMarker), about);
  } catch (error) {
    failed.abort();
    if (systemCode(error) === 'ENOSPC')
      throw new UserError('no-space', `The disk is full: the samples in ${folder} are not whole. Make room.`, folder);
    throw error;
  } finally {
    await encoder.close();
  }
}

function plan(options: SampleOptions): Planned[] {
  const clip = options.clip ?? clipDefaults;
  const seed = options.seed ?? 1;
  const planned: Planned[] = [];
  /** Every sample draws from its own stream of random numbers, so that counts can change without changing the others. */
  const add = <C extends string>(
    dataset: string,
    stream: number,
    classes: readonly C[],
    counts: SplitCounts,
    formatOf: (round: number) => Planned['format'],
    render: (random: Random, cls: C) => Uint8Array,
  ) => {
    for (const [s, split] of (['train', 'val'] as const).entries()) {
      for (let i = 0; i < counts[split]; i++) {
        const cls = classes[i % classes.length]!;
        const round = Math.floor(i / classes.length);
        const format = formatOf(round);
        const name = `${split}-${String(round + 1).padStart(4, '0')}.${format === 'jpeg' ? 'jpg' : format}`;
        planned.push({
          path: join(dataset, split, cls, name),
          format,
          render: () => render(new Random(seed, (stream + s) * 0x1000000 + i), cls),
        });
      }
    }
  };
  add(
    'motion-mini',
    0,
    MOTION_CLASSES,
    options.motion ?? { train: 600, val: 120 },
    () => 'mp4',
    (random, cls) => renderMotionClip(random, cls, clip),
  );
  add(
    'shapes-mini',
    2,
    SHAPE_CLASSES,
    options.shapes ?? { train: 300, val: 60 },
    (round) => (round % 3 === 2 ? 'avi' : 'webm'),
    (random, cls) => renderShapeClip(random, cls, clip),
  );
  add(
    'textures-mini',
    4,
    TEXTURE_CLASSES,
    options.textures ?? { train: 600, val: 120 },
    (round) => (round % 4 === 3 ? 'jpeg' : 'png'),
    (random, cls) => renderTexture(random, cls, clip),
  );
  return planned;
}

/** Groups by format, which one run of the encoder shares. */
function inBatches(planned: readonly Planned[]): Planned[][] {
  const batches: Planned[][] = [];
  const open = new Map<string, Planned[]>();
  for (const one of planned) {
    let batch = open.get(one.format);
    if (!batch || batch.length === batchSize) {
      batch = [];
      open.set(one.format, batch);
      batches.push(batch);
    }
    batch.push(one);
  }
  return batches;
}

const about = `These samples were drawn by CoVeR Studio itself. They show nobody's material; use them as you like.

motion-mini    video  one shape on a plain ground; the classes differ by motion alone, and no single frame tells them
shapes-mini    video  the classes differ by the shape that is seen
textures-mini  image  the classes differ by the pattern
`;
