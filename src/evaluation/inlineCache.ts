// What models said of clips, kept beside the index: one file for each model, one JSON line a clip, the newest last. One process
// appends while others read: a reader takes up what was added since. A line that cannot be read is passed over.
import { appendFile, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../base/atomicFile.ts';
import type { FileState } from '../data/fileState.ts';
import { makeCoverFolder } from '../data/indexFile.ts';
import { type HeadPredictions, headPredictionsSchema } from '../protocol/events.ts';
import type { InlineClip } from '../protocol/inline.ts';

const lineSchema = z.object({
  clip: z.string(),
  size: z.number(),
  mtime: z.number(),
  heads: headPredictionsSchema,
});
type Line = z.infer<typeof lineSchema>;

export interface CacheLimits {
  /** Clips kept of one model; the oldest go, once there are a quarter more. */
  clips: number;
  /** Models kept in a workspace; the longest unused go. */
  models: number;
}

const usual: CacheLimits = { clips: 40_000, models: 4 };

export class InlineCache {
  private readonly file: string;
  private readonly lines = new Map<string, Line>();
  private offset = 0;
  private inode: number | undefined;
  private isPruned = false;

  constructor(
    private readonly workspace: string,
    digest: string,
    private readonly limits: CacheLimits = usual,
  ) {
    this.file = join(this.folder, `${digest}.jsonl`);
  }

  /** Takes up what is new in the file. Call it before `get`. Never throws: without the file nothing is known. */
  async refresh(): Promise<void> {
    const handle = await open(this.file, 'r').catch(() => undefined);
    if (!handle) return this.forget();
    try {
      const { size, ino } = await handle.stat();
      if (ino !== this.inode || size < this.offset) this.forget();
      this.inode = ino;
      if (size === this.offset) return;
      const bytes = Buffer.alloc(size - this.offset);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, this.offset);
      // The last line may be half written.
      const whole = bytes.subarray(0, bytesRead).lastIndexOf(10) + 1;
      this.offset += whole;
      for (const text of bytes.toString('utf8', 0, whole).split('\n')) this.take(text);
    } catch {
      this.forget();
    } finally {
      await handle.close();
    }
  }

  /** What was said of a clip while its file was in this state. */
  get(clip: InlineClip, state: FileState): HeadPredictions | undefined {
    const line = this.lines.get(keyOf(clip));
    return line && line.size === state.size && line.mtime === state.mtime ? line.heads : undefined;
  }

  /** Keeps what was said. Throws UserError `database-unwritable`, or as writing does. */
  async add(said: readonly { clip: InlineClip; state: FileState; heads: HeadPredictions }[]): Promise<void> {
    if (said.length === 0) return;
    await makeCoverFolder(this.workspace);
    await mkdir(this.folder, { recursive: true });
    if (!this.isPruned) await this.prune();
    const texts = said.map(({ clip, state, heads }) =>
      JSON.stringify({ clip: keyOf(clip), ...state, heads: rounded(heads) } satisfies Line),
    );
    await appendFile(this.file, `${texts.join('\n')}\n`);
  }

  private get folder(): string {
    return join(this.workspace, '.cover', 'inline');
  }

  private forget(): void {
    this.lines.clear();
    this.offset = 0;
    this.inode = undefined;
  }

  private take(text: string): void {
    if (text === '') return;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return;
    }
    const { success, data } = lineSchema.safeParse(value);
    if (!success) return;
    this.lines.delete(data.clip); // the newest stands last
    this.lines.set(data.clip, data);
  }

  /** Once for each process that writes: drops what is too old. */
  private async prune(): Promise<void> {
    this.isPruned = true;
    await this.refresh();
    const { clips, models } = this.limits;
    if (this.lines.size > clips * 1.25) {
      const kept = [...this.lines.values()].slice(-clips);
      await writeFileAtomic(this.file, [kept.map((line) => `${JSON.stringify(line)}\n`).join('')]);
      this.forget();
    }
    const others: { file: string; mtime: number }[] = [];
    for (const name of await readdir(this.folder)) {
      const file = join(this.folder, name);
      const facts = name.endsWith('.jsonl') && file !== this.file ? await stat(file).catch(() => undefined) : undefined;
      if (facts) others.push({ file, mtime: facts.mtimeMs });
    }
    others.sort((a, b) => b.mtime - a.mtime);
    for (const { file } of others.slice(models - 1)) await rm(file, { force: true });
  }
}

function keyOf({ file, start, end, frames }: InlineClip): string {
  return frames
    ? JSON.stringify([file, frames])
    : start === null && end === null
      ? file
      : JSON.stringify([file, start, end]);
}

/** Four digits are more than anybody reads, and half of the file. */
function rounded(heads: HeadPredictions): HeadPredictions {
  return Object.fromEntries(
    Object.entries(heads).map(([head, top]) => [
      head,
      top.map(({ label, probability }) => ({ label, probability: Math.round(probability * 1e4) / 1e4 })),
    ]),
  );
}
