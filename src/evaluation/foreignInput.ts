// How pictures go into a model that somebody else made: the layout of its input, and its preprocessing, as given, as the model
// or the files beside it say, or guessed; always told.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../base/errors.ts';
import { badModel } from './onnxFile.ts';

/** N clips, M views of each that the model averages (mmaction2's 3-D recognisers), T frames, C = 3 channels, H rows, W columns. */
export const layouts = ['NCHW', 'NHWC', 'NCTHW', 'NTCHW', 'NTHWC', 'NMCTHW'] as const;
export type Layout = (typeof layouts)[number];

export interface ModelInput {
  readonly name: string;
  readonly type: string;
  /** A name where it is not fixed. */
  readonly shape: readonly (number | string)[];
}

/** What a person may give in place of what is found. */
export interface InputChoice {
  readonly layout?: Layout | undefined;
  readonly frames?: number | undefined;
  readonly size?: number | undefined;
  /** Shorter side before the centre square is cut out. */
  readonly resize?: number | undefined;
  readonly mean?: readonly number[] | undefined;
  readonly std?: readonly number[] | undefined;
  /** What white is before mean and std: 1 or 255. */
  readonly range?: number | undefined;
  readonly colours?: 'rgb' | 'bgr' | undefined;
}

export interface Preprocessing {
  readonly layout: Layout;
  /** Clips at once, where the model takes no other number. */
  readonly batch: number | undefined;
  /** Of a video model: of its input. Of an image model: so many frames of a video are judged, and averaged. */
  readonly frames: number;
  /** M of the layout, each the same clip; 1 where it has no M. */
  readonly views: number;
  /** Whether the model takes any number of frames. */
  readonly anyFrames: boolean;
  readonly size: number;
  readonly resize: number;
  /** Of pixels in 0 … 1, in the order red, green, blue. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  readonly bgr: boolean;
  /** For a person: every choice, and where it comes from. */
  readonly told: readonly string[];
}

const imageNet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const guessedFrames = 8;
const guessedSize = 224;

/** Throws UserError `bad-model-file` where the input is not of this kind, `model-input` where something has to be given. */
export async function chooseInput(
  file: string,
  input: ModelInput,
  metadata: ReadonlyMap<string, string>,
  given: InputChoice,
): Promise<Preprocessing> {
  if (input.type !== 'float32')
    throw badModel(file, `takes ${input.type} where pictures as float32 are needed: export it with a float32 input`);
  const layout = layoutOf(file, input.shape, given.layout);
  const dims = Object.fromEntries([...layout].map((axis, i) => [axis, input.shape[i]]));
  const [n, t, h, w] = ['N', 'T', 'H', 'W'].map((axis) => fixed(dims[axis])) as (number | undefined)[];
  if (h !== w && h !== undefined && w !== undefined)
    throw badModel(file, `takes pictures of ${w} × ${h} pixels; only square ones can be given`);
  const stated = (await statedBy(file, metadata)) ?? { from: '' };
  const told = [`Input ${input.name} ${shapeText(input.shape)}: ${layout}${given.layout ? ' (given)' : ''}.`];
  const pick = <T>(what: string, options: [T | undefined, string][], show: (value: T) => string): T => {
    const [value, from] = options.find(([option]) => option !== undefined)! as [T, string];
    told.push(`${what}: ${show(value)} (${from}).`);
    return value;
  };
  const whole = String;
  const size = pick(
    'Size',
    [
      [h ?? w, "the model's"],
      [given.size, 'given'],
      [stated.size, stated.from],
      [guessedSize, 'guessed'],
    ],
    whole,
  );
  requireFit(file, 'size', given.size, h ?? w);
  requireFit(file, 'frames', layout.includes('T') ? given.frames : undefined, t);
  const resize = pick(
    'Shorter side before the centre is cut out',
    [
      [given.resize, 'given'],
      [stated.resize, stated.from],
      [size, 'as the size'],
    ],
    whole,
  );
  if (resize < size)
    throw new UserError('model-input', `--resize ${resize} is smaller than the model's ${size} pixels.`);
  const frames = pick(
    layout.includes('T') ? 'Frames' : 'Frames of a video, each judged as an image and averaged',
    [
      [t, "the model's"],
      [given.frames, 'given'],
      [layout.includes('T') ? stated.frames : undefined, stated.from],
      [guessedFrames, 'guessed'],
    ],
    whole,
  );
  const views = fixed(dims.M) ?? 1;
  if (views > 1) told.push(`Views: the model averages ${views}, and is given the same clip as each of them.`);
  const spaced = (values: readonly number[]) => values.join(' ');
  const guess = stated.from === '' ? 'guessed: ImageNet’s' : 'guessed: ImageNet’s, since nothing says it';
  const mean = pick(
    'Mean',
    [
      [given.mean, 'given'],
      [stated.mean, stated.from + (stated.scaling ?? '')],
      [imageNet.mean, guess],
    ],
    spaced,
  );
  const std = pick(
    'Deviation',
    [
      [given.std, 'given'],
      [stated.std, stated.from + (stated.scaling ?? '')],
      [imageNet.std, guess],
    ],
    spaced,
  );
  const isScaled = stated.scaling !== undefined && mean === stated.mean && std === stated.std;
  const looksLikeBytes = !isScaled && (mean.some((value) => value > 1) || std.some((value) => value > 4));
  const range = given.range ?? (looksLikeBytes ? 255 : (stated.range ?? 1));
  told.push(
    `Pixels 0 … ${range}, ${given.colours === 'bgr' ? 'blue, green, red' : 'red, green, blue'}${given.colours ? ' (given)' : ''}.`,
  );
  if (std.some((value) => !(value > 0)))
    throw new UserError('model-input', 'Every standard deviation must be above 0.');
  return {
    ...{ layout, batch: n, frames, views, anyFrames: layout.includes('T') && t === undefined, size, resize },
    mean: triple(mean.map((value) => value / range)),
    std: triple(std.map((value) => value / range)),
    bgr: given.colours === 'bgr',
    told,
  };
}

