// What every head of a run says of one file. Kept open between files: loading a model takes longer than one prediction.
import { UserError } from '../base/errors.ts';
import { rateOf } from '../base/frameNames.ts';
import { evaluationFrames, requestOf } from '../clips/frameStore.ts';
import { writePixels } from '../clips/pixels.ts';
import { viewsOf } from '../clips/views.ts';
import { protocolOf, type ResolvedExperiment, resolvedExperimentSchema } from '../config/resolved.ts';
import { mediaKind } from '../data/mediaFiles.ts';
import { chooseDevice } from '../engine/devices.ts';
import type { ClipRequest, DecodedClip, FrameRange } from '../media/clip.ts';
import { framesIn } from '../media/decodeFolder.ts';
import { Decoder } from '../media/decoder.ts';
import { createProber, type Prober } from '../media/prober.ts';
import type { HeadPredictions } from '../protocol/events.ts';
import type { Attention, SeenFrames, TimelinePlan } from '../protocol/predictions.ts';
import { newestRun } from '../runs/listRuns.ts';
import { openRun, type RunFolder } from '../runs/runFolder.ts';
import { AttentionModel } from './attentionModel.ts';
import { type Classifier, type HeadProbabilities, topClasses } from './classifier.ts';
import { classifyViews } from './classifyViews.ts';
import { openClassifier } from './openClassifier.ts';
import { type ClipSpan, sampledTimes } from './sampledTimes.ts';
import { planTimeline, type Stretch, windowLength } from './timelinePlan.ts';

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
  private attending: Promise<AttentionModel> | undefined;
  private readonly prober: Prober;

  private constructor(
    private readonly folder: RunFolder,
    private readonly experiment: ResolvedExperiment,
    private readonly classifier: Classifier,
    private readonly decoder: Decoder,
    ffmpeg: string | undefined,
  ) {
    this.prober = createProber({ ffmpeg });
  }

  static async open({ workspace, run, device, ffmpeg }: PredictorOptions): Promise<Predictor> {
    const folder = run === undefined ? await newestRun(workspace) : await openRun(workspace, run);
    const experiment = await folder.readExperiment(resolvedExperimentSchema);
    // The cheaper first: a wrong ffmpeg setting is told before a model is loaded for nothing.
    const decoder = await Decoder.create({ ffmpeg });
    try {
      const classifier = await openClassifier(folder, experiment, await chooseDevice(device ?? 'auto'));
      return new Predictor(folder, experiment, classifier, decoder, ffmpeg);
    } catch (error) {
      await decoder.close();
      throw error;
    }
  }

  /** The run's id. */
  get run(): string {
    return this.folder.id;
  }

  /** The file of the model that is asked. */
  get model(): string {
    return this.folder.file('model.onnx');
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
    const clip = await this.decode(what, signal);
    if (clip.warning !== undefined) onWarning?.(clip.warning);
    return this.best(await classifyViews(this.classifier, this.experiment, this.kindOf(what), [clip]), 0, topK);
  }

  /** When the frames that `predict` looks at are on the screen, seconds; empty for an image. */
  async seen(what: ClipFile, signal?: AbortSignal): Promise<Omit<SeenFrames, 'run'>> {
    const span = await this.span(what, signal);
    const { crops } = this.experiment.views;
    return span
      ? { times: sampledTimes(this.experiment, span), rate: span.rate, crops }
      : { times: [], rate: null, crops };
  }

  /** Where the model looks in its middle view. Throws UserError `no-attention`. */
  async attention(what: ClipFile, signal?: AbortSignal): Promise<Omit<Attention, 'run'>> {
    const { experiment } = this;
    const kind = this.kindOf(what);
    this.attending ??= AttentionModel.open(this.folder, experiment);
    const model = await this.attending.catch((error: unknown) => {
      this.attending = undefined;
      throw error;
    });
    const clip = await this.decode(what, signal);
    const { clips, crops } = experiment.views;
    const views = viewsOf(experiment, kind);
    const ofClips = kind === 'image' ? 1 : clips;
    const view = views[(ofClips >> 1) * crops + (crops >> 1)]!;
    const { imageSize } = experiment.model;
    const pixels = new Float32Array(view.frames.length * 3 * imageSize ** 2);
    writePixels(pixels, 0, clip, view.frames, view.look(clip), experiment.model);
    const { patches, classToken } = await model.look(pixels, view.frames.length);
    const span = await this.span(what, signal);
    const times = span && sampledTimes(experiment, clip.duration === null ? span : endingAt(span, clip.duration));
    const count = model.side ** 2;
    return {
      kind: model.kind,
      side: model.side,
      classToken,
      frames: view.frames.map((candidate, f) => ({
        time: times?.[candidate] ?? null,
        grid: Array.from(patches.subarray(f * count, (f + 1) * count), (share) => Number(share.toPrecision(5))),
      })),
      view:
        [ofClips > 1 && `the middle one of ${ofClips} clips`, crops > 1 && `the centre one of ${crops} crops`]
          .filter(Boolean)
          .join(', ') || null,
    };
  }

  /** The windows of a video, of `length` seconds or as fits the model; one window for what has no length in seconds. */
  async planTimeline(what: ClipFile, length: number | undefined, signal?: AbortSignal): Promise<TimelinePlan> {
    const { frames } = this.experiment.model;
    const span = await this.span(what, signal);
    if (!span) return { from: 0, to: 0, length: 0, stride: 0, windows: 1, frames };
    return planTimeline(span, length ?? windowLength(this.experiment, span.rate ?? 25), frames);
  }

  /** The `topK` best classes of every head for each window of a stretch, each seen as one clip × one centre crop. */
  async windows(
    what: ClipFile,
    stretch: Stretch,
    topK: number,
    signal?: AbortSignal,
  ): Promise<{ windows: HeadPredictions[]; warning: string | null }> {
    const { count, step, windows } = stretch;
    const { model, sampling } = this.experiment;
    const uniform = { model, sampling: { ...sampling, name: 'uniform' as const }, views: { clips: 1, crops: 1 } };
    const request = { file: what.file, kind: 'video' as const, ...(await partOf(what, stretch)) };
    const clip = await this.decoder.decode(requestOf(request, { count, shortSide: model.imageSize }), signal);
    const clips = Array.from({ length: windows }, (_, i) => ({ ...clip, frameOf: clip.frameOf.subarray(i * step) }));
    const probabilities = await classifyViews(this.classifier, uniform, 'video', clips);
    return { windows: clips.map((_, i) => this.best(probabilities, i, topK)), warning: clip.warning ?? null };
  }

  async close(): Promise<void> {
    await this.classifier.release();
    await this.attending?.then(
      (model) => model.release(),
      () => undefined,
    );
    await this.prober.close();
    await this.decoder.close();
  }

  private decode(what: ClipFile, signal: AbortSignal | undefined): Promise<DecodedClip> {
    const { file, start = null, end = null, frames } = what;
    const kind = this.kindOf(what);
    return this.decoder.decode(
      requestOf({ file, kind, start, end, frames }, evaluationFrames(this.experiment)),
      signal,
    );
  }

  /** Where the clip lies in its file; undefined where there are no seconds. */
  private async span(what: ClipFile, signal: AbortSignal | undefined): Promise<ClipSpan | undefined> {
    if (this.kindOf(what) === 'image') return undefined;
    if (what.frames) {
      const rate = rateOf(what.frames);
      return { start: 0, end: (await framesIn(what)).length / rate, rate };
    }
    const { duration, rate } = await this.prober.probe({ file: what.file, kind: 'video' }, signal);
    const start = what.start ?? 0;
    if (duration !== null) return { start, end: Math.min(what.end ?? duration, duration), rate };
    const seconds = (await this.decode(what, signal)).duration;
    return seconds === null ? undefined : { start, end: start + seconds, rate };
  }

  private best(probabilities: HeadProbabilities, clip: number, topK: number): HeadPredictions {
    return Object.fromEntries(
      this.classifier.heads.map(({ name, classes }) => {
        const own = probabilities[name]!;
        const start = clip * classes.length;
        const top = topClasses(own, start, classes.length, topK);
        return [name, top.map((index) => ({ label: classes[index]!, probability: own[start + index]! }))];
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
}

/** A stretch of a clip as the decoder is asked for it: of a folder of frames those images that are shown then. */
async function partOf(what: ClipFile, { start, end }: Stretch): Promise<Pick<ClipRequest, 'start' | 'end' | 'frames'>> {
  if (!what.frames) return { start, end };
  const all = await framesIn(what);
  const rate = rateOf(what.frames);
  const at = (index: number) => all[Math.min(all.length - 1, Math.max(0, index))]!.number;
  const first = at(Math.floor(start * rate + 1e-6));
  const last = Math.max(first, at(Math.ceil(end * rate - 1e-6) - 1));
  return { start: null, end: null, frames: { ...what.frames, first, count: last - first + 1 } };
}

/** What was decoded tells how long the clip is better than the header does. */
function endingAt({ start, rate }: ClipSpan, seconds: number): ClipSpan {
  return { start, end: start + seconds, rate };
}
