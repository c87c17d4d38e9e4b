// Small pictures of samples, made once and kept in `.cover/thumbs` under a name that tells the file's size and time. A decoder of
// its own works on few files at once: pictures are wanted while people look, beside work that matters more.
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { throwIfAborted, UserError } from '../base/errors.ts';
import { stateOf } from '../data/fileState.ts';
import { makeCoverFolder } from '../data/indexFile.ts';
import { mediaKind } from '../data/mediaFiles.ts';
import type { DecodedClip } from '../media/clip.ts';
import type { Decoder } from '../media/decoder.ts';
import type { Sample } from '../protocol/datasets.ts';

export interface StripRequest extends Pick<Sample, 'file' | 'start' | 'end' | 'frames'> {
  kind?: 'video' | 'image' | undefined;
}

export interface Strip {
  /** Absolute path of a JPEG. */
  file: string;
  width: number;
  height: number;
  /** Frames side by side. */
  frames: number;
}

/** Pictures that are kept; the ones not asked for the longest go first. A picture has about 10 kB. */
const mostKept = 20_000;
/** After so many new pictures it is counted how many there are. */
const countedEvery = 1000;

export class FilmStrips {
  private decoder: Promise<Decoder> | undefined;
  private readonly making = new Map<string, Promise<unknown>>();
  private made = 0;

  constructor(private readonly ffmpeg: string | undefined) {}

  /** As the protocol's `sample/strip` says. */
  async strip(
    workspace: string,
    sample: StripRequest,
    { frames, width }: { frames: number; width: number },
    signal: AbortSignal,
  ): Promise<Strip> {
    const kind = sample.kind ?? mediaKind(sample.file) ?? 'video';
    const number = kind === 'image' ? 1 : Math.min(16, Math.max(1, Math.round(frames)));
    const each = Math.round(Math.min(2048, Math.max(16, width)) / number);
    const folder = join(await makeCoverFolder(workspace), 'thumbs');
    const name = nameOf({ ...sample, kind }, number, each);
    for (let waited = false; ; waited = true) {
      throwIfAborted(signal, 'The picture'); // also after having waited for somebody else's
      const known = await this.known(folder, name, number);
      if (known) return known;
      const other = this.making.get(join(folder, name));
      if (!other || waited) break;
      await other.catch(() => undefined); // it may have been aborted by who asked for it
    }
    const work = this.make(folder, name, { ...sample, kind }, number, each, signal);
    this.making.set(join(folder, name), work);
    try {
      return await work;
    } finally {
      if (this.making.get(join(folder, name)) === work) this.making.delete(join(folder, name));
    }
  }

  /** Ends the decoder. */
  async close(): Promise<void> {
    const { decoder } = this;
    this.decoder = undefined;
    await (await decoder?.catch(() => undefined))?.close();
  }

  /** The name ends with the picture's size: "<hash>-160x90.jpg". */
  private async known(folder: string, name: string, frames: number): Promise<Strip | undefined> {
    const names = this.names.get(folder) ?? (await this.list(folder));
    const found = names.get(name);
    if (!found) return undefined;
    const file = join(folder, `${name}-${found.width}x${found.height}.jpg`);
    const now = new Date();
    const isThere = await utimes(file, now, now).then(
      () => true,
      () => false,
    );
    if (isThere) return { file, ...found, frames };
    names.delete(name);
    return undefined;
  }

  /** The pictures of each folder that was asked for: their sizes by name. */
  private readonly names = new Map<string, Map<string, { width: number; height: number }>>();

  private async list(folder: string): Promise<Map<string, { width: number; height: number }>> {
    const names = new Map<string, { width: number; height: number }>();
    for (const entry of await readdir(folder).catch(() => [])) {
      const [, name, width, height] = /^([\w-]{32})-(\d+)x(\d+)\.jpg$/.exec(entry) ?? [];
      if (name !== undefined) names.set(name, { width: Number(width), height: Number(height) });
    }
    this.names.set(folder, names);
    return names;
  }

  private async make(
    folder: string,
    name: string,
    sample: StripRequest & { kind: 'video' | 'image' },
    frames: number,
    each: number,
    signal: AbortSignal,
  ): Promise<Strip> {
    const decoder = await this.open();
    const { file, kind, start, end } = sample;
    const clip = await decoder.decode(
      // Wide frames are larger than needed, tall ones a little smaller.
      { file, kind, start, end, frames: sample.frames, count: frames, shortSide: Math.max(8, Math.ceil(each * 0.75)) },
      signal,
    );
    const { encodeStrip } = await import('../media/sharp.ts');
    const { bytes, width, height } = await encodeStrip(
      sideBySide(clip),
      clip.width * frames,
      clip.height,
      each * frames,
    );
    throwIfAborted(signal, 'The picture');
    await mkdir(folder, { recursive: true });
    const picture = join(folder, `${name}-${width}x${height}.jpg`);
    await writeFileAtomic(picture, [bytes]);
    this.names.get(folder)?.set(name, { width, height });
    if (++this.made % countedEvery === 0) await this.prune(folder);
    return { file: picture, width, height, frames };
  }

  private open(): Promise<Decoder> {
    this.decoder ??= import('../media/decoder.ts').then(({ Decoder }) =>
      Decoder.create({
        ffmpeg: this.ffmpeg,
        workers: Math.max(1, Math.floor(availableParallelism() / 2)),
        timeoutMs: 20_000,
      }),
    );
    const opening = this.decoder;
    opening.catch(() => {
      if (this.decoder === opening) this.decoder = undefined;
    });
    return opening;
  }

  private async prune(folder: string): Promise<void> {
    const files: { file: string; time: number }[] = [];
    for (const entry of await readdir(folder).catch(() => [])) {
      const file = join(folder, entry);
      const facts = await stat(file).catch(() => undefined);
      if (facts) files.push({ file, time: facts.mtimeMs });
    }
    files.sort((a, b) => b.time - a.time);
    for (const { file } of files.slice(mostKept)) await rm(file, { force: true });
  }
}

/** Stands for one picture of the file as it is now. Throws UserError `unreadable-media` where there is none. */
function nameOf(sample: StripRequest & { kind: string }, frames: number, each: number): string {
  const { file, kind, start, end } = sample;
  const found = stateOf(sample);
  if (!found) {
    const told = `${file} could not be read: it is not there, or this account may not read it.`;
    throw new UserError('unreadable-media', told, file);
  }
  const state = [file, found.size, found.mtime, kind, start, end, sample.frames, frames, each];
  return createHash('sha256').update(JSON.stringify(state)).digest('base64url').slice(0, 32);
}

/** The candidates beside one another, [height, count × width, 3]. */
function sideBySide({ data, width, height, frameOf }: DecodedClip): Uint8Array {
  const row = width * 3;
  const strip = new Uint8Array(row * frameOf.length * height);
  for (const [place, frame] of frameOf.entries())
    for (let y = 0; y < height; y++) {
      const from = (frame * height + y) * row;
      strip.set(data.subarray(from, from + row), (y * frameOf.length + place) * row);
    }
  return strip;
}
