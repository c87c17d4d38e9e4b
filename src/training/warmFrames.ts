// Decodes what fits in memory before the first step, so that broken files are told now and not hours later.
import { paced } from '../base/paced.ts';
import { type FrameStore, isUnreadable } from '../clips/frameStore.ts';
import type { Sample } from '../protocol/datasets.ts';
import type { JobEvent } from '../protocol/events.ts';
import type { ToldProblems } from './toldProblems.ts';

/** So many at once: a hundred thousand promises would be a memory problem of their own. */
const slice = 64;

export async function warmFrames(
  store: FrameStore,
  samples: readonly Sample[],
  {
    problems,
    signal,
    onEvent,
  }: { problems: ToldProblems; signal: AbortSignal | undefined; onEvent(event: JobEvent): void },
): Promise<void> {
  const count = paced((_, counted) => onEvent({ event: 'progress', task: 'decode', ...counted }));
  let done = 0;
  const one = async (sample: Sample) => {
    if (store.hasRoom) {
      await store.get(sample, signal).catch((error: unknown) => {
        if (!isUnreadable(error)) throw error;
        problems.addOf(sample, 'error', error.message);
      });
    }
    count('decode', ++done, samples.length);
  };
  for (let start = 0; start < samples.length; start += slice)
    await Promise.all(samples.slice(start, start + slice).map(one));
}
