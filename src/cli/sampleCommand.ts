// `cover sample DIR`: makes the sample workspace, drawn by this program.
import { mkdir, readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UserError } from '../base/errors.ts';
import { paced } from '../base/paced.ts';
import { createSampleWorkspace, sampleMarker } from '../samples/workspace.ts';
import type { Context, ExitCode } from './context.ts';

/** What an interrupted `cover sample` may have left. */
const own = /^(\.cover|cover\.json|(motion|shapes|textures)-mini)$/;

export async function sampleCommand({ output, ffmpeg, signal }: Context, dir: string): Promise<ExitCode> {
  const folder = resolve(dir);
  await mkdir(folder, { recursive: true });
  const entries = await readdir(folder);
  const count = paced((_, counted) => output.event({ event: 'progress', task: 'draw', ...counted }));
  if (!entries.includes(sampleMarker)) {
    const other = entries.find((name) => !own.test(name));
    if (other !== undefined)
      throw new UserError('folder-in-use', `${folder} holds other files (${other}). Name an empty folder.`, folder);
    await createSampleWorkspace(folder, {
      ...(ffmpeg !== undefined && { ffmpeg }),
      signal,
      onProgress: (done, total) => count('samples', done, total),
    });
  }
  output.settle();
  output.event({ event: 'workspace', workspace: folder });
  output.result(`The sample workspace is in ${folder}.`);
  return 0;
}
