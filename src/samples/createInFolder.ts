// The sample workspace in a folder that a person names: never among other files, and once it is whole not drawn again.
import { readdir } from 'node:fs/promises';
import { makeFolders, unwritable } from '../base/atomicFile.ts';
import { UserError } from '../base/errors.ts';
import { requireFfmpeg } from '../media/ffmpeg.ts';
import { createSampleWorkspace, type SampleOptions, sampleMarker } from './workspace.ts';

/** What an interrupted one may have left. */
const own = /^(\.cover|cover\.json|(motion|shapes|textures)-mini)$/;

/** Throws UserError `folder-in-use`, `folder-unwritable`, and as `createSampleWorkspace` does. */
export async function createSamplesIn(folder: string, options: SampleOptions): Promise<void> {
  await requireFfmpeg(options.ffmpeg);
  await makeFolders(folder);
  const entries = await readdir(folder).catch((error: unknown) => {
    throw unwritable('folder-unwritable', error, folder);
  });
  if (entries.includes(sampleMarker)) return;
  const other = entries.find((name) => !own.test(name));
  if (other !== undefined)
    throw new UserError('folder-in-use', `${folder} holds other files (${other}). Name an empty folder.`, folder);
  await createSampleWorkspace(folder, options);
}
