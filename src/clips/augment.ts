// What is done at random to one clip in training, all of it from one generator, the same for all frames: the crop
// (random resized, or of a jittered shorter side), rotation, mirroring, colour jitter, RandAugment, random erasing.
import type { Random } from '../base/random.ts';
import type { ResolvedExperiment, ResolvedModel } from '../config/resolved.ts';
import { centreLook, cutBytes, type Frames, type Look, writePixels } from './pixels.ts';
import { randAugment } from './randAugment.ts';

type Augmentation = ResolvedExperiment['augmentation'];

/** Writes the chosen frames, changed at random, as `writePixels` does. What is switched off draws nothing. */
export function writeAugmented(
  pixels: Float32Array,
  at: number,
  clip: Frames,
  frames: readonly number[],
  { model, augmentation }: Pick<ResolvedExperiment, 'model' | 'augmentation'>,
  horizontalFlip: boolean,
  random: Random,
): void {
  const { imageSize: size } = model;
  const look = randomLook(random, clip, augmentation, horizontalFlip, size);
  if (augmentation.randAugment.operations === 0) writePixels(pixels, at, clip, frames, look, model);
  else {
    const data = cutBytes(clip, frames, look, size);
    randAugment(data, frames.length, size, augmentation.randAugment, random);
    const cut: Frames = { width: size, height: size, data, frameOf: Uint16Array.from(frames, (_, i) => i) };
    const toned = { ...centreLook(cut), gain: look.gain, offset: look.offset, colours: look.colours };
    writePixels(pixels, at, cut, [...frames.keys()], toned, model);
  }
  if (augmentation.erasing.probability > 0) erase(pixels, at, frames.length, model, augmentation.erasing, random);
}

/** A random look: where the crop lies, how it is turned, mirrored and toned. `size`: the model's input, pixels. */
export function randomLook(
  random: Random,
  { width, height }: Pick<Frames, 'width' | 'height'>,
  { scale, aspect, shorterSide, rotation, brightness, contrast, saturation, hue }: Augmentation,
  horizontalFlip: boolean,
  size: number,
): Look {
  const shorter = Math.min(width, height);
  // Jitter: as if the frame were scaled until its shorter side is so many pixels, and the model's input cut out of it.
  const side = shorterSide
    ? (shorter * size) / random.between(...shorterSide)
    : shorter * Math.sqrt(random.between(...scale));
  const stretch = shorterSide ? 1 : Math.exp(random.between(-1, 1) * Math.log(aspect) * 0.5);
  const cropWidth = Math.min(width, side * stretch);
  const cropHeight = Math.min(height, side / stretch);
  const gain = 1 + random.between(-contrast, contrast);
  return {
    centreX: cropWidth / 2 + random.uniform() * (width - cropWidth),
    centreY: cropHeight / 2 + random.uniform() * (height - cropHeight),
    cropWidth,
    cropHeight,
    angle: (random.between(-rotation, rotation) * Math.PI) / 180,
    mirrored: horizontalFlip && random.uniform() < 0.5,
    gain,
    // Contrast turns around middle grey.
    offset: 0.5 * (1 - gain) + random.between(-brightness, brightness) * 0.5,
    colours: saturation > 0 || hue > 0 ? randomColours(random, saturation, hue) : undefined,
  };
}

// Rec. 601 luma and the two colour axes of YIQ, in which a turn is a change of hue.
const toYiq = [0.299, 0.587, 0.114, 0.595716, -0.274453, -0.321263, 0.211456, -0.522591, 0.311135];
const toRgb = [1, 0.9563, 0.621, 1, -0.2721, -0.6474, 1, -1.107, 1.7046];

function randomColours(random: Random, saturation: number, hue: number): number[] {
  const strength = 1 + random.between(-saturation, saturation);
  const angle = 2 * Math.PI * random.between(-hue, hue);
  const [cos, sin] = [strength * Math.cos(angle), strength * Math.sin(angle)];
  return product(product(toRgb, [1, 0, 0, 0, cos, -sin, 0, sin, cos]), toYiq);
}

/** Of 3 × 3 matrices. */
function product(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [i - (i % 3), i % 3];
    return a[row]! * b[column]! + a[row + 1]! * b[column + 3]! + a[row + 2]! * b[column + 6]!;
  });
}

/**
 * Random erasing (Zhong et al., 2017, algorithm 1): a rectangle of a random share of the area and of a shape between 0.3
 * and 1 / 0.3 becomes noise, in the same place and of the same noise in every frame.
 */
function erase(
  pixels: Float32Array,
  at: number,
  frames: number,
  { imageSize: size, mean, std }: ResolvedModel,
  { probability, scale }: Augmentation['erasing'],
  random: Random,
): void {
  if (random.uniform() >= probability) return;
  // The paper draws again until the rectangle fits; ten times are enough, and then nothing is erased.
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = random.between(...scale) * size * size;
    const shape = random.between(0.3, 1 / 0.3);
    const [height, width] = [Math.round(Math.sqrt(area * shape)), Math.round(Math.sqrt(area / shape))];
    if (height < 1 || width < 1 || height > size || width > size) continue;
    const [top, left] = [random.below(size - height + 1), random.below(size - width + 1)];
    for (let c = 0; c < 3; c++) {
      for (let y = top; y < top + height; y++) {
        for (let x = left; x < left + width; x++) {
          const noise = (random.below(256) / 255 - mean[c]!) / std[c]!;
          for (let f = 0; f < frames; f++) pixels[at + ((f * 3 + c) * size + y) * size + x] = noise;
        }
      }
    }
    return;
  }
}
