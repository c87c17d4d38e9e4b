// A model that somebody else made as a classifier like ours: clips in our order of axes go in in its own, and its logits or
// probabilities come out as one head's probabilities.
import { messageOf, UserError } from '../base/errors.ts';
import type { Device } from '../engine/devices.ts';
import { type HostTensor, Session } from '../engine/onnxruntime.ts';
import type { HeadSpec } from '../model/modelSpec.ts';
import { type HeadProbabilities, softmaxRows } from './classifier.ts';
import type { ModelInput, Preprocessing } from './foreignInput.ts';
import { badModel, type OnnxFile } from './onnxFile.ts';
import { clampRounding, isProbability } from './probability.ts';

export class ForeignClassifier {
  heads: readonly HeadSpec[] = [];
  /** What the outputs are: asked for, or seen from the first ones. */
  kind: 'probabilities' | 'logits' | undefined;
  private output = '';
  private input: Preprocessing | undefined;

  private constructor(
    private readonly file: string,
    private readonly session: Session,
  ) {}

  /** Throws UserError `bad-model-file`. */
  static async open(file: string, { model }: OnnxFile, device: Device): Promise<ForeignClassifier> {
    try {
      return new ForeignClassifier(file, await Session.create(model, { provider: device.provider }));
    } catch (error) {
      throw badModel(file, `cannot be loaded: ${firstLine(error)}`);
    }
  }

  /** The one input there is. */
  get modelInput(): ModelInput {
    const { inputs } = this.session;
    if (inputs.length === 1) return inputs[0]!;
    const names = inputs.map(({ name }) => name).join(', ') || 'none';
    throw badModel(this.file, `has ${inputs.length} inputs (${names}) where one, the pictures, is expected`);
  }

  get outputNames(): readonly string[] {
    return this.session.outputNames;
  }

  /** Which of the outputs is meant: the one asked for, the only one, or the one of the head called like the dataset. */
  outputFor(asked: string | undefined, dataset: string): string {
    const names = this.outputNames;
    const found =
      asked === undefined ? (names.length === 1 ? names[0] : undefined) : names.find((name) => name === asked);
    const own =
      asked === undefined ? names.find((name) => name === `logits.${dataset}` || name === 'logits') : undefined;
    const output = found ?? own;
    if (output !== undefined) return output;
    const which = asked === undefined ? 'Say which of its outputs to take' : `It has no output "${asked}"`;
    throw new UserError('model-output', `${which}: --output, one of ${names.join(', ')}.`, this.file);
  }

  /** Call before `classify`. */
  use(input: Preprocessing, output: string, kind: ForeignClassifier['kind']): void {
    this.input = input;
    this.output = output;
    this.kind = kind;
  }

  /** How many classes the output has, from a run on black pictures. */
  async countClasses(): Promise<number> {
    const { frames, resize, layout } = this.input!;
    const count = layout.includes('T') ? frames : 1;
    const logits = await this.run(new Float32Array(count * 3 * resize * resize), 1, count, undefined);
    return logits.length;
  }

  /** `pixels` [clips, frames, 3, resize, resize]; the centre of each picture is what the model sees. */
  async classify(pixels: Float32Array, clips: number, frames: number): Promise<HeadProbabilities> {
    const { layout, batch = 8, frames: wanted, anyFrames, resize } = this.input!;
    const [{ name, classes }] = this.heads as [HeadSpec];
    // An image model judges frame by frame; a video model sees an image as a video that stands still.
    const isVideo = layout.includes('T');
    const [units, length] = isVideo ? [clips, anyFrames ? frames : wanted] : [clips * frames, 1];
    const unit = (isVideo ? frames : 1) * 3 * resize * resize;
    const scores = new Float32Array(units * classes.length);
    for (let from = 0; from < units; from += batch) {
      const count = Math.min(batch, units - from);
      const part = pixels.subarray(from * unit, (from + count) * unit);
      const given = repeated(part, count, isVideo ? frames : 1, length);
      scores.set(await this.run(given, count, length, classes.length), from * classes.length);
    }
    this.kind ??= seemProbabilities(scores, classes.length) ? 'probabilities' : 'logits';
    const probabilities = this.kind === 'logits' ? softmaxRows(scores, classes.length) : scores.map(clampRounding);
    return { [name]: isVideo ? probabilities : meanOf(probabilities, clips, frames, classes.length) };
  }

  release(): Promise<void> {
    return this.session.release();
  }

