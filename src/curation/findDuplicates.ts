// Finds samples that are copies of one another in all datasets and splits: by the YouTube id in their names, by their bytes, and
// by how their frames look. What was read of files is kept in `.cover/fingerprints.duckdb`.
import { CancelledError, UserError } from '../base/errors.ts';
import { type Counted, paced } from '../base/paced.ts';
import { readSamples } from '../data/datasetIndex.ts';
import { FrameFolders } from '../data/frameFolders.ts';
import { Decoder } from '../media/decoder.ts';
import type { DuplicatesReport } from '../protocol/duplicates.ts';
import { type Compared, comparedSamples, overlap, partOfFile } from './compared.ts';
import { contentHash } from './contentHash.ts';
import { isByDesign, isLeak, reportOf, type Together } from './findings.ts';
import {
  type Fingerprint,
  fingerprintOf,
  frameSide,
  packFingerprint,
  unpackFingerprint,
  videoFrames,
} from './fingerprint.ts';
import { readFingerprints, writeFingerprints } from './fingerprintFile.ts';
import { Groups, groupBy, linkedGroups } from './groups.ts';
import { nearPairs } from './nearPairs.ts';
import { type Known, readOnce, type Wanted } from './readOnce.ts';
import { type FromVideo, samePart, videosOf } from './sameVideo.ts';
import { storeFindings } from './storedFindings.ts';
import { siblingKey } from './videoId.ts';

export interface FindOptions {
  workspace: string;
  /** Names of the datasets to compare, as the index has them, which should be up to date. */
  datasets: readonly string[];
  /** Whether to remember the findings for warnings. Not, where only some datasets are compared. */
  store: boolean;
  /** Datasets of the index that cannot be compared now: what was found of them before stays remembered. */
  passedOver?: readonly string[] | undefined;
  /** A native ffmpeg to use. */
  ffmpeg?: string | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((what: string, counted: Counted) => void) | undefined;
}

export interface FoundDuplicates {
  readonly found: readonly Together[];
  readonly report: DuplicatesReport;
}

/** Throws UserError (database, ffmpeg) and CancelledError; what was read until then is kept. */
export async function findDuplicates(options: FindOptions): Promise<FoundDuplicates> {
  const { workspace, datasets, passedOver = [], signal } = options;
  const onProgress = paced((what, counted) => options.onProgress?.(what, counted));
  const { compared, absent } = await comparedSamples(workspace, datasets, { signal, onProgress });
  try {
    const finder = new Finder(compared, { ...options, tell: onProgress });
    const found = await finder.find();
    if (options.store) {
      for (const dataset of passedOver) absent.push(...(await readSamples(workspace, dataset)));
      await storeFindings(workspace, found, absent);
    }
    return { found, report: reportOf(found, { compared: compared.length, unreadable: finder.unreadable }) };
  } catch (error) {
    if (signal?.aborted) throw new CancelledError('Comparing');
    throw error;
  }
}

type Tell = (what: string, done: number, total: number) => void;

class Finder {
  /** Clips whose frames could not be read. */
  unreadable = 0;
  private readonly found: Together[] = [];
  /** Which findings each clip is in already: weaker evidence for the same is not told again. */
  private readonly known = new Map<Compared, number[]>();
  private readonly videos: Map<Compared, FromVideo | undefined>;

  constructor(
    private readonly all: readonly Compared[],
    private readonly options: FindOptions & { tell: Tell },
  ) {
    const videos = videosOf(all);
    this.videos = new Map(all.map((one, i) => [one, videos[i]]));
  }

