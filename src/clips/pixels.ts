// From a decoded clip to the model's pixels: one random geometric and photometric change, the same for all its frames (a
// change from frame to frame would be motion that is not there), or the centre crop for evaluation.
import type { Random } from '../base/random.ts';
import type { ResolvedExperiment, ResolvedModel } from '../config/resolved.ts';
import type { DecodedClip } from '../media/clip.ts';

/** How one clip is looked at. */
export interface Look {
  /** Centre of the crop, pixels of the decoded frame. */
  readonly centreX: number;
  readonly centreY: number;
  /** Width and height of the crop, pixels of the decoded frame. */
  readonly cropWidth: number;
  readonly cropHeight: number;
  /** Radians. */
  readonly angle: number;
  readonly mirrored: boolean;
  /** value · gain + offset, on values in 0 … 1. */
  readonly gain: number;
  readonly offset: number;
}

/** The centre square, whole, unchanged. */
export function centreLook({ width, height }: DecodedClip): Look {
  const side = Math.min(width, height);
  return {
    centreX: width / 2,
    centreY: height / 2,
    cropWidth: side,
    cropHeight: side,
    angle: 0,
    mirrored: false,
    gain: 1,
    offset: 0,
  };
}

/** A random crop of `scale` of the centre square's area (sides within 1 : 1.2), turned, mirrored and toned as allowed. */
export function randomLook(
  random: Random,
  { width, height }: DecodedClip,
  { scale, rotation, brightness, contrast }: ResolvedExperiment['augmentation'],
  horizontalFlip: boolean,
): Look {
  const side = Math.min(width, height) * Math.sqrt(random.between(...scale));
  const stretch = Math.exp(random.between(-1, 1) * Math.log(1.2) * 0.5);
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
  };
}

/**
 * Writes the chosen frames as [frames, 3, size, size] normalised float32 at `at` in `pixels`, bilinear, the frame's edge
 * repeated outside of it.
 */
export function writePixels(
  pixels: Float32Array,
  at: number,
  clip: DecodedClip,
  frames: readonly number[],
  look: Look,
  { imageSize: size, mean, std }: ResolvedModel,
): void {
  const { width, height, data } = clip;
  const plane = size * size;
  const [cos, sin] = [Math.cos(look.angle), Math.sin(look.angle)];
  const stepX = (look.mirrored ? -1 : 1) * (look.cropWidth / size);
  const stepY = look.cropHeight / size;
  const gains = std.map((deviation) => look.gain / 255 / deviation);
  const offsets = mean.map((centre, c) => (look.offset - centre) / std[c]!);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const [u, v] = [(column + 0.5 - size / 2) * stepX, (row + 0.5 - size / 2) * stepY];
      const x = clamp(look.centreX + cos * u - sin * v - 0.5, width - 1);
      const y = clamp(look.centreY + sin * u + cos * v - 0.5, height - 1);
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const [tx, ty] = [x - left, y - top];
      const right = left + 1 < width ? 3 : 0;
      const below = top + 1 < height ? width * 3 : 0;
      const [w00, w01, w10, w11] = [(1 - tx) * (1 - ty), tx * (1 - ty), (1 - tx) * ty, tx * ty];
      const corner = (top * width + left) * 3;
      const target = at + row * size + column;
      for (let f = 0; f < frames.length; f++) {
        const from = clip.frameOf[frames[f]!]! * height * width * 3 + corner;
        const to = target + f * 3 * plane;
        for (let c = 0; c < 3; c++) {
          const i = from + c;
          const value =
            data[i]! * w00 + data[i + right]! * w01 + data[i + below]! * w10 + data[i + below + right]! * w11;
          pixels[to + c * plane] = value * gains[c]! + offsets[c]!;
        }
      }
    }
  }
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}
