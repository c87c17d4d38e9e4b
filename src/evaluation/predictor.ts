// What every head of a run says of one file. Kept open between files: loading a model takes longer than one prediction.
import { UserError } from '../base/errors.ts';
import { requestOf } from '../clips/frameStore.ts';
import { centreLook, writePixels } from '../clips/pixels.ts';
import { protocolOf, type ResolvedExperiment, resolvedExperimentSchema } from '../config/resolved.ts';
import { mediaKind } from '../data/mediaFiles.ts';
import { chooseDevice } from '../engine/devices.ts';
import { Decoder } from '../media/decoder.ts';
import type { HeadPredictions } from '../protocol/events.ts';
import { newestRun } from '../runs/listRuns.ts';
import { openRun } from '../runs/runFolder.ts';
import { type Classifier, topClasses } from './classifier.ts';
import { openClassifier } from './openClassifier.ts';

export interface PredictorOptions {
  readonly workspace: string;
  /** Absent: the newest finished run. */
  readonly run?: string | undefined;
  readonly device?: string | undefined;
  readonly ffmpeg?: string | undefined;
}

export class Predictor {
  private constructor(
    /** The run's id. */
    readonly run: string,
    private readonly experiment: ResolvedExperiment,
    private readonly classifier: Classifier,
    private readonly decoder: Decoder,
  ) {}

  static async open({ workspace, run, device, ffmpeg }: PredictorOptions): Promise<Predictor> {
    const folder = run === undefined ? await newestRun(workspace) : await openRun(workspace, run);
    const experiment = await folder.readExperiment(resolvedExperimentSchema);
    const classifier = await openClassifier(folder, experiment, await chooseDevice(device ?? 'auto'));
    return new Predictor(
      folder.id,
      experiment,
      classifier,
      await Decoder.create(ffmpeg === undefined ? {} : { ffmpeg }),
    );
  }

  /** How a file is looked at. */
  protocolOf(file: string): string {
    return protocolOf(this.experiment.model, this.kindOf(file));
  }

  /** The `topK` best classes of every head, best first, for a video (its whole length) or an image. */
  async predict(
    file: string,
    topK: number,
    signal?: AbortSignal,
    onWarning?: (warning: string) => void,
  ): Promise<HeadPredictions> {
    const { model } = this.experiment;
    const kind = this.kindOf(file);
    const request = requestOf(
      { file, kind, start: null, end: null },
      { count: model.frames, shortSide: model.imageSize },
    );
    const clip = await this.decoder.decode(request, signal);
    if (clip.warning !== undefined) onWarning?.(clip.warning);
    const frames = kind === 'image' ? 1 : model.frames;
    const pixels = new Float32Array(frames * 3 * model.imageSize ** 2);
    writePixels(pixels, 0, clip, [...Array(frames).keys()], centreLook(clip), model);
    const probabilities = await this.classifier.classify(pixels, 1, frames);
    return Object.fromEntries(
      this.classifier.heads.map(({ name, classes }) => {
        const own = probabilities[name]!;
        const top = topClasses(own, 0, classes.length, topK);
        return [name, top.map((index) => ({ label: classes[index]!, probability: own[index]! }))];
      }),
    );
  }

  private kindOf(file: string): 'video' | 'image' {
    const kind = mediaKind(file);
    if (kind) return kind;
    throw new UserError(
      'unreadable-media',
      `${file} is neither a video nor an image by its name. Give a file such as .mp4, .webm, .avi, .png or .jpg.`,
      file,
    );
  }

  async close(): Promise<void> {
    await this.classifier.release();
    await this.decoder.close();
  }
}