  async find(): Promise<Together[]> {
    const contents = await this.contents();
    for (const same of contents.values()) {
      if (same.length < 2) continue;
      for (const group of linkedGroups(same, sharesBytes))
        this.add(group, { evidence: 'bytes', distance: null, detail: '' });
      this.addSource(same, 'one file');
    }
    // Parts of one folder of frames that share some of them are not of the same content.
    for (const same of groupBy(this.all, ({ sample }) => sample.frames && sample.file).values()) {
      if (same.length < 2) continue;
      for (const group of linkedGroups(same, overlapping))
        if (isLeak({ samples: group.map(({ sample }) => sample) }))
          this.add(group, { evidence: 'bytes', distance: null, detail: '' });
      this.addSource(same, 'one folder of frames');
    }
    for (const [id, same] of groupBy(this.all, (one) => this.videos.get(one)?.id)) {
      if (same.length < 2) continue;
      const linked = (a: Compared, b: Compared) => samePart(this.videos.get(a)!, this.videos.get(b)!);
      for (const group of linkedGroups(same, linked))
        this.add(group, { evidence: 'video', distance: null, detail: `YouTube video ${id}` });
      this.addSource(same, `YouTube video ${id}`);
    }
    await this.looks(contents);
    return this.found;
  }

  private add(members: readonly Compared[], rest: Omit<Together, 'samples'>): void {
    const [first, ...others] = members.map((one) => this.known.get(one) ?? []);
    if (first!.some((finding) => others.every((known) => known.includes(finding)))) return;
    const together = { ...rest, samples: members.map(({ sample }) => sample) };
    if (isByDesign(together)) return;
    for (const one of members) this.known.set(one, [...(this.known.get(one) ?? []), this.found.length]);
    this.found.push(together);
  }

  /** Other parts of one source are worth telling only where they are on both sides of an evaluation. */
  private addSource(members: readonly Compared[], detail: string): void {
    if (isLeak({ samples: members.map(({ sample }) => sample) }))
      this.add(members, { evidence: 'source', distance: null, detail });
  }

  /** Samples by the bytes of their file. Only files of equal size are read. */
  private async contents(): Promise<Map<string, Compared[]>> {
    const { workspace, signal, tell } = this.options;
    const files = groupBy(this.all, ({ sample }) => contentKey(sample));
    const bySize = groupBy(files.keys(), (key) => {
      const { size, sample } = files.get(key)![0]!;
      return `${sample.frames ? 'frames' : 'bytes'} ${size}`;
    });
    const wanted = [...bySize.values()]
      .filter((same) => same.length > 1)
      .flat()
      .map((key) => ({ key, ...files.get(key)![0]! }));
    const known = await this.stored<string>('SELECT file AS key, size, mtime, hash AS value FROM contents', (v) => v);
    const folders = new FrameFolders();
    const hashes = await readOnce({
      wanted,
      known,
      read: ({ sample }) => contentHash(sample, folders, signal),
      keep: (entries) =>
        writeFingerprints(workspace, async (database) => {
          for (const { wanted } of entries)
            if (known.has(wanted.key))
              await database.run('DELETE FROM contents WHERE file = $key', { key: wanted.key });
          await database.append('contents', {
            file: entries.map(({ wanted }) => wanted.key),
            size: entries.map(({ wanted }) => wanted.size),
            mtime: entries.map(({ wanted }) => wanted.mtime),
            hash: entries.map(({ value }) => value),
          });
        }),
      onProgress: (done, total) => tell('bytes', done, total),
      signal,
    });
    return groupBy(this.all, ({ sample }) => {
      const key = contentKey(sample);
      return hashes.get(key) ?? key;
    });
  }

  private async looks(contents: ReadonlyMap<string, readonly Compared[]>): Promise<void> {
    // The same part of the same bytes is looked at once.
    const clips: Compared[][] = [];
    for (const same of contents.values())
      clips.push(...groupBy(same, ({ sample: { kind, start, end } }) => `${kind} ${start} ${end}`).values());
    const fingerprints = await this.fingerprints(clips.map(([first]) => first!));
    this.unreadable = clips.length - fingerprints.size;
    for (const kind of ['image', 'video'] as const) {
      const own = clips.filter(([first]) => first!.sample.kind === kind && fingerprints.has(first!.clip));
      const prints = own.map(([first]) => fingerprints.get(first!.clip)!);
      const pairs = await nearPairs(prints, {
        signal: this.options.signal,
        onProgress: (done, total) => this.options.tell(`${kind}s`, done, total),
      });
      const groups = new Groups(own.length);
      const told = pairs.filter(({ a, b }) => this.mayBeCopies(own[a]![0]!, own[b]![0]!));
      for (const { a, b } of told) groups.join(a, b);
      for (const alike of groupBy(told, ({ a }) => groups.root(a)).values()) {
        const members = [...new Set(alike.flatMap(({ a, b }) => [a, b]))].sort((a, b) => a - b);
        const distance = Math.max(...alike.map((pair) => pair.distance));
        const detail = alike.some(({ mirrored }) => mirrored) ? 'mirrored' : '';
        this.add(
          members.flatMap((i) => own[i]!),
          { evidence: 'look', distance, detail },
        );
      }
    }
  }