/** Given beside what the model fixes: it must be the same. */
function requireFit(file: string, what: string, given: number | undefined, own: number | undefined): void {
  if (given !== undefined && own !== undefined && given !== own)
    throw new UserError('model-input', `--${what} ${given} does not fit: the model takes ${own}.`, file);
}

function layoutOf(file: string, shape: readonly (number | string)[], given: Layout | undefined): Layout {
  const possible = layouts.filter((layout) => layout.length === shape.length);
  if (possible.length === 0)
    throw badModel(file, `takes an input of shape ${shapeText(shape)}: no image (rank 4) and no video (rank 5 or 6)`);
  if (given) {
    const channels = fixed(shape[given.indexOf('C')]);
    if (!possible.includes(given) || (channels !== undefined && channels !== 3))
      throw new UserError(
        'model-input',
        `The layout ${given} does not fit the model's input ${shapeText(shape)}.`,
        file,
      );
    return given;
  }
  const fitting = possible.filter((layout) => {
    const [channels, h, w] = ['C', 'H', 'W'].map((axis) => shape[layout.indexOf(axis)]);
    return channels === 3 && (typeof h !== 'number' || typeof w !== 'number' || h === w);
  });
  if (fitting.length === 1) return fitting[0]!;
  const choices = (fitting.length > 0 ? fitting : possible).join(', ');
  const why = fitting.length > 0 ? 'may be any of several layouts' : 'does not say where its 3 colours are';
  throw new UserError(
    'model-input',
    `The model's input ${shapeText(shape)} ${why}. Give --layout, one of ${choices}.`,
    file,
  );
}

function fixed(dim: number | string | undefined): number | undefined {
  return typeof dim === 'number' && dim > 0 ? dim : undefined;
}

export function shapeText(shape: readonly (number | string)[]): string {
  return `[${shape.map((dim) => fixed(typeof dim === 'string' ? undefined : dim) ?? (String(dim) || '?')).join(', ')}]`;
}

function triple(values: readonly number[]): [number, number, number] {
  const [red = 0, green = red, blue = red] = values;
  return [red, green, blue];
}

interface Stated {
  from: string;
  size?: number | undefined;
  resize?: number | undefined;
  frames?: number | undefined;
  mean?: number[] | undefined;
  std?: number[] | undefined;
  range?: number | undefined;
  /** Where mean and std have another scaling of the pixels counted in: what of `from` says it. */
  scaling?: string | undefined;
}

const channels = z.array(z.number()).length(3);
const side = z.number().int().positive().max(8192);
/** What our own exports carry. */
const oursSchema = z.object({ size: side, frames: side, mean: channels, std: channels });
/** Hugging Face's preprocessor_config.json. */
const sideOf = z.union([
  side,
  z.object({ shortest_edge: side }).transform(({ shortest_edge }) => shortest_edge),
  z.object({ height: side, width: side }).transform(({ height }) => height),
]);
const preprocessorSchema = z.object({
  image_mean: channels.optional(),
  image_std: channels.optional(),
  do_normalize: z.boolean().optional(),
  do_rescale: z.boolean().optional(),
  rescale_factor: z.number().positive().optional(),
  /** Of ViViT's: 1 is taken from the scaled pixels. */
  offset: z.boolean().optional(),
  do_center_crop: z.boolean().optional(),
  size: sideOf.optional(),
  crop_size: sideOf.optional(),
});

async function statedBy(file: string, metadata: ReadonlyMap<string, string>): Promise<Stated | undefined> {
  const ours = oursSchema.safeParse(parsed(metadata.get('preprocessing')));
  if (ours.success) return { ...ours.data, from: "the model's metadata" };
  const text = await readFile(join(dirname(file), 'preprocessor_config.json'), 'utf8').catch(() => undefined);
  const { data } = preprocessorSchema.safeParse(parsed(text));
  if (!data) return undefined;
  const crop = data.do_center_crop === false ? undefined : data.crop_size;
  const plain = data.do_normalize === false;
  return {
    from: 'preprocessor_config.json beside it',
    size: crop ?? data.size,
    resize: crop === undefined ? undefined : data.size,
    range: data.do_rescale === false ? 255 : 1,
    ...scaled(plain ? [0, 0, 0] : data.image_mean, plain ? [1, 1, 1] : data.image_std, data),
  };
}

/** (255 p · factor − offset − mean) / std of pixels p in 0 … 1, as (p − mean′) / std′. */
function scaled(
  mean: number[] | undefined,
  std: number[] | undefined,
  { do_rescale, rescale_factor = 1 / 255, offset = false }: z.infer<typeof preprocessorSchema>,
): Pick<Stated, 'mean' | 'std' | 'scaling'> {
  const white = Number((255 * rescale_factor).toPrecision(9)); // files have 1/255 as so many digits
  if (do_rescale === false || (white === 1 && !offset)) return { mean, std };
  return {
    mean: mean?.map((value) => (value + Number(offset)) / white),
    std: std?.map((value) => value / white),
    scaling: `, with its rescale_factor${offset ? ' and offset' : ''}`,
  };
}

/** Undefined where it is no JSON. */
export function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
