// What a model said of the windows of a video, remembered in .cover/cache/timelines by the file's and the model's size and time:
// a long video asked again, after a restart too, is answered at once.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { stateOf } from '../data/fileState.ts';
import type { Sample } from '../protocol/datasets.ts';
import { headPredictionsSchema } from '../protocol/events.ts';
import { timelinePlanSchema } from '../protocol/predictions.ts';

const rememberedSchema = z.object({
  key: z.string(),
  plan: timelinePlanSchema,
  windows: z.array(headPredictionsSchema),
  warning: z.string().nullable(),
});
export type Remembered = z.infer<typeof rememberedSchema>;

/** Videos kept; the ones longest not asked for go. */
const mostFiles = 200;

export class TimelineCache {
  private last: Remembered | undefined;

  /** What is known under `key`: the first windows, or all of them. */
  async get(workspace: string, key: string): Promise<Remembered | undefined> {
    if (this.last?.key === key) return this.last;
    const file = fileOf(workspace, key);
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      const found = rememberedSchema.parse(JSON.parse(text));
      if (found.key !== key) return undefined;
      await utimes(file, new Date(), new Date()).catch(() => undefined); // younger than those not asked for
      this.last = found;
      return found;
    } catch {
      return undefined; // damaged: it is made anew
    }
  }

  /** Keeps it in memory, and on the disk where it is whole or stopped part of the way. A full disk loses the memory only. */
  async put(workspace: string, remembered: Remembered): Promise<void> {
    this.last = remembered;
    const file = fileOf(workspace, remembered.key);
    try {
      await mkdir(folderOf(workspace), { recursive: true });
      await writeFileAtomic(file, [JSON.stringify(remembered)]);
      await this.forgetOld(workspace);
    } catch {
      // It is computed again next time.
    }
  }

  private async forgetOld(workspace: string): Promise<void> {
    const folder = folderOf(workspace);
    const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
    if (names.length <= mostFiles) return;
    const files = await Promise.all(
      names.map(async (name) => ({
        name,
        used: (await stat(join(folder, name)).catch(() => undefined))?.mtimeMs ?? 0,
      })),
    );
    files.sort((a, b) => a.used - b.used);
    for (const { name } of files.slice(0, names.length - mostFiles)) await rm(join(folder, name), { force: true });
  }
}

function folderOf(workspace: string): string {
  return join(resolve(workspace), '.cover', 'cache', 'timelines');
}

function fileOf(workspace: string, key: string): string {
  return join(folderOf(workspace), `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`);
}

/** A file, or the frames of a clip, as they are now: path, size and time. */
export function asItIs(clip: Pick<Sample, 'file' | 'frames'>): string {
  const found = stateOf(clip);
  return `${resolve(clip.file)} ${found?.size ?? 0} ${found?.mtime ?? 0}`;
}
