// Hash of a file's bytes, or of the frames of a folder, read in pieces.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { FrameFolders } from '../data/frameFolders.ts';
import type { Sample } from '../protocol/datasets.ts';

/** SHA-256 in hex; undefined where it cannot be read. `frames`: of which images, where `file` is a folder of `folders`. */
export async function contentHash(
  { file, frames }: Pick<Sample, 'file' | 'frames'>,
  folders: FrameFolders,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    const files = frames ? await folders.filesOf(file, frames, (await stat(file)).mtimeMs) : [file];
    if (!files?.length) return undefined;
    for (const one of files) await add(hash, one, signal);
    return hash.digest('hex');
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

async function add(hash: ReturnType<typeof createHash>, file: string, signal: AbortSignal | undefined): Promise<void> {
  const stream = createReadStream(file, { highWaterMark: 1 << 20, ...(signal && { signal }) });
  for await (const chunk of stream) hash.update(chunk as Buffer);
}
