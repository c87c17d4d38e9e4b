// Decoded frames, kept in memory as bytes up to a limit, so that an epoch does not decode again what the last one did.
// Beyond the limit the least recently used clips go and are decoded again when they are next asked for.
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../base/errors.ts';
import type { ResolvedExperiment } from '../config/resolved.ts';
import type { ClipRequest, DecodedClip } from '../media/clip.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { FrameSource } from './cachedDecoder.ts';
import type { FrameThreadOptions } from './frameMessages.ts';
import { candidatesOf, trainingPlaces } from './sampling.ts';

export interface FrameStoreOptions {
  /** Candidate frames a video; an image has one. */
  readonly count: number;
  readonly pattern?: ClipRequest['pattern'];
  /** Shorter side of the kept frames, pixels. */
  readonly shortSide: number;
  /** Most bytes to keep in memory. */
  readonly limit: number;
  /** Hears of a file that was only partly readable: its clip is used, and the person should know. */
  readonly onWarning?: ((sample: Sample, warning: string) => void) | undefined;
}

export class FrameStore {
  private readonly clips = new Map<string, DecodedClip>();
  private readonly pending = new Map<string, Promise<DecodedClip>>();
  /** What could not be read, and why: asked again, it would take as long to fail again. */
  private readonly unreadable = new Map<string, UserError>();
  private bytes = 0;

  constructor(
    private readonly source: FrameSource,
    private readonly options: FrameStoreOptions,
  ) {}

  /** Whether another clip like those kept so far would still fit. */
  get hasRoom(): boolean {
    const average = this.clips.size === 0 ? 0 : this.bytes / this.clips.size;
    return this.bytes + average < this.options.limit;
  }

  /** The share of so many clips, like those kept so far, that there is room for: 0 … 1. */
  shareKept(clips: number): number {
    const average = this.clips.size === 0 ? 0 : this.bytes / this.clips.size;
    return Math.min(1, this.options.limit / Math.max(1, average * clips));
  }

  /** The sample's frames. Rejects with UserError 'unreadable-media'. */
  async get(sample: Sample, signal?: AbortSignal): Promise<DecodedClip> {
    const kept = this.clips.get(sample.id);
    if (kept) {
      this.clips.delete(sample.id); // to the end: most recently used
      this.clips.set(sample.id, kept);
      return kept;
    }
    const failure = this.unreadable.get(sample.id);
    if (failure) throw failure;
    const known = this.pending.get(sample.id);
    if (known) return known;
    const decoding = this.source.decode(requestOf(sample, this.options), signal);
    this.pending.set(sample.id, decoding);
    try {
      const clip = await decoding;
      this.keep(sample.id, clip);
      if (clip.warning !== undefined) this.options.onWarning?.(sample, clip.warning);
      return clip;
    } catch (error) {
      if (isUnreadable(error)) this.unreadable.set(sample.id, error);
      throw error;
    } finally {
      this.pending.delete(sample.id);
    }
  }

  private keep(id: string, clip: DecodedClip): void {
    this.clips.set(id, clip);
    this.bytes += clip.data.byteLength;
    for (const [oldest, old] of this.clips) {
      if (this.bytes <= this.options.limit) break;
      this.clips.delete(oldest);
      this.bytes -= old.data.byteLength;
    }
  }
}

/** Whether an error says that a file cannot be read, rather than that the work was stopped or broke down. */
export function isUnreadable(error: unknown): error is UserError {
  return error instanceof UserError && error.code === 'unreadable-media';
}

/** What to ask the decoder for a sample. */
export function requestOf(
  { file, kind, start, end, frames }: Pick<Sample, 'file' | 'kind' | 'start' | 'end'> & Pick<ClipRequest, 'frames'>,
  { count, pattern, shortSide }: Pick<FrameStoreOptions, 'count' | 'pattern' | 'shortSide'>,
): ClipRequest {
  return kind === 'image'
    ? { file, kind, start, end, count: 1, shortSide }
    : { file, kind, start, end, count, ...(pattern && { pattern }), ...(frames && { frames }), shortSide };
}

/** What training takes its clips from: frames at every place, somewhat larger than the model's input. */
export function trainingFrames({
  model,
  sampling,
  augmentation,
  stages,
}: Pick<ResolvedExperiment, 'model' | 'sampling' | 'augmentation' | 'stages'>): Pick<
  FrameStoreOptions,
  'count' | 'pattern' | 'shortSide'
> {
  // A quarter larger, so that a crop is not blown up much; or as large as jitter makes it.
  const jitters = stages.map((stage) => (stage.augmentation ?? augmentation).shorterSide?.[1] ?? 0);
  const shortSide = Math.max(Math.ceil(model.imageSize * 1.25), ...jitters);
  return { ...candidatesOf(sampling, model.frames, trainingPlaces(sampling)), shortSide };
}

/** What evaluation looks at: the frames of all its clips, as large as the model's input. */
export function evaluationFrames({
  model,
  sampling,
  views,
}: Pick<ResolvedExperiment, 'model' | 'sampling' | 'views'>): Pick<
  FrameStoreOptions,
  'count' | 'pattern' | 'shortSide'
> {
  return { ...candidatesOf(sampling, model.frames, views.clips), shortSide: model.imageSize };
}

/** A store of what evaluation looks at. */
export function centreStore(
  source: FrameSource,
  experiment: ResolvedExperiment,
  onWarning?: FrameStoreOptions['onWarning'],
): FrameStore {
  return new FrameStore(source, { ...evaluationFrames(experiment), limit: storeLimit(), onWarning });
}

/** An eighth of the memory this process may use, at most 4 GiB: a run keeps two stores. */
export function storeLimit(): number {
  const allowed = process.constrainedMemory() || totalmem();
  return Math.min(Math.min(allowed, totalmem()) / 8, 4 * 2 ** 30);
}

/** Where a workspace keeps decoded frames between runs; undefined where the experiment asks for none. */
export function frameCacheOf(
  workspace: string,
  { frameCache }: Pick<ResolvedExperiment, 'frameCache'>,
): FrameThreadOptions['cache'] {
  if (frameCache === 0) return undefined;
  return { folder: join(workspace, '.cover', 'cache', 'frames'), limit: frameCache * 1e9 };
}
