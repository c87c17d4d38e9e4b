// The sample workspace: datasets that this program draws itself, to look around in.
import { z } from 'zod';
import { request } from './surface.ts';

export const samplesRequests = {
  /**
   * Draws two small video datasets and one of images into a folder, made if missing, and writes its cover.json. Progress arrives
   * as `job/event`. Where an earlier one was finished, nothing is drawn. Rejects with `folder-in-use` where something else lies in
   * the folder.
   */
  'samples/create': request(z.object({ folder: z.string() }), z.object({ folder: z.string() })),
} as const;
