// `cover sample DIR`: makes the sample workspace, drawn by this program.
import { resolve } from 'node:path';
import { paced } from '../base/paced.ts';
import { createSamplesIn } from '../samples/createInFolder.ts';
import type { Context, ExitCode } from './context.ts';

export async function sampleCommand({ output, ffmpeg, signal }: Context, dir: string): Promise<ExitCode> {
  const folder = resolve(dir);
  const count = paced((_, counted) => output.event({ event: 'progress', task: 'draw', ...counted }));
  await createSamplesIn(folder, {
    ...(ffmpeg !== undefined && { ffmpeg }),
    signal,
    onProgress: (done, total) => count('samples', done, total),
  });
  output.settle();
  output.event({ event: 'workspace', workspace: folder });
  output.result(`The sample workspace is in ${folder}.`);
  return 0;
}
