// What a runner does about the sample workspace.
import { resolve } from 'node:path';
import { paced } from '../base/paced.ts';
import { addDatasets } from '../config/edit.ts';
import { loadWorkspace } from '../config/workspace.ts';
import { discoverDatasets } from '../data/discover.ts';
import type { Handlers } from '../protocol/endpoint.ts';
import type { RunnerSurface } from '../protocol/runner.ts';
import type { samplesRequests } from '../protocol/samples.ts';
import type { RunnerOptions } from './handlers.ts';

export function sampleHandlers({
  ffmpeg,
  notify,
}: RunnerOptions): Pick<Handlers<RunnerSurface>, keyof typeof samplesRequests> {
  return {
    'samples/create': async ({ folder: named }, signal) => {
      const folder = resolve(named);
      // Loaded when it is wanted: it draws and encodes, which no other question needs.
      const { createSamplesIn } = await import('../samples/createInFolder.ts');
      const count = paced((_, counted) => notify({ event: 'progress', task: 'draw', ...counted }));
      await createSamplesIn(folder, {
        ...(ffmpeg !== undefined && { ffmpeg }),
        signal,
        onProgress: (done, total) => count('samples', done, total),
      });
      const { text } = await loadWorkspace(folder);
      if (text === '') {
        const found = await discoverDatasets(folder, signal, folder);
        await addDatasets(folder, found);
      }
      return { folder };
    },
  };
}