  private async run(
    pixels: Float32Array,
    count: number,
    frames: number,
    classes: number | undefined,
  ): Promise<Float32Array> {
    const { batch } = this.input!;
    let result: HostTensor;
    try {
      const results = await this.session.run({
        [this.modelInput.name]: this.arranged(pixels, count, frames, batch ?? count),
      });
      result = results[this.output]!;
    } catch (error) {
      throw badModel(this.file, `cannot be run on pictures arranged as ${this.input!.layout}: ${firstLine(error)}`);
    }
    const { data, shape } = result;
    const width = shape.slice(1).reduce((product, dim) => product * dim, 1);
    const flat = shape.length >= 2 && shape.slice(1).filter((dim) => dim !== 1).length <= 1;
    if (
      !(data instanceof Float32Array) ||
      !flat ||
      shape[0] !== (batch ?? count) ||
      (classes !== undefined && width !== classes)
    )
      throw badModel(
        this.file,
        `gives an output ${this.output} of shape [${shape.join(', ')}] where [${batch ?? count}, ${classes ?? 'classes'}] is expected`,
      );
    if (data.some((value) => !Number.isFinite(value)))
      throw badModel(this.file, `gives numbers that are not finite: is its preprocessing another?`);
    return data.subarray(0, count * width);
  }

  /** Ours [n, t, c, y, x] cut to the centre, in the model's order of axes; a batch that is not full is filled up with black. */
  private arranged(pixels: Float32Array, count: number, frames: number, batch: number): HostTensor {
    const { layout, size, resize, bgr, views } = this.input!;
    const sizes: Record<string, number> = { N: batch, M: views, T: frames, C: 3, H: size, W: size };
    const shape = [...layout].map((axis) => sizes[axis]!);
    const strides: Record<string, number> = {};
    [...layout].reduceRight((stride, axis) => {
      strides[axis] = stride;
      return stride * sizes[axis]!;
    }, 1);
    const {
      N: nStride,
      M: mStride = 0,
      T: tStride = 0,
      C: cStride,
      H: hStride,
      W: wStride,
    } = strides as Record<'N' | 'C' | 'H' | 'W', number> & { M?: number; T?: number };
    const data = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
    const corner = Math.floor((resize - size) / 2);
    for (let n = 0; n < count; n++) {
      const clip = n * nStride;
      for (let t = 0; t < frames; t++)
        for (let c = 0; c < 3; c++) {
          const plane = ((n * frames + t) * 3 + (bgr ? 2 - c : c)) * resize * resize;
          const target = clip + t * tStride + c * cStride;
          for (let y = 0; y < size; y++) {
            const row = plane + (y + corner) * resize + corner;
            const to = target + y * hStride;
            for (let x = 0; x < size; x++) data[to + x * wStride] = pixels[row + x]!;
          }
        }
      for (let m = 1; m < views; m++) data.copyWithin(clip + m * mStride, clip, clip + mStride);
    }
    return { data, shape };
  }
}

/** Clips of one frame as clips of `length` frames that are all alike; others as they are. */
function repeated(pixels: Float32Array, clips: number, frames: number, length: number): Float32Array {
  if (frames === length) return pixels;
  const frame = pixels.length / clips / frames;
  const result = new Float32Array(clips * length * frame);
  for (let clip = 0; clip < clips; clip++)
    for (let t = 0; t < length; t++) {
      const from = (clip * frames + Math.min(t, frames - 1)) * frame;
      result.set(pixels.subarray(from, from + frame), (clip * length + t) * frame);
    }
  return result;
}

function meanOf(probabilities: Float32Array, clips: number, frames: number, classes: number): Float32Array {
  // Summed in float64: rounded at every frame, the mean of probabilities could be above 1.
  const mean = new Float64Array(clips * classes);
  for (let i = 0; i < probabilities.length; i++) {
    const clip = Math.floor(i / (frames * classes));
    mean[clip * classes + (i % classes)]! += probabilities[i]! / frames;
  }
  return Float32Array.from(mean);
}

/** Whether every row is in 0 … 1 and sums to 1. */
function seemProbabilities(scores: Float32Array, width: number): boolean {
  for (let start = 0; start < scores.length; start += width) {
    let sum = 0;
    for (let i = start; i < start + width; i++) {
      if (!isProbability(clampRounding(scores[i]!))) return false;
      sum += scores[i]!;
    }
    if (Math.abs(sum - 1) > 0.001) return false;
  }
  return true;
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n')[0]!.replace(/\.$/, '').slice(0, 300);
}
