// What every head of a run says of one file. Kept open between files: loading a model takes longer than one prediction.
import { UserError } from '../base/errors.ts';
import { evaluationFrames, requestOf } from '../clips/frameStore.ts';
import { protocolOf, type ResolvedExperiment, resolvedExperimentSchema } from '../config/resolved.ts';
import { mediaKind } from '../data/mediaFiles.ts';
import { chooseDevice } from '../engine/devices.ts';
import type { FrameRange } from '../media/clip.ts';
import { Decoder } from '../media/decoder.ts';
import type { HeadPredictions } from '../protocol/events.ts';
import { newestRun } from '../runs/listRuns.ts';
import { openRun } from '../runs/runFolder.ts';
import { type Classifier, topClasses } from './classifier.ts';
import { classifyViews } from './classifyViews.ts';
import { openClassifier } from './openClassifier.ts';

export interface PredictorOptions {
  readonly workspace: string;
  /** Absent: the newest finished run. */
  readonly run?: string | undefined;
  readonly device?: string | undefined;
  readonly ffmpeg?: string | undefined;
}

/** A file, and what is known of it where it is a sample of a dataset. */
export interface ClipFile {
  readonly file: string;
  /** Absent: by the file's name. */
  readonly kind?: 'video' | 'image' | undefined;
  /** Seconds; absent or null: the whole file. */
  readonly start?: number | null | undefined;
  readonly end?: number | null | undefined;
  /** Of a folder of images. */
  readonly frames?: FrameRange | undefined;
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
    // The cheaper first: a wrong ffmpeg setting is told before a model is loaded for nothing.
    const decoder = await Decoder.create({ ffmpeg });
    try {
      const classifier = await openClassifier(folder, experiment, await chooseDevice(device ?? 'auto'));
      return new Predictor(folder.id, experiment, classifier, decoder);
    } catch (error) {
      await decoder.close();
      throw error;
    }
  }

  /** How a clip is looked at. */
  protocolOf(clip: ClipFile): string {
    return protocolOf(this.experiment, this.kindOf(clip));
  }

  /** The `topK` best classes of every head, best first, for a video, a part of one, or an image. */
  async predict(
    what: ClipFile,
    topK: number,
    signal?: AbortSignal,
    onWarning?: (warning: string) => void,
  ): Promise<HeadPredictions> {
    const kind = this.kindOf(what);
    const request = requestOf(
      { file: what.file, kind, start: what.start ?? null, end: what.end ?? null, frames: what.frames },
      evaluationFrames(this.experiment),
    );
    const clip = await this.decoder.decode(request, signal);
    if (clip.warning !== undefined) onWarning?.(clip.warning);
    const probabilities = await classifyViews(this.classifier, this.experiment, kind, [clip]);
    return Object.fromEntries(
      this.classifier.heads.map(({ name, classes }) => {
        const own = probabilities[name]!;
        const top = topClasses(own, 0, classes.length, topK);
        return [name, top.map((index) => ({ label: classes[index]!, probability: own[index]! }))];
      }),
    );
  }

  private kindOf({ file, kind: known }: ClipFile): 'video' | 'image' {
    const kind = known ?? mediaKind(file);
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