  /** Clips that were cut from one source on purpose may look alike. */
  private mayBeCopies(a: Compared, b: Compared): boolean {
    const [videoA, videoB] = [this.videos.get(a), this.videos.get(b)];
    if (videoA && videoB && videoA.id === videoB.id && !samePart(videoA, videoB)) return false;
    if (a.sample.file === b.sample.file) return overlapping(a, b);
    const [siblingA, siblingB] = [siblingKey(a.sample.file), siblingKey(b.sample.file)];
    const { dataset } = a.sample;
    return siblingA === undefined || siblingA !== siblingB || dataset !== b.sample.dataset;
  }

  private async fingerprints(clips: readonly Compared[]): Promise<Map<string, Fingerprint>> {
    const { workspace, ffmpeg, signal, tell } = this.options;
    const known = await this.stored<Fingerprint>(
      'SELECT clip AS key, size, mtime, fingerprint AS value FROM looks',
      (value) => unpackFingerprint(value as unknown as Uint8Array),
    );
    let decoder: Promise<Decoder> | undefined;
    const read = async ({ sample }: Compared & Wanted): Promise<Fingerprint | undefined> => {
      decoder ??= Decoder.create({ ffmpeg });
      const { file, kind, start, end, frames } = sample;
      const count = kind === 'image' ? 1 : videoFrames;
      try {
        const request = { file, kind, start, end, count, shortSide: frameSide, ...(frames && { frames }) };
        return fingerprintOf(await (await decoder).decode(request, signal), kind);
      } catch (error) {
        if (error instanceof UserError && error.code === 'unreadable-media') return undefined;
        throw error;
      }
    };
    try {
      return await readOnce({
        wanted: clips.map((one) => ({ ...one, key: one.clip })),
        known,
        read,
        keep: (entries) =>
          writeFingerprints(workspace, async (database) => {
            for (const { wanted } of entries)
              if (known.has(wanted.key)) await database.run('DELETE FROM looks WHERE clip = $key', { key: wanted.key });
            await database.append('looks', {
              clip: entries.map(({ wanted }) => wanted.key),
              size: entries.map(({ wanted }) => wanted.size),
              mtime: entries.map(({ wanted }) => wanted.mtime),
              fingerprint: entries.map(({ value }) => packFingerprint(value)),
            });
          }),
        onProgress: (done, total) => tell('frames', done, total),
        signal,
      });
    } finally {
      await (await decoder)?.close();
    }
  }

  /** What was read before, by key. */
  private async stored<V>(sql: string, from: (value: string) => V | undefined): Promise<Map<string, Known<V>>> {
    const rows = await readFingerprints(
      this.options.workspace,
      (database) => database.all<{ key: string; size: number; mtime: number; value: string }>(sql),
      { signal: this.options.signal },
    );
    const known = new Map<string, Known<V>>();
    for (const { key, size, mtime, value: raw } of rows ?? []) {
      const value = from(raw);
      if (value !== undefined) known.set(key, { size, mtime, value });
    }
    return known;
  }
}

/** Of two with the same content: of a folder it is that of the part alone, whatever numbers its frames have. */
function sharesBytes(a: Compared, b: Compared): boolean {
  return a.sample.frames !== undefined || b.sample.frames !== undefined || overlapping(a, b);
}

function overlapping({ sample: a }: Compared, { sample: b }: Compared): boolean {
  return overlap(partOfFile(a), partOfFile(b));
}

/** The file; of a folder the frames that belong to the clip. */
function contentKey({ file, frames }: Compared['sample']): string {
  return frames ? JSON.stringify([file, frames]) : file;
}
