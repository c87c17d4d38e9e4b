// Decoded frames kept on disk between runs (`.cover/cache/frames`), as bytes, up to a size. An entry is a file of its own,
// named by what it was made of, put in place by one rename: processes that share the folder, and crashes, leave whole
// entries or none. Whatever cannot be read, does not add up or cannot be written is as if it were not there.
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ClipRequest, DecodedClip } from '../media/clip.ts';

/** Part of every name: entries of another version of decoding are not found, and go when room is needed. */
const version = 2;
const magic = Buffer.from('CVRFRAM1');
const suffix = '.frames';
/** A temporary file of this age, in ms, was left by a process that is gone. */
const stale = 3_600_000;
/** After writing so large a share of the limit, this process looks what others have written. */
const lookAgainShare = 0.05;
/** When the limit is passed, the least recently used go until this share of it is left. */
const keptShare = 0.9;

const headerSchema = z.object({
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  frames: z.number().int().positive(),
  frameOf: z.array(z.number().int().nonnegative()),
  duration: z.number().nullable(),
  warning: z.string().optional(),
});

interface Entry {
  readonly bytes: number;
  readonly used: number;
}

export class DiskFrames {
  private readonly entries = new Map<string, Entry>();
  private total = 0;
  private writtenSinceLook = 0;
  private trimming: Promise<void> | undefined;

  private constructor(
    private readonly folder: string,
    private readonly limit: number,
  ) {}

  /** `limit`: most bytes on disk, which two processes together may pass by a tenth for a while. */
  static async open(folder: string, limit: number): Promise<DiskFrames> {
    const cache = new DiskFrames(folder, limit);
    await mkdir(folder, { recursive: true });
    await cache.look();
    await cache.trim();
    return cache;
  }

  /** Takes stock of the folder, and clears what a crash left of unfinished entries. */
  private async look(): Promise<void> {
    this.writtenSinceLook = 0;
    const there = new Set(await readdir(this.folder));
    for (const name of [...this.entries.keys()]) if (!there.has(name)) this.forget(name);
    for (const name of there) {
      const found = await stat(join(this.folder, name)).catch(() => undefined);
      if (!found?.isFile()) continue;
      if (name.endsWith(suffix)) this.note(name, { bytes: found.size, used: found.mtimeMs });
      else if (name.endsWith('.part') && Date.now() - found.mtimeMs > stale)
        await rm(join(this.folder, name), { force: true }).catch(() => undefined);
    }
  }

  /** Bytes on disk, as far as this process knows. */
  get bytes(): number {
    return this.total;
  }

  /** The name of the entry for a request, or undefined where the file cannot be looked at. */
  async nameOf(request: ClipRequest): Promise<string | undefined> {
    const found = await stat(request.file).catch(() => undefined);
    // A folder of frames has no time or size that tells of its files.
    if (!found?.isFile()) return undefined;
    const { size, mtimeMs } = found;
    const made = JSON.stringify([version, size, mtimeMs, Object.entries(request).sort(([a], [b]) => (a < b ? -1 : 1))]);
    return createHash('sha256').update(made).digest('hex').slice(0, 40) + suffix;
  }

  async read(name: string): Promise<DecodedClip | undefined> {
    const file = join(this.folder, name);
    const bytes = await readFile(file).catch(() => undefined);
    if (!bytes) return undefined;
    const clip = parse(bytes);
    if (!clip) {
      this.forget(name);
      await rm(file, { force: true }).catch(() => undefined);
      return undefined;
    }
    const now = new Date();
    this.note(name, { bytes: bytes.length, used: now.getTime() });
    await utimes(file, now, now).catch(() => undefined);
    return clip;
  }

  async write(name: string, clip: DecodedClip): Promise<void> {
    const bytes = serialise(clip);
    if (bytes.length > this.limit * keptShare) return;
    const part = join(this.folder, `${name}.${process.pid}.${Math.random().toString(36).slice(2)}.part`);
    try {
      // Not synced: an entry that a power cut left torn fails its checksum, and is decoded again.
      const file = await open(part, 'wx');
      try {
        await file.writeFile(bytes);
      } finally {
        await file.close();
      }
      await rename(part, join(this.folder, name));
      this.note(name, { bytes: bytes.length, used: Date.now() });
      this.writtenSinceLook += bytes.length;
      await this.trim();
    } catch {
      await rm(part, { force: true }).catch(() => undefined); // a full disk, for example: then nothing is kept
    }
  }

  private note(name: string, entry: Entry): void {
    this.forget(name);
    this.entries.set(name, entry);
    this.total += entry.bytes;
  }

  private forget(name: string): void {
    this.total -= this.entries.get(name)?.bytes ?? 0;
    this.entries.delete(name);
  }

  private trim(): Promise<void> {
    this.trimming ??= this.removeOldest().finally(() => {
      this.trimming = undefined;
    });
    return this.trimming;
  }

  private async removeOldest(): Promise<void> {
    if (this.writtenSinceLook > this.limit * lookAgainShare) await this.look();
    if (this.total <= this.limit) return;
    for (const [name] of [...this.entries].sort(([, a], [, b]) => a.used - b.used)) {
      if (this.total <= this.limit * keptShare) break;
      this.forget(name);
      await rm(join(this.folder, name), { force: true }).catch(() => undefined); // in use on Windows: goes another time
    }
  }
}

/** magic, SHA-256 of the rest, length of the header, the header as JSON, the frames. */
function serialise({ data, frameOf, ...clip }: DecodedClip): Buffer {
  const header = Buffer.from(JSON.stringify({ ...clip, frameOf: [...frameOf] }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  return Buffer.concat([magic, digest([length, header, data]), length, header, data]);
}

function parse(bytes: Buffer): DecodedClip | undefined {
  const begin = magic.length + 32;
  if (bytes.length < begin + 4 || !bytes.subarray(0, magic.length).equals(magic)) return undefined;
  if (!digest([bytes.subarray(begin)]).equals(bytes.subarray(magic.length, begin))) return undefined;
  const at = begin + 4 + bytes.readUInt32LE(begin);
  try {
    const { frameOf, warning, ...header } = headerSchema.parse(JSON.parse(bytes.toString('utf8', begin + 4, at)));
    const data = new Uint8Array(bytes.subarray(at));
    if (data.length !== header.frames * header.width * header.height * 3) return undefined;
    if (frameOf.some((n) => n >= header.frames)) return undefined;
    return { ...header, data, frameOf: Uint16Array.from(frameOf), ...(warning !== undefined && { warning }) };
  } catch {
    return undefined;
  }
}

function digest(parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
