// Hash of a file's bytes, or of the frames of a folder, read in pieces.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { frameName } from '../base/frameNames.ts';
import type { Sample } from '../protocol/datasets.ts';

/** SHA-256 in hex; undefined where it cannot be read. `frames`: of which images, where `file` is a folder of them. */
export async function contentHash(
  { file, frames }: Pick<Sample, 'file' | 'frames'>,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    if (!frames) await add(hash, file, signal);
    else
      for (let n = frames.first; n < frames.first + frames.count; n++)
        await add(hash, join(file, frameName(frames.pattern, n)), signal).catch((error: unknown) => {
          if (n === frames.first || signal?.aborted) throw error;
          hash.update('missing'); // a gap in the numbers, which a copy has as well
        });
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
